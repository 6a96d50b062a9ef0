noinst_LIBRARIES += libsslproxy.a
libsslproxy_a_SOURCES = \
	src/proto/sslproxy/line.c \
	src/proto/sslproxy/line.h \
	src/proto/sslproxy/sslproxy.c \
	src/proto/sslproxy/sslproxy.h
EXTRA_DIST += src/proto/sslproxy/NOTES.md

if HAVE_CMOCKA
check_PROGRAMS += src/proto/sslproxy/sslproxy_test
src_proto_sslproxy_sslproxy_test_SOURCES = src/proto/sslproxy/sslproxy_test.c $(DUPLEX_TEST)
src_proto_sslproxy_sslproxy_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_sslproxy_sslproxy_test_LDADD = libsslproxy.a libproto.a libitem.a libcore.a $(CMOCKA_LIBS)
endif
