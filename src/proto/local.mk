noinst_LIBRARIES += libproto.a
libproto_a_SOURCES = src/proto/proto.c src/proto/proto.h

include src/proto/http1/local.mk
include src/proto/tls/local.mk
include src/proto/dns/local.mk
include src/proto/ssh/local.mk
include src/proto/smtp/local.mk
include src/proto/socks/local.mk

# The table names every protocol, so it is linked by those who have them all.
PROTO_TABLE = src/proto/table.c
