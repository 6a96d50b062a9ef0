/* The capsule protocol (RFC 9297 3.2), as far as UDP's datagrams need it (RFC 9298 5).
 *
 * A byte stream is a row of capsules: type, length, value. Of the type DATAGRAM whose value begins with context 0 the
 * rest of the value is a UDP payload; all others are stepped over. Pieces are taken as they come: a datagram that lies
 * whole in one is not copied. Owns the beginning of one datagram at most, CAPSULE_VALUE_MAX bytes. Thread: its owner's,
 * no shared state. Never fails on odd bytes: what is too long or malformed is counted and left out. */
#ifndef BURROW_PROTO_CAPSULE_H
#define BURROW_PROTO_CAPSULE_H

#include "core/buf.h"
#include "core/bytes.h"

#define CAPSULE_UDP_MAX   65527u                 /* bytes of a UDP payload (RFC 9298 5); what is longer is left out */
#define CAPSULE_VALUE_MAX (CAPSULE_UDP_MAX + 8u) /* with the longest context id */

struct capsule_reader {
    struct buf part; /* the beginning of a datagram that came in pieces */
    uint64_t left;   /* bytes of the value still to come */
    uint64_t other;  /* capsules of other types and contexts so far */
    uint64_t bad;    /* datagrams left out so far: too long, too short, hit by a gap */
    uint8_t head[16];
    uint8_t head_len; /* bytes in head: type and length so far */
    bool in_value;
    bool wanted; /* the value is a datagram's */
    bool given;  /* what `part` holds was given to the caller: it can go */
};

void capsule_init(struct capsule_reader *c);
void capsule_fini(struct capsule_reader *c);

/* The next UDP payload. Takes bytes of the stream from `in` and sets *udp, which may be empty and is valid until the
 * next call or the end of in's bytes. False: all of `in` was taken and more is needed. */
bool capsule_next(struct capsule_reader *c, struct reader *in, struct reader *udp);

/* n bytes of the stream are missing here. False: where the next capsule begins is not known any more. */
bool capsule_gap(struct capsule_reader *c, uint64_t n);

#endif
