/* An imitation of the app stage for this room's tests and fuzzer: it keeps what a parser did not consume, holds a side
 * back while the parser waits for the other, and collects what the parser says. It checks the contract of proto.h as it
 * goes (asserts). */
#ifndef BURROW_PROTO_SOCKS_TEST_ENGINE_H
#define BURROW_PROTO_SOCKS_TEST_ENGINE_H

#include "core/buf.h"
#include "proto/proto.h"

#define TEST_TEXT_MAX 300

enum test_outcome { TEST_RUNNING, TEST_TUNNEL, TEST_DONE, TEST_BROKEN };

struct test_engine {
    struct proto_engine ops; /* first member: the callbacks find their engine by it */
    const struct settings *settings;
    void *state;
    enum test_outcome outcome;
    struct buf held[2];   /* not consumed so far */
    struct buf tunnel[2]; /* the tunnel's bytes */
    bool waiting[2];
    bool eof[2];
    bool reversed;
    uint64_t time_ns;
    uint64_t events; /* a bit for each event said */
    unsigned offers; /* how many there were; the last is kept: */
    struct tunnel_offer offer;
    unsigned relays; /* as well */
    struct relay_offer relay;
    struct flow_ref flow; /* from 10.0.0.1 to 10.0.0.9 */
    char host[TEST_TEXT_MAX];
    char user[TEST_TEXT_MAX];
    char reply[TEST_TEXT_MAX];
    struct buf records; /* of the complete transactions, one JSON object a line */
};

void test_engine_init(struct test_engine *e, const struct settings *settings, bool reversed);
void test_engine_fini(struct test_engine *e);

/* Bytes of one direction of the flow, in order. */
void test_engine_feed(struct test_engine *e, enum flow_dir dir, const void *p, size_t n, bool eof);
void test_engine_gap(struct test_engine *e, enum flow_dir dir, uint64_t n);
void test_engine_finish(struct test_engine *e);

#endif
