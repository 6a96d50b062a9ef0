noinst_LIBRARIES += libflow.a
libflow_a_SOURCES = \
	src/flow/defrag.c src/flow/defrag.h \
	src/flow/flow.c src/flow/flow.h \
	src/flow/log.c \
	src/flow/stage.h \
	src/flow/table.c src/flow/table.h \
	src/flow/tcp.c src/flow/tcp.h
