noinst_LIBRARIES += libmime.a
libmime_a_SOURCES = \
	src/proto/mime/mime.c src/proto/mime/mime.h \
	src/proto/mime/mime_decode.c \
	src/proto/mime/mime_header.c \
	src/proto/mime/mime_param.c \
	src/proto/mime/mime_private.h \
	src/proto/mime/mime_url.c

if HAVE_CMOCKA
check_PROGRAMS += src/proto/mime/mime_test
src_proto_mime_mime_test_SOURCES = src/proto/mime/mime_test.c
src_proto_mime_mime_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_mime_mime_test_LDADD = libmime.a libcore.a $(NETTLE_LIBS) $(CMOCKA_LIBS)
endif
EXTRA_DIST += src/proto/mime/NOTES.md
