libdetect_a_SOURCES += \
	src/detect/engine/buffers.c \
	src/detect/engine/bytes.c \
	src/detect/engine/cache.c src/detect/engine/cache.h \
	src/detect/engine/candidates.c \
	src/detect/engine/conditions.c \
	src/detect/engine/ends.c \
	src/detect/engine/engine.c src/detect/engine/engine.h \
	src/detect/engine/files.c \
	src/detect/engine/generation.c src/detect/engine/generation.h \
	src/detect/engine/groups.c \
	src/detect/engine/headers.c \
	src/detect/engine/inspect.c src/detect/engine/inspect.h \
	src/detect/engine/hosts.c \
	src/detect/engine/identity.c \
	src/detect/engine/known.c \
	src/detect/engine/memo.c src/detect/engine/memo.h \
	src/detect/engine/memory.c src/detect/engine/memory.h \
	src/detect/engine/numbers.c \
	src/detect/engine/parts.c \
	src/detect/engine/patterns.c \
	src/detect/engine/place.c \
	src/detect/engine/placed.c \
	src/detect/engine/ports.c \
	src/detect/engine/prefilter.c \
	src/detect/engine/private.h \
	src/detect/engine/quiet.c \
	src/detect/engine/report.c \
	src/detect/engine/slots.c \
	src/detect/engine/stream.c \
	src/detect/engine/values.c \
	src/detect/engine/tags.c \
	src/detect/engine/thresholds.c \
	src/detect/engine/transaction.c \
	src/detect/engine/transform.c \
	src/detect/engine/vars.c

if HAVE_CMOCKA
check_PROGRAMS += src/detect/engine/inspect_test src/detect/engine/cache_test src/detect/engine/memo_test
src_detect_engine_cache_test_SOURCES = src/detect/engine/cache_test.c
src_detect_engine_cache_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_detect_engine_cache_test_LDADD = libdetect.a libcore.a $(CMOCKA_LIBS) $(HS_LIBS)
src_detect_engine_memo_test_SOURCES = src/detect/engine/memo_test.c
src_detect_engine_memo_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_detect_engine_memo_test_LDADD = libdetect.a libcore.a $(CMOCKA_LIBS) -lpthread
src_detect_engine_inspect_test_SOURCES = src/detect/engine/inspect_test.c
src_detect_engine_inspect_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(PCRE2_CFLAGS)
src_detect_engine_inspect_test_LDADD = libdetect.a libdecode.a libitem.a libconfig.a libcore.a $(YAML_LIBS) $(JANSSON_LIBS) $(MAXMINDDB_LIBS) $(CMOCKA_LIBS) $(PCRE2_LIBS) $(NETTLE_LIBS) $(HS_LIBS) $(PSL_LIBS) $(ZLIB_LIBS) -lm
check_PROGRAMS += src/detect/engine/engine_test
src_detect_engine_engine_test_SOURCES = src/detect/engine/engine_test.c src/detect/load_test.c src/detect/load_test.h
src_detect_engine_engine_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_detect_engine_engine_test_LDADD = libdetect.a libdecode.a libitem.a libconfig.a libcore.a $(YAML_LIBS) $(JANSSON_LIBS) $(MAXMINDDB_LIBS) $(CMOCKA_LIBS) $(PCRE2_LIBS) $(NETTLE_LIBS) $(HS_LIBS) $(PSL_LIBS) $(ZLIB_LIBS) -lm
check_PROGRAMS += src/detect/engine/stream_test
src_detect_engine_stream_test_SOURCES = src/detect/engine/stream_test.c src/detect/load_test.c src/detect/load_test.h
src_detect_engine_stream_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_detect_engine_stream_test_LDADD = $(src_detect_engine_engine_test_LDADD)
check_PROGRAMS += src/detect/engine/ends_test
src_detect_engine_ends_test_SOURCES = src/detect/engine/ends_test.c src/detect/engine/bench_test.c src/detect/engine/bench_test.h src/detect/load_test.c src/detect/load_test.h
src_detect_engine_ends_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(PCRE2_CFLAGS)
src_detect_engine_ends_test_LDADD = $(src_detect_engine_engine_test_LDADD)
check_PROGRAMS += src/detect/engine/place_test
src_detect_engine_place_test_SOURCES = src/detect/engine/place_test.c src/detect/engine/bench_test.c src/detect/engine/bench_test.h src/detect/load_test.c src/detect/load_test.h
src_detect_engine_place_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(PCRE2_CFLAGS)
src_detect_engine_place_test_LDADD = $(src_detect_engine_engine_test_LDADD)
check_PROGRAMS += src/detect/engine/model_test
src_detect_engine_model_test_SOURCES = src/detect/engine/model_test.c
src_detect_engine_model_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(PCRE2_CFLAGS)
src_detect_engine_model_test_LDADD = libdetect.a libdecode.a libitem.a libconfig.a libcore.a $(YAML_LIBS) $(JANSSON_LIBS) $(MAXMINDDB_LIBS) $(CMOCKA_LIBS) $(PCRE2_LIBS) $(NETTLE_LIBS) $(HS_LIBS) $(PSL_LIBS) $(ZLIB_LIBS) -lm
endif
