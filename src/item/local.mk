noinst_LIBRARIES += libitem.a
libitem_a_SOURCES = \
	src/item/event.h \
	src/item/flow_ref.c src/item/flow_ref.h \
	src/item/item.h \
	src/item/note.c src/item/note.h \
	src/item/packet.h \
	src/item/progress.h \
	src/item/stage.h

if HAVE_CMOCKA
check_PROGRAMS += src/item/note_test
src_item_note_test_SOURCES = src/item/note_test.c
src_item_note_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
src_item_note_test_LDADD = libitem.a libcore.a $(CMOCKA_LIBS)
endif
