/* Fuzzes TCP tracking and reassembly. The input: a head of four octets (what limits allow, whether bytes wait for their
 * acknowledgement; the overlap rule), then packets of twelve octets: direction and options, flags, number and
 * acknowledgement as distances from what the tracker expects, window, length, time stamp, urgent pointer. What comes
 * out must add up: bytes, gaps and urgent bytes left out are what lies between the first number and the next expected
 * one, limits are kept, memory is given back. Where no depth is set, a second tracker has one that is never reached,
 * which keeps it off the path for plain packets: both must do the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/hash.h"
#include "flow/tcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PACKET_LEN 12

struct run {
    struct tcp_track t;
    struct tcp_limits limits;
    struct tcp_memory memory;
    struct tcp_result result;
    uint64_t out[2]; /* bytes and gaps */
    uint64_t digest; /* of all that came out, and how */
    bool eof[2];
    uint64_t now;
};

static void check(bool good)
{
    if (!good)
        abort();
}

static void take(struct run *r, enum flow_dir dir, uint32_t gap, const uint8_t *bytes, uint32_t len)
{
    uint8_t sum = 0;
    for (uint32_t i = 0; i < len; i++)
        sum ^= bytes[i];
    r->out[dir] += (uint64_t)gap + len;
    r->digest = hash_mix(r->digest, (uint64_t)dir << 40 | (uint64_t)sum << 32 | len);
    r->digest = hash_mix(r->digest, gap);
}

static void take_list(struct run *r, struct tcp_ready *ready)
{
    for (struct piece *p = ready->first, *next; p; p = next) {
        next = p->next;
        take(r, ready->dir, p->gap, p->bytes, p->len);
        piece_free(p);
    }
    if (ready->first && ready->eof) {
        check(!r->eof[ready->dir]);
        r->eof[ready->dir] = true;
    }
}

/* Its bytes lie in memory that is given to it. */
static void check_room(const struct piece *p)
{
    const struct piece_run *run = p->run;
    check(p->len && (run || p->len <= p->size));
    check(!run || (p->bytes >= run->bytes && p->bytes + p->len <= run->bytes + run->used));
    check(!run || (run->used - run->begun <= PIECE_RUN_ROOM && run->part < PIECE_RUN_PARTS && p->part <= run->part));
    check(!run || (run->listed && run->listed <= run->pieces));
    check(p->more <= (run ? PIECE_MORE_MOST : 0));
}

static void check_list(const struct run *r, const struct tcp_half *h)
{
    uint32_t bytes = 0;
    uint32_t count = 0;
    for (const struct piece *p = h->waiting.first; p; p = p->next) {
        check_room(p);
        check(p->next || p == h->waiting.last);
        check(!p->next || (int32_t)(p->at + p->len - p->next->at) <= 0);
        check((int32_t)(p->at - h->next) >= (h->tentative || r->limits.acked ? 0 : 1));
        bytes += p->len;
        count += 1u + p->more;
    }
    check(bytes == h->waiting.bytes && count == h->waiting.count);
    check(r->memory.held <= r->limits.memcap && r->memory.queues <= r->limits.queue_memcap);
}

/* What a tracker knows of a direction. */
static void digest_half(struct run *r, const struct tcp_half *h)
{
    const uint32_t all[] = {h->next,
                            h->top,
                            h->acked,
                            h->edge,
                            h->fin,
                            h->window,
                            h->ts_recent,
                            h->ts_clock,
                            h->sample_at,
                            h->sample_len,
                            h->urgent_told,
                            h->flags,
                            h->doubted,
                            h->waiting.bytes,
                            h->waiting.count,
                            (uint32_t)(h->synced | h->acked_seen << 1 | h->fin_seen << 2 | h->rst_seen << 3 |
                                       h->eof_told << 4 | h->ts_seen << 5 | h->tentative << 6 | h->urgent_set << 7 |
                                       h->far_ahead << 8 | h->gap_told << 9 | h->bypass << 10)};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        r->digest = hash_mix(r->digest, all[i]);
    r->digest = hash_mix(r->digest, h->sample[0] + h->sample[1]);
    r->digest = hash_mix(r->digest, h->delivered);
}

static void digest_packet(struct run *r, const struct packet *p)
{
    r->digest = hash_mix(r->digest, (uint64_t)p->flags << 32 | (p->flags & PACKET_KEPT ? p->kept_after : 0));
    r->digest = hash_mix(r->digest, (uint64_t)r->result.flags << 32 | r->t.state);
    for (unsigned i = 0; i < r->result.event_count; i++)
        r->digest = hash_mix(r->digest, r->result.events[i]);
    digest_half(r, &r->t.half[0]);
    digest_half(r, &r->t.half[1]);
}

