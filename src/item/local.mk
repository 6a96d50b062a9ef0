noinst_LIBRARIES += libitem.a
libitem_a_SOURCES = \
	src/item/event.h \
	src/item/flow_ref.c src/item/flow_ref.h \
	src/item/item.h \
	src/item/note.c src/item/note.h \
	src/item/packet.h \
	src/item/stage.h
