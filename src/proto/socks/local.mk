# proto/socks
noinst_LIBRARIES += libsocks.a
libsocks_a_SOURCES = \
	src/proto/socks/address.c src/proto/socks/address.h \
	src/proto/socks/auth5.c \
	src/proto/socks/log.c \
	src/proto/socks/negotiation.h \
	src/proto/socks/probe.c \
	src/proto/socks/socks.c src/proto/socks/socks.h \
	src/proto/socks/socks4.c \
	src/proto/socks/socks5.c \
	src/proto/socks/udp.c src/proto/socks/udp.h \
	src/proto/socks/udp_probe.c \
	src/proto/socks/udp_queue.c \
	src/proto/socks/udp_targets.c
EXTRA_DIST += src/proto/socks/NOTES.md

if HAVE_CMOCKA
check_PROGRAMS += src/proto/socks/probe_test src/proto/socks/socks_test \
	src/proto/socks/udp_test
SOCKS_TEST_LIBS = libsocks.a libproto.a libconfig.a libitem.a libcore.a $(YAML_LIBS) $(CMOCKA_LIBS)
src_proto_socks_probe_test_SOURCES = src/proto/socks/probe_test.c \
	src/proto/socks/test_talks.c src/proto/socks/test_talks.h
src_proto_socks_probe_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_socks_probe_test_LDADD = $(SOCKS_TEST_LIBS)
src_proto_socks_socks_test_SOURCES = src/proto/socks/socks_test.c \
	src/proto/socks/test_engine.c src/proto/socks/test_engine.h \
	src/proto/socks/test_talks.c src/proto/socks/test_talks.h
src_proto_socks_socks_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_socks_socks_test_LDADD = $(SOCKS_TEST_LIBS)
src_proto_socks_udp_test_SOURCES = src/proto/socks/udp_test.c $(DUPLEX_TEST)
src_proto_socks_udp_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_socks_udp_test_LDADD = $(SOCKS_TEST_LIBS)
endif
