noinst_LIBRARIES += libwebsocket.a
libwebsocket_a_SOURCES = src/proto/websocket/websocket.c src/proto/websocket/websocket.h
EXTRA_DIST += src/proto/websocket/NOTES.md

if HAVE_CMOCKA
check_PROGRAMS += src/proto/websocket/websocket_test
src_proto_websocket_websocket_test_SOURCES = src/proto/websocket/websocket_test.c $(DUPLEX_TEST)
src_proto_websocket_websocket_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_websocket_websocket_test_LDADD = libwebsocket.a libproto.a libitem.a libcore.a $(CMOCKA_LIBS)
endif
