/* A TCP connection for the tests of this room: packets as one side sends them, and what comes out compared at once with
 * the stream that was sent. */
#ifndef BURROW_FLOW_TEST_PEER_H
#define BURROW_FLOW_TEST_PEER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/tcp.h"

#define STREAM_MOST 4000u

/* A connection as the flow stage would see it. What comes out is compared at once. */
struct peer {
    struct tcp_track t;
    struct tcp_limits limits;
    struct tcp_memory memory;
    uint64_t held_most;
    uint32_t isn[2];
    uint8_t stream[2][STREAM_MOST];
    uint64_t at[2];      /* stream offset that the next byte must have */
    uint64_t missing[2]; /* bytes told as gaps */
    uint64_t got[2];
    unsigned pieces[2]; /* in which waiting bytes came */
    bool eof[2];
    unsigned did; /* of all packets */
    uint8_t events[TCP_EVENT_COUNT];
    struct decoded_tcp with; /* what the next packets have beside numbers and flags: window, options */
};

static inline uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static inline void begin(struct peer *c, uint32_t isn_client, uint32_t isn_server)
{
    memset(c, 0, sizeof *c);
    c->limits = (struct tcp_limits){.memcap = 1u << 20,
                                    .queue_memcap = 1u << 20,
                                    .max_syns = 10,
                                    .max_synacks = 5,
                                    .midstream = true,
                                    .overlap_check = true};
    c->t.half[0].rule = c->t.half[1].rule = OVERLAP_BEGINS_BEFORE;
    c->with = (struct decoded_tcp){.window = 65535, .wscale = 255};
    c->isn[0] = isn_client;
    c->isn[1] = isn_server;
    uint64_t seed = isn_client;
    for (unsigned d = 0; d < 2; d++)
        for (unsigned i = 0; i < STREAM_MOST; i++)
            c->stream[d][i] = (uint8_t)next_random(&seed);
}

static inline void deliver(struct peer *c, enum flow_dir d, uint32_t gap, const uint8_t *bytes, uint32_t len)
{
    c->missing[d] += gap;
    c->at[d] += gap;
    assert_true(c->at[d] + len <= STREAM_MOST);
    if (len)
        assert_memory_equal(bytes, c->stream[d] + c->at[d], len);
    c->at[d] += len;
    c->got[d] += len;
}

static inline void deliver_list(struct peer *c, struct tcp_ready *r)
{
    struct piece *next;
    for (struct piece *s = r->first; s; s = next) {
        next = s->next;
        deliver(c, r->dir, s->gap, s->bytes, s->len);
        c->pieces[r->dir]++;
        piece_free(s);
    }
    if (r->eof) {
        assert_false(c->eof[r->dir]);
        c->eof[r->dir] = true;
    }
}

/* One packet. at: offset of its payload in the stream. */
struct sent {
    enum flow_dir dir;
    uint8_t flags;
    uint32_t at;
    uint32_t len;
    uint32_t ack; /* bytes of the other stream that are acknowledged */
    bool fin_acked;
};

static inline unsigned raw(struct peer *c, enum flow_dir dir, uint8_t flags, uint32_t seq, uint32_t ack,
                           const uint8_t *bytes, uint32_t len)
{
    struct packet p = {.dir = dir};
    struct tcp_result r;
    uint8_t *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    if (len)
        memcpy(copy, bytes, len);
    p.d.tcp = c->with;
    p.d.tcp.seq = seq;
    p.d.tcp.ack = ack;
    p.d.tcp.flags = flags;
    p.d.payload = copy;
    p.d.payload_len = len;
    tcp_packet(&c->t, &p, &c->limits, &c->memory, &r);
    assert_true(c->memory.held <= c->limits.memcap);
    if (c->memory.held > c->held_most)
        c->held_most = c->memory.held;
    if (r.before.first)
        deliver_list(c, &r.before);
    deliver(c, dir, p.gap, p.payload, p.payload_len);
    if (p.flags & PACKET_EOF) {
        assert_false(c->eof[dir]);
        c->eof[dir] = true;
    }
    if (r.after.first)
        deliver_list(c, &r.after);
    c->did |= r.flags;
    for (unsigned i = 0; i < r.event_count; i++)
        c->events[r.events[i]]++;
    free(copy);
    return r.flags;
}

static inline unsigned send_packet(struct peer *c, const struct sent *s)
{
    uint32_t seq = c->isn[s->dir] + (s->flags & TCP_SYN ? 0 : 1) + s->at;
    uint32_t ack = s->flags & TCP_ACK ? c->isn[flow_dir_other(s->dir)] + 1 + s->ack + s->fin_acked : 0;
    return raw(c, s->dir, s->flags, seq, ack, c->stream[s->dir] + s->at, s->len);
}

static inline unsigned say(struct peer *c, enum flow_dir dir, uint8_t flags, uint32_t at, uint32_t len, uint32_t ack)
{
    return send_packet(c, &(struct sent){.dir = dir, .flags = flags, .at = at, .len = len, .ack = ack});
}

static inline unsigned count(const struct peer *c, enum tcp_event e)
{
    return c->events[e];
}

static inline void shake_hands(struct peer *c)
{
    say(c, TO_SERVER, TCP_SYN, 0, 0, 0);
    assert_int_equal(c->t.state, TCP_STATE_SYN_SENT);
    say(c, TO_CLIENT, TCP_SYN | TCP_ACK, 0, 0, 0);
    assert_int_equal(c->t.state, TCP_STATE_SYN_RECV);
    say(c, TO_SERVER, TCP_ACK, 0, 0, 0);
    assert_int_equal(c->t.state, TCP_STATE_ESTABLISHED);
}

static inline void flush(struct peer *c)
{
    for (int d = 0; d < 2; d++) {
        struct tcp_ready r;
        tcp_flush(&c->t, (enum flow_dir)d, &c->memory, &r);
        deliver_list(c, &r);
    }
}

static inline void finish(struct peer *c)
{
    tcp_fini(&c->t, &c->memory);
    assert_true(c->memory.held == 0);
}

#endif
