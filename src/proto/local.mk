noinst_LIBRARIES += libproto.a
libproto_a_SOURCES = \
	src/proto/chunked.c src/proto/chunked.h \
	src/proto/proto.c src/proto/proto.h

# Transcripts played to a parser, for the unit tests of several protocols.
DUPLEX_TEST = src/proto/duplex_test.c src/proto/duplex_test.h

include src/proto/http1/local.mk
include src/proto/tls/local.mk
include src/proto/dns/local.mk
include src/proto/ssh/local.mk
include src/proto/smtp/local.mk
include src/proto/socks/local.mk
include src/proto/icap/local.mk


if HAVE_CMOCKA
check_PROGRAMS += src/proto/chunked_test
src_proto_chunked_test_SOURCES = src/proto/chunked_test.c
src_proto_chunked_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_chunked_test_LDADD = libproto.a libcore.a $(CMOCKA_LIBS)
endif
