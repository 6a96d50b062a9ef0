noinst_LIBRARIES += libconfig.a
libconfig_a_SOURCES = \
	src/config/conf.c src/config/conf.h \
	src/config/conf_notes.c src/config/conf_notes.h \
	src/config/conf_set.c \
	src/config/conf_value.c \
	src/config/conf_yaml.c src/config/conf_yaml.h \
	src/config/config.c src/config/config.h \
	src/config/defaults.c src/config/defaults.h \
	src/config/items.c src/config/items.h \
	src/config/schema.c src/config/schema.h \
	src/config/schema_rows.c \
	src/config/settings.c src/config/settings.h \
	src/config/settings_decap.c \
	src/config/settings_flow.c \
	src/config/settings_lists.c \
	src/config/settings_read.c src/config/settings_read.h
libconfig_a_CFLAGS = $(AM_CFLAGS) $(YAML_CFLAGS)

EXTRA_DIST += src/config/testdata/suricata.yaml

if HAVE_CMOCKA
check_PROGRAMS += src/config/conf_test src/config/config_test src/config/decap_test
src_config_decap_test_SOURCES = src/config/decap_test.c
src_config_decap_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_config_decap_test_LDADD = libconfig.a libcore.a $(YAML_LIBS) $(CMOCKA_LIBS)
src_config_conf_test_SOURCES = src/config/conf_test.c
src_config_conf_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_config_conf_test_LDADD = libconfig.a libcore.a $(YAML_LIBS) $(CMOCKA_LIBS)
src_config_config_test_SOURCES = src/config/config_test.c
src_config_config_test_CPPFLAGS = $(AM_CPPFLAGS) -DSOURCE_DIR='"$(abs_srcdir)"'
src_config_config_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_config_config_test_LDADD = libconfig.a libcore.a $(YAML_LIBS) $(CMOCKA_LIBS)
endif
