noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
	src/core/addr.c src/core/addr.h \
	src/core/buf.c src/core/buf.h \
	src/core/bytes.h \
	src/core/clock.c src/core/clock.h \
	src/core/counters.c src/core/counters.h \
	src/core/fd.c src/core/fd.h \
	src/core/find.c src/core/find.h \
	src/core/hash.c src/core/hash.h \
	src/core/json.c src/core/json.h \
	src/core/log.c src/core/log.h \
	src/core/poison.h \
	src/core/ring.c src/core/ring.h \
	src/core/text.h

if HAVE_CMOCKA
check_PROGRAMS += src/core/find_test src/core/values_test src/core/json_test src/core/ring_test
src_core_find_test_SOURCES = src/core/find_test.c
src_core_find_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_core_find_test_LDADD = libcore.a $(CMOCKA_LIBS)
src_core_values_test_SOURCES = src/core/values_test.c
src_core_values_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_core_values_test_LDADD = libcore.a $(CMOCKA_LIBS)
src_core_json_test_SOURCES = src/core/json_test.c
src_core_json_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_core_json_test_LDADD = libcore.a $(CMOCKA_LIBS)
src_core_ring_test_SOURCES = src/core/ring_test.c
src_core_ring_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) -pthread
src_core_ring_test_LDADD = libcore.a $(CMOCKA_LIBS) -lpthread
endif
