noinst_LIBRARIES += libapp.a
libapp_a_SOURCES = \
	src/app/alert.c src/app/alert.h \
	src/app/alert_log.c \
	src/app/alert_options.c \
	src/app/app.c src/app/app.h \
	src/app/detect.c \
	src/app/engine.c \
	src/app/files.c src/app/files.h \
	src/app/log.c \
	src/app/magic.c src/app/magic.h \
	src/app/parse.c \
	src/app/ranges.c src/app/ranges.h \
	src/app/secrets.c src/app/secrets.h \
	src/app/session.h \
	src/app/shown.c src/app/shown.h \
	src/app/store.c src/app/store.h \
	src/app/vars.c \
	src/app/verdict.c src/app/verdict.h

if HAVE_CMOCKA
check_PROGRAMS += src/app/secrets_test src/app/store_test
src_app_secrets_test_SOURCES = src/app/secrets_test.c
src_app_secrets_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_app_secrets_test_LDADD = libapp.a $(CMOCKA_LIBS)
src_app_store_test_SOURCES = src/app/store_test.c
src_app_store_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_app_store_test_LDADD = libapp.a libcore.a $(CMOCKA_LIBS)
endif
