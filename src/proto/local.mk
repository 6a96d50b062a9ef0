noinst_LIBRARIES += libproto.a
libproto_a_SOURCES = src/proto/proto.c src/proto/proto.h

# Transcripts played to a parser, for the unit tests of several protocols.
DUPLEX_TEST = src/proto/duplex_test.c src/proto/duplex_test.h

include src/proto/http1/local.mk
include src/proto/tls/local.mk
include src/proto/dns/local.mk
include src/proto/ssh/local.mk
include src/proto/smtp/local.mk
include src/proto/socks/local.mk

