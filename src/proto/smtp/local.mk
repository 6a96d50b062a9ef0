noinst_LIBRARIES += libsmtp.a
libsmtp_a_SOURCES = \
	src/proto/smtp/smtp.c src/proto/smtp/smtp.h \
	src/proto/smtp/smtp_command.c \
	src/proto/smtp/smtp_config.c src/proto/smtp/smtp_config.h \
	src/proto/smtp/smtp_log.c src/proto/smtp/smtp_log.h \
	src/proto/smtp/smtp_message.c src/proto/smtp/smtp_message.h \
	src/proto/smtp/smtp_probe.c \
	src/proto/smtp/smtp_state.h

if HAVE_CMOCKA
SMTP_TEST_LIBS = libsmtp.a libmime.a libproto.a libconfig.a libitem.a libcore.a $(NETTLE_LIBS) $(YAML_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += src/proto/smtp/smtp_test src/proto/smtp/smtp_message_test
src_proto_smtp_smtp_message_test_SOURCES = src/proto/smtp/smtp_message_test.c
src_proto_smtp_smtp_message_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_smtp_smtp_message_test_LDADD = $(SMTP_TEST_LIBS)
src_proto_smtp_smtp_test_SOURCES = src/proto/smtp/smtp_test.c $(DUPLEX_TEST)
src_proto_smtp_smtp_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_proto_smtp_smtp_test_LDADD = $(SMTP_TEST_LIBS)
endif
