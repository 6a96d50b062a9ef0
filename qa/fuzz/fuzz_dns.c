/* Fuzzes the DNS parser. The first byte says which transport and form of records; then chunks follow, each with a head
 * of two bytes: direction, gap or data, and length. Everything that was parsed is logged. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "proto/dns/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHUNKS_MAX 64

enum { IN_TCP = 1, IN_REVERSED = 2, IN_VERSION_2 = 4 }; /* bits of the first byte */
enum { CHUNK_TO_CLIENT = 1, CHUNK_GAP = 2 };            /* bits of a chunk's first byte */

struct side {
    uint8_t *data; /* heap, of just its size */
    size_t len;
};

static void on_event(struct proto_io *io, unsigned event)
{
    (void)io;
    if (event >= proto_dns.event_count)
        abort();
}

static void on_name(struct proto_io *io, const struct name_answer *a)
{
    (void)io;
    if (a->name_len == 0 || a->name_len > 253 || a->addr.family == ADDR_NONE || a->ttl > INT32_MAX)
        abort();
    for (size_t i = 0; i < a->name_len; i++)
        if (a->name[i] <= ' ' || a->name[i] > '~' || (a->name[i] >= 'A' && a->name[i] <= 'Z'))
            abort();
}

static const struct proto_engine engine = {.event = on_event, .name = on_name};

static void probe(uint8_t transport, enum flow_dir d, const uint8_t *p, size_t len)
{
    struct proto_probe probe = {.transport = transport, .sport = 40000, .dport = 4000};
    probe.data[d] = p;
    probe.len[d] = len;
    proto_dns.probe(&probe);
    probe.dport = 53;
    proto_dns.probe(&probe);
}

static void log_all(void *state)
{
    struct proto_txs *txs = state;
    struct buf b;
    buf_init(&b, 1 << 20);
    while (txs->first) {
        struct proto_tx *tx = txs->first;
        struct json j = json_of(&b);
        buf_clear(&b);
        json_open_object(&j, NULL);
        proto_dns.log(state, tx, &j);
        json_end_object(&j);
        txs->first = tx->next;
        txs->count--;
        free(tx);
    }
    txs->last = NULL;
    buf_fini(&b);
}

/* Bytes behind those that the parser left. */
static enum proto_status feed(void *state, struct side *side, struct proto_io *io, const uint8_t *p, size_t n)
{
    uint8_t *all = malloc(side->len + n + 1);
    if (all == NULL)
        abort();
    if (side->len)
        memcpy(all, side->data, side->len);
    memcpy(all + side->len, p, n);
    io->len = side->len + n;
    io->data = all = realloc(all, io->len ? io->len : 1);
    enum proto_status status = proto_dns.parse(state, io);
    if (io->consumed > io->len)
        abort();
    free(side->data);
    side->len = io->len - io->consumed;
    side->data = malloc(side->len ? side->len : 1);
    if (side->data == NULL)
        abort();
    memcpy(side->data, all + io->consumed, side->len);
    free(all);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct reader r = reader_of(data, size);
    uint8_t how = reader_u8(&r);
    struct flow_ref flow = {.key.proto = how & IN_TCP ? 6 : 17};
    struct settings settings = {.decap.names.passive_dns = true, .eve.dns_version = how & IN_VERSION_2 ? 2 : 3};
    struct side sides[2] = {{NULL, 0}, {NULL, 0}};
    void *state = calloc(1, proto_dns.state_size);
    if (state == NULL || proto_dns.init(state, &settings, (how & IN_REVERSED) != 0) != 0)
        abort();
    enum proto_status status = PROTO_OK;
    for (unsigned i = 0; i < CHUNKS_MAX && reader_left(&r) >= 2 && status == PROTO_OK; i++) {
        uint8_t kind = reader_u8(&r);
        size_t len = reader_u8(&r);
        enum flow_dir d = kind & CHUNK_TO_CLIENT ? TO_CLIENT : TO_SERVER;
        struct proto_io io = {.dir = d, .flow = &flow, .settings = &settings, .engine = &engine};
        if (kind & CHUNK_GAP) {
            sides[d].len = 0;
            status = proto_dns.gap(state, &io, len + 1);
            continue;
        }
        struct reader chunk = reader_sub(&r, len < reader_left(&r) ? len : reader_left(&r));
        probe(how & IN_TCP ? PROTO_TCP : PROTO_UDP, d, chunk.p, reader_left(&chunk));
        status = feed(state, &sides[d], &io, chunk.p, reader_left(&chunk));
    }
    log_all(state);
    proto_dns.fini(state);
    free(sides[0].data);
    free(sides[1].data);
    free(state);
    return 0;
}
