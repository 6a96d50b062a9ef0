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
