noinst_LIBRARIES += librun.a
librun_a_CFLAGS = $(AM_CFLAGS) $(CARES_CFLAGS) -pthread
librun_a_SOURCES = \
	src/run/answers.c src/run/answers.h \
	src/run/lane.c src/run/lane.h \
	src/run/loops.c \
	src/run/resolver.c src/run/resolver.h \
	src/run/run.c src/run/run.h src/run/run_private.h \
	src/run/threads.c
