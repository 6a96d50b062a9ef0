noinst_LIBRARIES += liboutput.a
liboutput_a_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
liboutput_a_SOURCES = \
	src/output/community_id.c src/output/community_id.h \
	src/output/fast.c \
	src/output/output.c src/output/output.h src/output/output_private.h \
	src/output/record.c src/output/record.h \
	src/output/sink.c \
	src/output/stats.c \
	src/output/summary.c src/output/summary.h \
	src/output/summary_print.c

if HAVE_CMOCKA
check_PROGRAMS += src/output/output_test src/output/record_test src/output/summary_test
src_output_output_test_SOURCES = src/output/output_test.c
src_output_output_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
src_output_output_test_LDADD = liboutput.a libconfig.a libitem.a libcore.a $(YAML_LIBS) $(NETTLE_LIBS) $(CMOCKA_LIBS) $(JANSSON_LIBS) -lpthread
src_output_record_test_SOURCES = src/output/record_test.c
src_output_record_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
src_output_record_test_LDADD = liboutput.a libconfig.a libitem.a libcore.a $(YAML_LIBS) $(NETTLE_LIBS) $(CMOCKA_LIBS) $(JANSSON_LIBS)
src_output_summary_test_SOURCES = src/output/summary_test.c
src_output_summary_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_output_summary_test_LDADD = liboutput.a libconfig.a libitem.a libcore.a $(YAML_LIBS) $(CMOCKA_LIBS)
endif
