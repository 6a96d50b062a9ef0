noinst_LIBRARIES += libproxyproto.a
libproxyproto_a_SOURCES = \
	src/proto/proxyproto/header.c \
	src/proto/proxyproto/header.h \
	src/proto/proxyproto/header_v2.c \
	src/proto/proxyproto/proxyproto.c \
	src/proto/proxyproto/proxyproto.h
EXTRA_DIST += src/proto/proxyproto/NOTES.md

if HAVE_CMOCKA
check_PROGRAMS += src/proto/proxyproto/proxyproto_test
src_proto_proxyproto_proxyproto_test_SOURCES = src/proto/proxyproto/proxyproto_test.c $(DUPLEX_TEST)
src_proto_proxyproto_proxyproto_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_proxyproto_proxyproto_test_LDADD = libproxyproto.a libproto.a libitem.a libcore.a $(CMOCKA_LIBS)
endif
