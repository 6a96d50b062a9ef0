noinst_LIBRARIES += libflow.a
libflow_a_SOURCES = \
	src/flow/defrag.c src/flow/defrag.h \
	src/flow/flow.c src/flow/flow.h \
	src/flow/key.c src/flow/key.h \
	src/flow/log.c \
	src/flow/macs.c src/flow/macs.h \
	src/flow/stage.h \
	src/flow/table.c src/flow/table.h \
	src/flow/tcp.c src/flow/tcp.h

if HAVE_CMOCKA
FLOW_TEST_LIBS = libflow.a libitem.a libcore.a $(CMOCKA_LIBS)
check_PROGRAMS += src/flow/tcp_test src/flow/tcp_checks_test src/flow/defrag_test src/flow/table_test
src_flow_tcp_test_SOURCES = src/flow/tcp_test.c src/flow/test_peer.h
src_flow_tcp_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_flow_tcp_test_LDADD = $(FLOW_TEST_LIBS)
src_flow_tcp_checks_test_SOURCES = src/flow/tcp_checks_test.c src/flow/test_peer.h
src_flow_tcp_checks_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_flow_tcp_checks_test_LDADD = $(FLOW_TEST_LIBS)
src_flow_defrag_test_SOURCES = src/flow/defrag_test.c
src_flow_defrag_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_flow_defrag_test_LDADD = $(FLOW_TEST_LIBS)
src_flow_table_test_SOURCES = src/flow/table_test.c
src_flow_table_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_flow_table_test_LDADD = $(FLOW_TEST_LIBS)
endif
