noinst_LIBRARIES += libsmtp.a
libsmtp_a_SOURCES = \
	src/proto/smtp/smtp.c src/proto/smtp/smtp.h \
	src/proto/smtp/smtp_command.c \
	src/proto/smtp/smtp_probe.c \
	src/proto/smtp/smtp_state.h

if HAVE_CMOCKA
check_PROGRAMS += src/proto/smtp/smtp_test
src_proto_smtp_smtp_test_SOURCES = src/proto/smtp/smtp_test.c $(DUPLEX_TEST)
src_proto_smtp_smtp_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_smtp_smtp_test_LDADD = libsmtp.a libproto.a libitem.a libcore.a $(CMOCKA_LIBS)
endif
