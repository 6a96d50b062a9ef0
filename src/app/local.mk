noinst_LIBRARIES += libapp.a
libapp_a_SOURCES = \
	src/app/alert.c \
	src/app/alert_log.c \
	src/app/app.c src/app/app.h \
	src/app/detect.c \
	src/app/engine.c \
	src/app/files.c src/app/files.h \
	src/app/log.c \
	src/app/parse.c \
	src/app/session.h
