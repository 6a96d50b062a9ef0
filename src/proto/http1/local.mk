noinst_LIBRARIES += libhttp1.a
libhttp1_a_SOURCES = \
	src/proto/http1/http1.c src/proto/http1/http1.h \
	src/proto/http1/http1_auth.c \
	src/proto/http1/http1_body.c src/proto/http1/http1_body.h \
	src/proto/http1/http1_buffers.c src/proto/http1/http1_buffers.h \
	src/proto/http1/http1_coding.c src/proto/http1/http1_coding.h \
	src/proto/http1/http1_config.c src/proto/http1/http1_config.h \
	src/proto/http1/http1_connect.c \
	src/proto/http1/http1_events.c src/proto/http1/http1_events.h \
	src/proto/http1/http1_frame.c src/proto/http1/http1_frame.h \
	src/proto/http1/http1_hooks.c \
	src/proto/http1/http1_log.c \
	src/proto/http1/http1_multipart.c \
	src/proto/http1/http1_origin.c \
	src/proto/http1/http1_probe.c \
	src/proto/http1/http1_proxy.c src/proto/http1/http1_proxy.h \
	src/proto/http1/http1_reply.c \
	src/proto/http1/http1_state.h \
	src/proto/http1/http1_target.c \
	src/proto/http1/http1_upgrade.c \
	src/proto/http1/http1_uri.c
libhttp1_a_CPPFLAGS = $(AM_CPPFLAGS) $(HTP_CFLAGS)
EXTRA_DIST += src/proto/http1/NOTES.md


HTTP1_TEST_LIBS = libhttp1.a libproto.a libconfig.a libitem.a libcore.a $(HTP_LIBS) $(BROTLI_LIBS) $(ISAL_LIBS) $(ZLIB_LIBS) $(YAML_LIBS) $(CMOCKA_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += src/proto/http1/http1_test
src_proto_http1_http1_test_SOURCES = src/proto/http1/http1_test.c $(DUPLEX_TEST)
src_proto_http1_http1_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_http1_http1_test_LDADD = $(HTTP1_TEST_LIBS)

check_PROGRAMS += src/proto/http1/connect_test
src_proto_http1_connect_test_SOURCES = src/proto/http1/connect_test.c $(DUPLEX_TEST)
src_proto_http1_connect_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_http1_connect_test_LDADD = $(HTTP1_TEST_LIBS)

check_PROGRAMS += src/proto/http1/frame_test
src_proto_http1_frame_test_SOURCES = src/proto/http1/frame_test.c
src_proto_http1_frame_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_http1_frame_test_LDADD = libhttp1.a libproto.a libcore.a $(CMOCKA_LIBS)

check_PROGRAMS += src/proto/http1/proxy_test
src_proto_http1_proxy_test_SOURCES = src/proto/http1/proxy_test.c $(DUPLEX_TEST)
src_proto_http1_proxy_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_http1_proxy_test_LDADD = $(HTTP1_TEST_LIBS)
endif
