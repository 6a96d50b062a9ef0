noinst_LIBRARIES += libcapture.a
libcapture_a_CFLAGS = $(AM_CFLAGS) $(PCAP_CFLAGS) $(ZLIB_CFLAGS)
libcapture_a_SOURCES = \
	src/capture/capture.c src/capture/capture.h \
	src/capture/capfile.c src/capture/capfile.h \
	src/capture/carriers.c src/capture/carriers.h \
	src/capture/fragments.c src/capture/fragments.h \
	src/capture/filter.c src/capture/filter.h \
	src/capture/input.c src/capture/input.h \
	src/capture/mapping.c src/capture/mapping.h \
	src/capture/pcapng.c \
	src/capture/source.c src/capture/source.h src/capture/source_private.h \
	src/capture/source_dir.c \
	src/capture/source_file.c \
	src/capture/source_live.c

if HAVE_CMOCKA
check_PROGRAMS += src/capture/source_test src/capture/carriers_test
src_capture_carriers_test_SOURCES = src/capture/carriers_test.c
src_capture_carriers_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_capture_carriers_test_LDADD = libcapture.a libitem.a libdecode.a libcore.a $(CMOCKA_LIBS)
src_capture_source_test_SOURCES = src/capture/source_test.c src/capture/test_image.h
src_capture_source_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_capture_source_test_LDADD = libcapture.a libitem.a libcore.a $(PCAP_LIBS) $(ZLIB_LIBS) $(CMOCKA_LIBS)
endif
