noinst_LIBRARIES += libexport.a
libexport_a_SOURCES = \
	src/export/ends.h \
	src/export/export.c src/export/export.h src/export/private.h \
	src/export/forge.c src/export/forge.h \
	src/export/inject.c src/export/inject.h \
	src/export/lane.c \
	src/export/merge.c \
	src/export/pcapout.c src/export/pcapout.h \
	src/export/ports.c src/export/ports.h \
	src/export/session.c
EXTRA_DIST += src/export/NOTES.md

if HAVE_CMOCKA
check_PROGRAMS += src/export/export_test src/export/forge_test src/export/ports_test
src_export_export_test_SOURCES = src/export/export_test.c
src_export_export_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_export_export_test_LDADD = libexport.a libitem.a libdecode.a libcore.a $(NET_LIBS) $(CMOCKA_LIBS)
src_export_forge_test_SOURCES = src/export/forge_test.c
src_export_forge_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_export_forge_test_LDADD = libexport.a libdecode.a libcore.a $(NET_LIBS) $(CMOCKA_LIBS)
src_export_ports_test_SOURCES = src/export/ports_test.c
src_export_ports_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_export_ports_test_LDADD = libexport.a libcore.a $(CMOCKA_LIBS)
endif
