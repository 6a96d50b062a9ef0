noinst_LIBRARIES += libicap.a
libicap_a_SOURCES = \
	src/proto/icap/icap.c src/proto/icap/icap.h \
	src/proto/icap/icap_body.c \
	src/proto/icap/icap_channel.c \
	src/proto/icap/icap_head.c \
	src/proto/icap/icap_http.c \
	src/proto/icap/icap_identity.c \
	src/proto/icap/icap_probe.c \
	src/proto/icap/icap_request.c \
	src/proto/icap/icap_response.c \
	src/proto/icap/icap_state.h
EXTRA_DIST += src/proto/icap/NOTES.md

if HAVE_CMOCKA
check_PROGRAMS += src/proto/icap/icap_test
src_proto_icap_icap_test_SOURCES = src/proto/icap/icap_test.c $(DUPLEX_TEST)
src_proto_icap_icap_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_icap_icap_test_LDADD = libicap.a libproto.a libitem.a libcore.a $(CMOCKA_LIBS)
endif
