noinst_LIBRARIES += libflow.a
libflow_a_SOURCES = \
	src/flow/defrag.c src/flow/defrag.h \
	src/flow/flow.c src/flow/flow.h \
	src/flow/fragments.c \
	src/flow/key.c src/flow/key.h \
	src/flow/log.c \
	src/flow/macs.c src/flow/macs.h \
	src/flow/overlap.c src/flow/overlap.h \
	src/flow/pieces.c src/flow/pieces.h \
	src/flow/policy.c \
	src/flow/stage.h \
	src/flow/streams.c \
	src/flow/table.c src/flow/table.h \
	src/flow/tcp.c src/flow/tcp.h src/flow/tcp_private.h \
	src/flow/tcp_check.c \
	src/flow/tcp_close.c \
	src/flow/tcp_data.c \
	src/flow/tcp_events.c src/flow/tcp_events.h \
	src/flow/tcp_open.c

if HAVE_CMOCKA
FLOW_TEST_LIBS = libflow.a libitem.a libdecode.a libconfig.a libcore.a $(CMOCKA_LIBS)
check_PROGRAMS += src/flow/tcp_test src/flow/tcp_checks_test src/flow/defrag_test src/flow/table_test \
	src/flow/overlap_test src/flow/tcp_events_test src/flow/tcp_acked_test
src_flow_tcp_test_SOURCES = src/flow/tcp_test.c src/flow/test_peer.h
src_flow_tcp_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_flow_tcp_test_LDADD = $(FLOW_TEST_LIBS)
src_flow_tcp_checks_test_SOURCES = src/flow/tcp_checks_test.c src/flow/test_peer.h
src_flow_tcp_checks_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_flow_tcp_checks_test_LDADD = $(FLOW_TEST_LIBS)
src_flow_defrag_test_SOURCES = src/flow/defrag_test.c
src_flow_defrag_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_flow_defrag_test_LDADD = $(FLOW_TEST_LIBS)
src_flow_tcp_events_test_SOURCES = src/flow/tcp_events_test.c src/flow/test_peer.h
src_flow_tcp_events_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_flow_tcp_events_test_LDADD = $(FLOW_TEST_LIBS)
src_flow_tcp_acked_test_SOURCES = src/flow/tcp_acked_test.c src/flow/test_peer.h
src_flow_tcp_acked_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_flow_tcp_acked_test_LDADD = $(FLOW_TEST_LIBS)
src_flow_overlap_test_SOURCES = src/flow/overlap_test.c
src_flow_overlap_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_flow_overlap_test_LDADD = $(FLOW_TEST_LIBS)
src_flow_table_test_SOURCES = src/flow/table_test.c
src_flow_table_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_flow_table_test_LDADD = $(FLOW_TEST_LIBS)
endif
