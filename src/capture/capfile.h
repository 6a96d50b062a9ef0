/* One capture file: its format over its bytes. Private to capture. */
#ifndef BURROW_CAPTURE_CAPFILE_H
#define BURROW_CAPTURE_CAPFILE_H

#include "capture/input.h"
#include "capture/source.h"
#include "core/bytes.h"

#define CAPFILE_ERROR_MAX      512
#define CAPFILE_INTERFACES_MAX 4096 /* of one pcapng section; a capture with more is taken for damage */

/* What a pcapng interface description block says. */
struct capfile_interface {
    int dlt;
    uint32_t snaplen;   /* 0: no limit */
    uint8_t resolution; /* if_tsresol as it is in the file */
    int64_t offset_s;   /* if_tsoffset */
};

struct capfile {
    struct capture_input in;
    const char *path; /* borrowed */
    enum source_result (*next)(struct capfile *f, struct capture_frame *out);
    bool little;          /* byte order of what is being read */
    bool nanoseconds;     /* pcap */
    uint32_t record_head; /* pcap: bytes of a record's header, 16 or 24 */
    int dlt;              /* pcap */
    struct capfile_interface *interfaces;
    uint32_t interface_count;
    uint32_t interface_room;
    uint64_t last_ns; /* time of the last frame, for simple packet blocks */
    uint64_t frames;
    bool broken;
    char error[CAPFILE_ERROR_MAX];
};

/* 0 or -errno; -EILSEQ: not a capture. f->error says what is wrong. Nothing needs closing after a failure. */
int capfile_open(struct capfile *f, const char *path, const atomic_bool *stop);

enum source_result capfile_next(struct capfile *f, struct capture_frame *out);

/* See capture_input_retire. */
void capfile_retire(struct capfile *f);
void capfile_close(struct capfile *f);

/* libpcap's DLT for a file's link type: they differ for a few. */
int capfile_dlt(uint32_t linktype);

/* For the formats: */

static inline uint32_t capfile_u32(const struct capfile *f, const uint8_t *p)
{
    uint32_t v = load_be32(p);
    return f->little ? __builtin_bswap32(v) : v;
}

static inline uint16_t capfile_u16(const struct capfile *f, const uint8_t *p)
{
    uint16_t v = load_be16(p);
    return f->little ? __builtin_bswap16(v) : v;
}

/* Say what is wrong at byte `at` and stop. */
enum source_result capfile_fail(struct capfile *f, uint64_t at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The bytes of what began at `at` are not all there: cut off, or a read error. */
enum source_result capfile_short(struct capfile *f, uint64_t at, const char *what);

/* capture/pcapng.c: the section header begins at the next byte. */
enum source_result capfile_pcapng_next(struct capfile *f, struct capture_frame *out);

#endif
