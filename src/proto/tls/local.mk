noinst_LIBRARIES += libtls.a
libtls_a_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
libtls_a_SOURCES = \
	src/proto/tls/tls.c src/proto/tls/tls.h \
	src/proto/tls/tls_cert.c \
	src/proto/tls/tls_der.c src/proto/tls/tls_der.h \
	src/proto/tls/tls_fields.c \
	src/proto/tls/tls_handshake.c \
	src/proto/tls/tls_hello.c \
	src/proto/tls/tls_log.c \
	src/proto/tls/tls_name.c \
	src/proto/tls/tls_print.c \
	src/proto/tls/tls_probe.c \
	src/proto/tls/tls_record.c \
	src/proto/tls/tls_session.h \
	src/proto/tls/tls_sslv2.c \
	src/proto/tls/tls_time.c
