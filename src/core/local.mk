noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
	src/core/addr.c src/core/addr.h \
	src/core/buf.c src/core/buf.h \
	src/core/bytes.h \
	src/core/clock.c src/core/clock.h \
	src/core/counters.c src/core/counters.h \
	src/core/hash.c src/core/hash.h \
	src/core/json.c src/core/json.h \
	src/core/log.c src/core/log.h \
	src/core/ring.c src/core/ring.h
