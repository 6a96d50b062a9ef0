noinst_LIBRARIES += libdecode.a
libdecode_a_SOURCES = \
	src/decode/checksum.c src/decode/checksum.h \
	src/decode/decode.c src/decode/decode.h \
	src/decode/encap.c \
	src/decode/events.c src/decode/events.h \
	src/decode/gre.c \
	src/decode/icmp.c \
	src/decode/ipv4.c \
	src/decode/ipv6.c \
	src/decode/ipv6ext.c \
	src/decode/layers.h \
	src/decode/link.c \
	src/decode/mpls.c \
	src/decode/ppp.c \
	src/decode/sctp.c \
	src/decode/tags.c \
	src/decode/tcp.c \
	src/decode/tunnel.c \
	src/decode/udp.c \
	src/decode/wlan.c

if HAVE_CMOCKA
DECODE_TEST_LIBS = libdecode.a libcore.a $(CMOCKA_LIBS)
check_PROGRAMS += src/decode/tunnel_test src/decode/decode_test src/decode/ipv6_test src/decode/checksum_test
src_decode_decode_test_SOURCES = src/decode/decode_test.c src/decode/test_frame.h
src_decode_decode_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_decode_decode_test_LDADD = $(DECODE_TEST_LIBS)
src_decode_tunnel_test_SOURCES = src/decode/tunnel_test.c src/decode/test_frame.h
src_decode_tunnel_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_decode_tunnel_test_LDADD = $(DECODE_TEST_LIBS)
src_decode_ipv6_test_SOURCES = src/decode/ipv6_test.c src/decode/test_frame.h
src_decode_ipv6_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_decode_ipv6_test_LDADD = $(DECODE_TEST_LIBS)
src_decode_checksum_test_SOURCES = src/decode/checksum_test.c
src_decode_checksum_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_decode_checksum_test_LDADD = $(DECODE_TEST_LIBS)
endif
