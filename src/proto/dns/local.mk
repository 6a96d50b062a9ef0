noinst_LIBRARIES += libdns.a
libdns_a_SOURCES = \
	src/proto/dns/dns.c src/proto/dns/dns.h \
	src/proto/dns/dns_buffers.c \
	src/proto/dns/dns_log.c \
	src/proto/dns/dns_message.c src/proto/dns/dns_message.h \
	src/proto/dns/dns_names.c \
	src/proto/dns/dns_options.c \
	src/proto/dns/dns_private.h \
	src/proto/dns/dns_probe.c \
	src/proto/dns/dns_text.c src/proto/dns/dns_text.h

if HAVE_CMOCKA
DNS_TEST_LIBS = libdns.a libproto.a libconfig.a libitem.a libcore.a $(YAML_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += src/proto/dns/dns_test src/proto/dns/dns_message_test src/proto/dns/dns_options_test
src_proto_dns_dns_test_SOURCES = src/proto/dns/dns_test.c src/proto/dns/test_messages.h
src_proto_dns_dns_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_dns_dns_test_LDADD = $(DNS_TEST_LIBS)
src_proto_dns_dns_message_test_SOURCES = src/proto/dns/dns_message_test.c src/proto/dns/test_messages.h
src_proto_dns_dns_message_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_dns_dns_message_test_LDADD = $(DNS_TEST_LIBS)
src_proto_dns_dns_options_test_SOURCES = src/proto/dns/dns_options_test.c src/proto/dns/test_messages.h
src_proto_dns_dns_options_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_dns_dns_options_test_LDADD = $(DNS_TEST_LIBS)
endif
