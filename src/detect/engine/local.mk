libdetect_a_SOURCES += \
	src/detect/engine/buffers.c \
	src/detect/engine/bytes.c \
	src/detect/engine/conditions.c \
	src/detect/engine/engine.c src/detect/engine/engine.h \
	src/detect/engine/groups.c \
	src/detect/engine/inspect.c src/detect/engine/inspect.h \
	src/detect/engine/memory.c \
	src/detect/engine/prefilter.c \
	src/detect/engine/private.h \
	src/detect/engine/transform.c
