noinst_LIBRARIES += libhttp2.a
libhttp2_a_SOURCES = \
	src/proto/http2/http2.c src/proto/http2/http2.h \
	src/proto/http2/http2_body.c \
	src/proto/http2/http2_buffers.c \
	src/proto/http2/http2_carry.c \
	src/proto/http2/http2_connect.c \
	src/proto/http2/http2_events.c src/proto/http2/http2_events.h \
	src/proto/http2/http2_fields.c \
	src/proto/http2/http2_frame.c \
	src/proto/http2/http2_headers.c \
	src/proto/http2/http2_inherit.c \
	src/proto/http2/http2_log.c \
	src/proto/http2/http2_probe.c \
	src/proto/http2/http2_state.h \
	src/proto/http2/http2_stream.c \
	src/proto/http2/http2_target.c
libhttp2_a_CPPFLAGS = $(AM_CPPFLAGS) $(NGHTTP2_CFLAGS)
EXTRA_DIST += src/proto/http2/NOTES.md

if HAVE_CMOCKA
check_PROGRAMS += src/proto/http2/http2_test
src_proto_http2_http2_test_SOURCES = src/proto/http2/http2_test.c \
	src/proto/http2/test_frames.c src/proto/http2/test_frames.h $(DUPLEX_TEST)
src_proto_http2_http2_test_CPPFLAGS = $(AM_CPPFLAGS) $(NGHTTP2_CFLAGS)
src_proto_http2_http2_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_http2_http2_test_LDADD = libhttp2.a libproto.a libconfig.a libitem.a libcore.a $(NGHTTP2_LIBS) $(BROTLI_LIBS) $(ISAL_LIBS) $(ZLIB_LIBS) $(YAML_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += src/proto/http2/tunnel_test
src_proto_http2_tunnel_test_SOURCES = src/proto/http2/tunnel_test.c \
	src/proto/http2/test_frames.c src/proto/http2/test_frames.h $(DUPLEX_TEST)
src_proto_http2_tunnel_test_CPPFLAGS = $(AM_CPPFLAGS) $(NGHTTP2_CFLAGS)
src_proto_http2_tunnel_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_http2_tunnel_test_LDADD = libhttp2.a libproto.a libconfig.a libitem.a libcore.a $(NGHTTP2_LIBS) $(BROTLI_LIBS) $(ISAL_LIBS) $(ZLIB_LIBS) $(YAML_LIBS) $(CMOCKA_LIBS)
endif
