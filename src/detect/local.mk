noinst_LIBRARIES += libdetect.a
libdetect_a_SOURCES = \
	src/detect/address.c \
	src/detect/analysis.c \
	src/detect/app.c \
	src/detect/apps.c src/detect/apps.h \
	src/detect/arena.c src/detect/arena.h \
	src/detect/buffers.c src/detect/buffers.h \
	src/detect/build.c src/detect/build.h \
	src/detect/bytes.c \
	src/detect/checked.c \
	src/detect/configs.c \
	src/detect/content.c \
	src/detect/dataset.c src/detect/dataset.h src/detect/dataset_private.h \
	src/detect/dataset_file.c \
	src/detect/fast.c \
	src/detect/fields.h \
	src/detect/filehash.h \
	src/detect/files.c \
	src/detect/finish.c \
	src/detect/flow.c \
	src/detect/geoip.c \
	src/detect/header.c \
	src/detect/keyword.c src/detect/keyword.h \
	src/detect/layers.c \
	src/detect/limits.c \
	src/detect/list.c \
	src/detect/lists.c \
	src/detect/load.h \
	src/detect/meta.c \
	src/detect/words.c \
	src/detect/option.c \
	src/detect/order.c src/detect/order.h \
	src/detect/other.c \
	src/detect/pcre.c \
	src/detect/reputation.c src/detect/reputation.h \
	src/detect/rule.c src/detect/rule.h \
	src/detect/rulefile.c \
	src/detect/ruleset.c src/detect/ruleset.h \
	src/detect/sets.c \
	src/detect/spans.c src/detect/spans.h \
	src/detect/state.c src/detect/state.h \
	src/detect/text.c \
	src/detect/transform.c \
	src/detect/tunnel.c
libdetect_a_CFLAGS = $(AM_CFLAGS) $(PCRE2_CFLAGS) $(HS_CFLAGS) $(JANSSON_CFLAGS) $(NETTLE_CFLAGS) $(MAXMINDDB_CFLAGS) $(PSL_CFLAGS) $(ZLIB_CFLAGS)

if HAVE_CMOCKA
check_PROGRAMS += src/detect/checked_test src/detect/dataset_test src/detect/address_test src/detect/rule_test
src_detect_address_test_SOURCES = src/detect/address_test.c src/detect/load_test.c src/detect/load_test.h
src_detect_address_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_detect_address_test_LDADD = libdetect.a libdecode.a libconfig.a libcore.a $(YAML_LIBS) $(PCRE2_LIBS) $(JANSSON_LIBS) $(NETTLE_LIBS) $(MAXMINDDB_LIBS) $(CMOCKA_LIBS)
src_detect_checked_test_SOURCES = src/detect/checked_test.c
src_detect_checked_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_detect_checked_test_LDADD = libdetect.a libdecode.a libconfig.a libcore.a $(YAML_LIBS) $(PCRE2_LIBS) $(JANSSON_LIBS) $(NETTLE_LIBS) $(MAXMINDDB_LIBS) $(CMOCKA_LIBS)
src_detect_dataset_test_SOURCES = src/detect/dataset_test.c
src_detect_dataset_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_detect_dataset_test_LDADD = libdetect.a libdecode.a libconfig.a libcore.a $(YAML_LIBS) $(PCRE2_LIBS) $(JANSSON_LIBS) $(NETTLE_LIBS) $(MAXMINDDB_LIBS) $(CMOCKA_LIBS)
src_detect_rule_test_SOURCES = src/detect/rule_test.c src/detect/load_test.c src/detect/load_test.h
src_detect_rule_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_detect_rule_test_LDADD = libdetect.a libdecode.a libconfig.a libcore.a $(YAML_LIBS) $(PCRE2_LIBS) $(JANSSON_LIBS) $(NETTLE_LIBS) $(MAXMINDDB_LIBS) $(CMOCKA_LIBS)
endif
