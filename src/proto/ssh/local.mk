noinst_LIBRARIES += libssh.a
libssh_a_SOURCES = src/proto/ssh/ssh.c src/proto/ssh/ssh.h src/proto/ssh/ssh_kex.c src/proto/ssh/ssh_kex.h

if HAVE_CMOCKA
check_PROGRAMS += src/proto/ssh/ssh_test
src_proto_ssh_ssh_test_SOURCES = src/proto/ssh/ssh_test.c $(DUPLEX_TEST)
src_proto_ssh_ssh_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_ssh_ssh_test_LDADD = libssh.a libproto.a libitem.a libcore.a $(CMOCKA_LIBS) $(NETTLE_LIBS)
endif