static void packet(struct run *r, const uint8_t *b)
{
    struct packet p = {.dir = (enum flow_dir)(b[0] & 1)};
    struct tcp_half *h = &r->t.half[p.dir];
    struct tcp_half *peer = &r->t.half[!p.dir];
    r->now += (uint64_t)(b[0] >> 4) * (b[0] & 8 ? 86400 * NS_PER_S : 1000000);
    p.time_ns = p.item.now_ns = r->now;
    p.d.tcp.flags = b[1];
    p.d.tcp.seq = h->next + (uint32_t)(int16_t)load_be16(b + 2) * (b[0] & 2 ? 256u : 1u);
    p.d.tcp.ack = peer->top + (uint32_t)(int16_t)load_be16(b + 4) * (b[0] & 4 ? 256u : 1u);
    p.d.tcp.window = load_be16(b + 6);
    p.d.tcp.wscale = b[10] & 8 ? b[10] & 7 : 255;
    p.d.tcp.has_timestamps = b[10] & 16;
    p.d.tcp.ts_value = (uint32_t)b[9] << 3;
    p.d.tcp.ts_echo = peer->ts_recent;
    p.d.tcp.urgent = b[11];
    p.d.payload_len = b[8] & 128 ? (b[8] & 127u) * 16 : b[8];
    uint8_t *copy = malloc(p.d.payload_len ? p.d.payload_len : 1);
    check(copy != NULL);
    memset(copy, b[9], p.d.payload_len);
    p.d.payload = copy;
    tcp_packet(&r->t, &p, &r->limits, &r->memory, &r->result);
    take_list(r, &r->result.before);
    take(r, p.dir, p.gap, p.payload, p.payload_len);
    if (p.flags & PACKET_EOF) {
        check(!r->eof[p.dir]);
        r->eof[p.dir] = true;
    }
    take_list(r, &r->result.after);
    free(copy);
    check(r->result.event_count <= TCP_RESULT_EVENTS);
    check(tcp_state_name((enum tcp_state)r->t.state) != NULL);
    check_list(r, h);
    check_list(r, peer);
    digest_packet(r, &p);
    tcp_is_reuse(&r->t, &p);
}

static void begin(struct run *r, const uint8_t *data, struct piece_pool *pool)
{
    struct settings_host_os none = {.any = false};
    struct flow_key key = {.proto = 6};
    memset(r, 0, sizeof *r);
    r->memory.pool = data[1] & 64 ? pool : NULL;
    r->limits = (struct tcp_limits){.depth = data[0] & 1 ? 3000 : 0,
                                    .memcap = data[0] & 2 ? 5000 : 1u << 20,
                                    .queue_memcap = data[0] & 4 ? sizeof r->t + 100 : 1u << 20,
                                    .max_syns = data[1] & 3,
                                    .max_synacks = data[1] >> 2 & 3,
                                    .urgent = (enum settings_urgent)(data[1] >> 4 & 3),
                                    .urgent_limit = URGENT_DROP,
                                    .midstream = data[0] & 8,
                                    .async = data[0] & 16,
                                    .liberal_timestamps = data[0] & 32,
                                    .overlap_check = true,
                                    .acked = data[0] & 128};
    tcp_begin(&r->t, &none, &key, &r->limits, &r->memory);
    r->t.half[0].rule = r->t.half[1].rule = load_be16(data + 2) & OVERLAP_NEW;
}

static void end(struct run *r, bool forget)
{
    if (forget)
        tcp_forget(&r->t, &r->memory);
    for (int d = 0; d < 2; d++) {
        tcp_flush(&r->t, (enum flow_dir)d, &r->memory, &r->result.before);
        take_list(r, &r->result.before);
        check(r->t.half[d].waiting.first == NULL);
    }
    tcp_fini(&r->t, &r->memory);
    check(r->memory.held == 0 && r->memory.queues == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run r[2];
    static struct piece_pool pool[2];
    if (size < 4)
        return 0;
    begin(&r[0], data, &pool[0]);
    begin(&r[1], data, &pool[1]);
    unsigned n = r[0].limits.depth ? 1 : 2;
    r[1].limits.depth = UINT64_MAX;
    for (size_t at = 4; at + PACKET_LEN <= size; at += PACKET_LEN) {
        for (unsigned i = 0; i < n; i++)
            packet(&r[i], data + at);
        check(n == 1 || r[0].digest == r[1].digest);
    }
    for (unsigned i = 0; i < 2; i++) {
        end(&r[i], data[0] & 64);
        piece_pool_fini(&pool[i]);
    }
    check(n == 1 || r[0].digest == r[1].digest);
    return 0;
}
