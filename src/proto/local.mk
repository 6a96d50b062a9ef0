noinst_LIBRARIES += libproto.a
libproto_a_SOURCES = \
	src/proto/capsule.c src/proto/capsule.h \
	src/proto/chunked.c src/proto/chunked.h \
	src/proto/deflate.c src/proto/deflate.h src/proto/deflate_private.h \
	src/proto/deflate_zlib.c \
	src/proto/file.c src/proto/file.h \
	src/proto/inflate.c src/proto/inflate.h \
	src/proto/proto.c src/proto/proto.h \
	src/proto/wschannel.c src/proto/wschannel.h \
	src/proto/wsframe.c src/proto/wsframe.h
libproto_a_CPPFLAGS = $(AM_CPPFLAGS) $(ISAL_CFLAGS)
if HAVE_ISAL
libproto_a_SOURCES += src/proto/deflate_isal.c
endif

if HAVE_CMOCKA
check_PROGRAMS += src/proto/capsule_test
src_proto_capsule_test_SOURCES = src/proto/capsule_test.c
src_proto_capsule_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_capsule_test_LDADD = libproto.a libcore.a $(CMOCKA_LIBS)
endif

# Transcripts played to a parser, for the unit tests of several protocols.
DUPLEX_TEST = src/proto/duplex_test.c src/proto/duplex_test.h

if HAVE_CMOCKA
check_PROGRAMS += src/proto/wsframe_test
src_proto_wsframe_test_SOURCES = src/proto/wsframe_test.c
src_proto_wsframe_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_wsframe_test_LDADD = libproto.a libcore.a $(CMOCKA_LIBS)
endif

include src/proto/http1/local.mk
include src/proto/http2/local.mk
include src/proto/tls/local.mk
include src/proto/dns/local.mk
include src/proto/ssh/local.mk
include src/proto/mime/local.mk
include src/proto/smtp/local.mk
include src/proto/socks/local.mk
include src/proto/icap/local.mk

include src/proto/proxyproto/local.mk
include src/proto/sslproxy/local.mk
include src/proto/websocket/local.mk

if HAVE_CMOCKA
check_PROGRAMS += src/proto/chunked_test
src_proto_chunked_test_SOURCES = src/proto/chunked_test.c
src_proto_chunked_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_chunked_test_LDADD = libproto.a libcore.a $(CMOCKA_LIBS)
endif

if HAVE_CMOCKA
check_PROGRAMS += src/proto/deflate_test
src_proto_deflate_test_SOURCES = src/proto/deflate_test.c
src_proto_deflate_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_deflate_test_LDADD = libproto.a libcore.a $(BROTLI_LIBS) $(ISAL_LIBS) $(ZLIB_LIBS) $(CMOCKA_LIBS)
endif
