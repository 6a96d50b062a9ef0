noinst_LIBRARIES += libtls.a
libtls_a_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
libtls_a_SOURCES = \
	src/proto/tls/tls.c src/proto/tls/tls.h \
	src/proto/tls/tls_buffers.c \
	src/proto/tls/tls_cert.c \
	src/proto/tls/tls_der.c src/proto/tls/tls_der.h \
	src/proto/tls/tls_fields.c \
	src/proto/tls/tls_handshake.c \
	src/proto/tls/tls_hello.c \
	src/proto/tls/tls_kept.c \
	src/proto/tls/tls_log.c \
	src/proto/tls/tls_name.c \
	src/proto/tls/tls_print.c \
	src/proto/tls/tls_probe.c \
	src/proto/tls/tls_record.c \
	src/proto/tls/tls_session.h \
	src/proto/tls/tls_sslv2.c \
	src/proto/tls/tls_time.c

if HAVE_CMOCKA
TLS_TEST_KIT = src/proto/tls/tls_kit.c src/proto/tls/tls_kit.h
TLS_TEST_LIBS = libtls.a libproto.a libconfig.a libitem.a libcore.a $(NETTLE_LIBS) $(YAML_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += src/proto/tls/tls_test src/proto/tls/tls_parts_test
src_proto_tls_tls_test_SOURCES = src/proto/tls/tls_test.c $(TLS_TEST_KIT)
src_proto_tls_tls_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_tls_tls_test_LDADD = $(TLS_TEST_LIBS)
src_proto_tls_tls_parts_test_SOURCES = src/proto/tls/tls_parts_test.c $(TLS_TEST_KIT)
src_proto_tls_tls_parts_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_tls_tls_parts_test_LDADD = $(TLS_TEST_LIBS)
endif
