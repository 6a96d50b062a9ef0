noinst_LIBRARIES += libdetect.a
libdetect_a_SOURCES = \
	src/detect/apps.c src/detect/apps.h \
	src/detect/arena.c src/detect/arena.h \
	src/detect/buffers.c src/detect/buffers.h \
	src/detect/fields.h \
	src/detect/rule.c src/detect/rule.h \
	src/detect/ruleset.h \
	src/detect/state.h
libdetect_a_CFLAGS = $(AM_CFLAGS) $(PCRE2_CFLAGS)
