/* The bytes of a capture file in order: private to capture.
 *
 * Two ways behind one face. A regular plain file is mapped whole; a window of it is populated ahead of the reader and
 * what lies well behind is given back, so that any size of file costs the same memory. Pages that were given back and
 * are still borrowed simply fault in again. Everything else (pipes, gzip) goes through one buffer. */
#ifndef BURROW_CAPTURE_INPUT_H
#define BURROW_CAPTURE_INPUT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most bytes that capture_input_need can be asked for. */
#define INPUT_NEED_MAX (512u * 1024)

enum input_state {
    INPUT_OK,
    INPUT_END,     /* the file ended properly */
    INPUT_ERROR,   /* reading failed: error_code */
    INPUT_DAMAGED, /* gzip data is damaged or cut off */
    INPUT_CUT,     /* the file became shorter while it was read */
};

struct input_gzip;

struct capture_input {
    const uint8_t *p;     /* next byte */
    const uint8_t *limit; /* bytes before this may be read */
    enum input_state state;
    int error_code;     /* errno of INPUT_ERROR */
    int fd;             /* -1: none */
    uint64_t file_size; /* bytes of the file when it was opened; 0: unknown */
    uint8_t *map;       /* NULL: streaming */
    const uint8_t *map_end;
    const uint8_t *dropped;  /* pages before this were given back */
    struct mapping *guard;   /* the mapping's place in the list of guarded ones */
    uint8_t *buffer;         /* streaming */
    uint64_t buffer_offset;  /* of buffer[0] in the (uncompressed) stream */
    uint64_t raw_read;       /* bytes read from fd */
    struct input_gzip *gzip; /* NULL: not compressed */
    const atomic_bool *stop; /* set: give up waiting */
};

/* Open path ("-": standard input). 0 or -errno. */
int capture_input_open(struct capture_input *in, const char *path, const atomic_bool *stop);

/* Close the file but keep mapped bytes valid. Streaming inputs lose their buffer. */
void capture_input_retire(struct capture_input *in);

/* Free everything. Also after retire. */
void capture_input_close(struct capture_input *in);

/* Slow path of capture_input_need. */
bool capture_input_fill(struct capture_input *in, size_t n);

/* Make n (at most INPUT_NEED_MAX) bytes readable at in->p. False: there are not that many, and in->state says why. */
static inline bool capture_input_need(struct capture_input *in, size_t n)
{
    return (size_t)(in->limit - in->p) >= n ? true : capture_input_fill(in, n);
}

/* Pass over n bytes. False: the file ends before. */
bool capture_input_skip(struct capture_input *in, uint64_t n);

/* Position of in->p in the (uncompressed) file. */
uint64_t capture_input_offset(const struct capture_input *in);

/* Bytes of the file that were read, on disk. */
uint64_t capture_input_read(const struct capture_input *in);

/* Did the file become shorter under the mapping, as far as is known now? */
bool capture_input_is_cut(const struct capture_input *in);

/* Were pages read that are no longer the file's? What was read last may be zeros then. */
bool capture_input_is_spoilt(const struct capture_input *in);

#endif
