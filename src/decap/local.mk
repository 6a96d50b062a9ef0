noinst_LIBRARIES += libdecap.a
libdecap_a_SOURCES = \
	src/decap/decap.c src/decap/decap.h \
	src/decap/egress.c src/decap/egress.h \
	src/decap/ending.c \
	src/decap/exchange.c \
	src/decap/join.c src/decap/join.h \
	src/decap/hosts.c src/decap/hosts.h \
	src/decap/log.c \
	src/decap/lookup.c src/decap/lookup.h \
	src/decap/names.c src/decap/names.h \
	src/decap/news.c src/decap/news.h \
	src/decap/park.c \
	src/decap/relayed.c \
	src/decap/relays.c src/decap/relays.h \
	src/decap/resolve.c \
	src/decap/tunnel.c src/decap/tunnel.h

if HAVE_CMOCKA
check_PROGRAMS += src/decap/names_test src/decap/hosts_test src/decap/join_test src/decap/relays_test
src_decap_join_test_SOURCES = src/decap/join_test.c
src_decap_join_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_decap_join_test_LDADD = libdecap.a libitem.a libconfig.a libcore.a $(CMOCKA_LIBS)
src_decap_relays_test_SOURCES = src/decap/relays_test.c
src_decap_relays_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_decap_relays_test_LDADD = libdecap.a libitem.a libcore.a $(CMOCKA_LIBS)
src_decap_hosts_test_SOURCES = src/decap/hosts_test.c
src_decap_hosts_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_decap_hosts_test_LDADD = libdecap.a libitem.a libcore.a $(CMOCKA_LIBS)
src_decap_names_test_SOURCES = src/decap/names_test.c
src_decap_names_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_decap_names_test_LDADD = libdecap.a libitem.a libcore.a $(CMOCKA_LIBS)
endif
