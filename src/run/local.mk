noinst_LIBRARIES += librun.a
librun_a_CFLAGS = $(AM_CFLAGS) $(CARES_CFLAGS) -pthread
librun_a_SOURCES = \
	src/run/answers.c src/run/answers.h \
	src/run/lane.c src/run/lane.h \
	src/run/loops.c \
	src/run/reject.c src/run/reject.h \
	src/run/reload.c src/run/reload.h \
	src/run/resolver.c src/run/resolver.h \
	src/run/run.c src/run/run.h src/run/run_private.h \
	src/run/threads.c

if HAVE_CMOCKA
check_PROGRAMS += src/run/resolver_test
src_run_resolver_test_SOURCES = src/run/resolver_test.c
src_run_resolver_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) -pthread
src_run_resolver_test_LDADD = librun.a libdecap.a libitem.a libcore.a $(CARES_LIBS) $(CMOCKA_LIBS) -lpthread
endif
