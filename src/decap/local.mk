noinst_LIBRARIES += libdecap.a
libdecap_a_SOURCES = \
	src/decap/decap.c src/decap/decap.h \
	src/decap/log.c \
	src/decap/names.c src/decap/names.h \
	src/decap/tunnel.c src/decap/tunnel.h
