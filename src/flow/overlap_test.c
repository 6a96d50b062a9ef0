/* Overlaps against a model: thousands of segmentations, whose every segment has bytes of its own, under every policy,
 * of TCP and of fragments. What comes out must be, byte by byte, what that policy's stack takes. The model is written
 * from the published descriptions (named in pieces.h), one byte at a time, and shares nothing with what it tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/defrag.h"
#include "flow/overlap.h"
#include "flow/tcp.h"

#define STREAM   240u
#define SEGMENTS 120u

struct segment {
    int from;
    int to;
    uint8_t bytes[STREAM];
};

/* Does a newer segment take a byte from an older one? */
typedef bool (*wins_fn)(const struct segment *older, const struct segment *newer);

static bool never(const struct segment *o, const struct segment *n)
{
    (void)o, (void)n;
    return false;
}

static bool always(const struct segment *o, const struct segment *n)
{
    (void)o, (void)n;
    return true;
}

/* "Favors an original fragment with an offset that is less than or equal to a subsequent fragment." */
static bool bsd(const struct segment *o, const struct segment *n)
{
    return !(o->from <= n->from);
}

/* "Favors a subsequent fragment when the original fragment has an offset that is less than or equal to the subsequent
 * one." */
static bool bsd_right(const struct segment *o, const struct segment *n)
{
    return o->from <= n->from;
}

/* "Favors an original fragment with an offset that is less than a subsequent fragment." */
static bool linux_fragment(const struct segment *o, const struct segment *n)
{
    return !(o->from < n->from);
}

static bool windows_fragment(const struct segment *o, const struct segment *n)
{
    return n->from < o->from && n->to > o->to;
}

static bool solaris_fragment(const struct segment *o, const struct segment *n)
{
    return n->from < o->from && n->to >= o->to;
}

/* As BSD; and what begins with the older one and is longer. */
static bool linux_segment(const struct segment *o, const struct segment *n)
{
    return n->from < o->from || (n->from == o->from && n->to > o->to);
}

static bool old_linux_segment(const struct segment *o, const struct segment *n)
{
    return n->from < o->from || (n->from == o->from && n->to >= o->to);
}

/* What ends behind the older one, or, if it does not begin behind it, ends with it. */
static bool solaris_segment(const struct segment *o, const struct segment *n)
{
    return n->to > o->to || (n->to == o->to && n->from <= o->from);
}

static const struct {
    enum settings_os os;
    wins_fn segment;
    wins_fn fragment;
} stacks[] = {
    {OS_FIRST, never, never},
    {OS_LAST, always, always},
    {OS_BSD, bsd, bsd},
    {OS_BSD_RIGHT, bsd_right, bsd_right},
    {OS_LINUX, linux_segment, linux_fragment},
    {OS_OLD_LINUX, old_linux_segment, linux_fragment},
    {OS_WINDOWS, bsd, windows_fragment},
    {OS_WINDOWS2K3, bsd, windows_fragment},
    {OS_VISTA, never, windows_fragment},
    {OS_SOLARIS, solaris_segment, solaris_fragment},
    {OS_OLD_SOLARIS, never, never},
    {OS_HPUX10, bsd, bsd},
    {OS_HPUX11, solaris_segment, never},
    {OS_IRIX, bsd, bsd},
    {OS_MACOS, bsd, never},
};

#define STACKS (sizeof stacks / sizeof stacks[0])

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* Segments that together cover all of it, in any order, in units: most of them small, some long, some exact
 * repetitions. */
static unsigned make_segments(uint64_t *seed, int unit, struct segment *all)
{
    unsigned n = 0;
    int length = (int)STREAM;
    bool covered[STREAM] = {false};
    int left = length;
    while (n < SEGMENTS) {
        struct segment *s = &all[n++];
        uint32_t kind = next_random(seed) % 10;
        if (kind == 0 && n > 1) {
            *s = all[next_random(seed) % (n - 1)];
        } else {
            s->from = (int)(next_random(seed) % (STREAM / (unsigned)unit)) * unit;
            s->to = s->from + unit * (1 + (int)(next_random(seed) % (kind < 7 ? 4 : 12)));
        }
        if (n == SEGMENTS || (left < 40 && kind > 7)) { /* the first hole, so that it ends */
            for (s->from = 0; s->from < length && covered[s->from]; s->from++)
                ;
            s->from = s->from / unit * unit;
            s->to = n == SEGMENTS ? length : s->from + unit;
        }
        s->to = s->to > length ? length : s->to;
        for (int i = s->from; i < s->to; i++) {
            s->bytes[i] = (uint8_t)next_random(seed);
            left -= !covered[i];
            covered[i] = true;
        }
        if (left == 0)
            break;
    }
    return n;
}

/* The model: who owns each byte; `taken` bytes went to the application and nobody's any more. */
struct model {
    struct segment bounds[SEGMENTS];
    int owner[STREAM];
    uint8_t out[STREAM];
    int taken;
    unsigned n;
};

static void model_begin(struct model *m)
{
    memset(m, 0, sizeof *m);
    for (unsigned i = 0; i < STREAM; i++)
        m->owner[i] = -1;
}

static void model_take(struct model *m, const struct segment *s, wins_fn wins, bool stream)
{
    struct segment *mine = &m->bounds[m->n];
    mine->from = s->from < m->taken ? m->taken : s->from;
    mine->to = s->to;
    for (int i = mine->from; i < mine->to; i++)
        if (m->owner[i] < 0 || wins(&m->bounds[m->owner[i]], mine)) {
            m->owner[i] = (int)m->n;
            m->out[i] = s->bytes[i];
        }
    m->n++;
    while (stream && m->taken < (int)STREAM && m->owner[m->taken] >= 0)
        m->taken++;
}

struct sink {
    uint8_t bytes[STREAM];
    uint32_t len;
};

static void deliver(struct sink *k, const uint8_t *bytes, uint32_t len)
{
    assert_true(k->len + len <= STREAM);
    if (len)
        memcpy(k->bytes + k->len, bytes, len);
    k->len += len;
}

static void deliver_list(struct sink *k, struct piece *p)
{
    while (p) {
        struct piece *next = p->next;
        assert_int_equal(p->gap, 0);
        deliver(k, p->bytes, p->len);
        piece_free(p);
        p = next;
    }
}

static void tcp_give(struct tcp_track *t, struct tcp_memory *memory, uint32_t isn, const struct segment *s,
                     uint8_t flags, struct sink *k)
{
    static const struct tcp_limits limits = {.memcap = 1u << 20, .queue_memcap = 1u << 20, .overlap_check = true};
    struct packet p = {.dir = flags == (TCP_SYN | TCP_ACK) ? TO_CLIENT : TO_SERVER};
    struct tcp_result r;
    uint32_t len = (uint32_t)(s->to - s->from);
    uint8_t *copy = malloc(len ? len : 1); /* of just this length, so that reading behind it is seen */
    assert_non_null(copy);
    memcpy(copy, s->bytes + s->from, len);
    p.d.tcp = (struct decoded_tcp){.seq = isn + (uint32_t)s->from, .flags = flags, .window = 65535, .wscale = 255};
    p.d.tcp.ack = p.dir == TO_CLIENT ? isn : flags & TCP_ACK ? 8 : 0;
    if (flags & TCP_SYN)
        p.d.tcp.seq = p.dir == TO_CLIENT ? 7 : isn - 1;
    p.d.payload = copy;
    p.d.payload_len = len;
    tcp_packet(t, &p, &limits, memory, &r);
    deliver_list(k, r.before.first);
    deliver(k, p.payload, p.payload_len);
    deliver_list(k, r.after.first);
    free(copy);
}

/* isn: number of the stream's first byte. */
static void tcp_run(uint64_t seed, size_t stack, uint32_t isn)
{
    static struct segment all[SEGMENTS];
    static struct model m;
    static const struct segment nothing;
    struct tcp_track t = {.half = {{.rule = overlap_of_segments(stacks[stack].os)}}};
    struct tcp_memory memory = {0};
    struct sink k = {.len = 0};
    unsigned n = make_segments(&seed, 1, all);
    model_begin(&m);
    tcp_give(&t, &memory, isn, &nothing, TCP_SYN, &k);
    tcp_give(&t, &memory, isn, &nothing, TCP_SYN | TCP_ACK, &k);
    tcp_give(&t, &memory, isn, &nothing, TCP_ACK, &k);
    for (unsigned i = 0; i < n; i++) {
        model_take(&m, &all[i], stacks[stack].segment, true);
        tcp_give(&t, &memory, isn, &all[i], TCP_ACK, &k);
        assert_int_equal(k.len, m.taken);
    }
    assert_int_equal(k.len, STREAM);
    assert_memory_equal(k.bytes, m.out, STREAM);
    assert_true(memory.held == 0);
    tcp_fini(&t, &memory);
}

static void segments_come_out_as_the_stack_takes_them(void **state)
{
    (void)state;
    for (size_t s = 0; s < STACKS; s++)
        for (uint64_t seed = 1; seed <= 3000; seed++)
            tcp_run(seed * 977 + s, s, seed & 1 ? (uint32_t)seed * 7919u + 1 : UINT32_MAX - (uint32_t)(seed % STREAM));
}

static enum defrag_outcome fragment_give(struct defrag *d, const struct segment *s, uint32_t id, struct sink *k,
                                         unsigned *did)
{
    struct packet p = {.item = {.now_ns = 1}};
    struct defrag_result r;
    uint32_t len = (uint32_t)(s->to - s->from);
    uint8_t *copy = malloc(len);
    assert_non_null(copy);
    memcpy(copy, s->bytes + s->from, len);
    p.d.src = addr_v4((const uint8_t[4]){10, 0, 0, 1});
    p.d.dst = addr_v4((const uint8_t[4]){10, 0, 0, 2});
    p.d.ip_proto = 17;
    p.d.fragment_id = id;
    p.d.fragment_offset = (uint32_t)s->from;
    p.d.more_fragments = s->to < (int)STREAM;
    p.d.payload = copy;
    p.d.payload_len = len;
    defrag_packet(d, &p, &r);
    free(copy);
    if (r.outcome == DEFRAG_WHOLE)
        deliver(k, r.bytes, r.len);
    free(r.bytes);
    *did = r.did;
    return r.outcome;
}

static void init_for(struct defrag *d, struct settings_host_os *hosts, struct settings_prefix *any, enum settings_os os)
{
    static const struct settings_defrag times = {.timeout = 60};
    *any = (struct settings_prefix){.addr = {.family = ADDR_NONE}};
    *hosts = (struct settings_host_os){.any = true};
    hosts->addresses[os] = any;
    hosts->address_count[os] = 1;
    assert_int_equal(defrag_init(d, &times, hosts, 1u << 20, 100, 42), 0);
}

static void fragments_come_out_as_the_stack_takes_them(void **state)
{
    (void)state;
    static struct segment all[SEGMENTS];
    static struct model m;
    for (size_t s = 0; s < STACKS; s++) {
        struct defrag d;
        struct settings_host_os hosts;
        struct settings_prefix any;
        unsigned did;
        init_for(&d, &hosts, &any, stacks[s].os);
        for (uint64_t run = 1; run <= 3000; run++) {
            uint64_t seed = run * 31 + s;
            struct sink k = {.len = 0};
            unsigned n = make_segments(&seed, 8, all);
            model_begin(&m);
            for (unsigned i = 0; i < n; i++) {
                model_take(&m, &all[i], stacks[s].fragment, false);
                enum defrag_outcome o = fragment_give(&d, &all[i], (uint32_t)run, &k, &did);
                assert_int_equal(o, i + 1 < n ? DEFRAG_KEPT : DEFRAG_WHOLE);
            }
            assert_int_equal(k.len, STREAM);
            assert_memory_equal(k.bytes, m.out, STREAM);
            assert_int_equal(d.count, 0);
        }
        defrag_fini(&d);
        assert_true(d.memory == 0);
    }
}

/* The six fragments of Shankar and Paxson's probe, in units of 20 bytes, and what each policy makes of them. */
static void published_probe(void **state)
{
    (void)state;
    static const struct {
        int from;
        int len;
    } probe[] = {{0, 3}, {4, 2}, {6, 3}, {1, 4}, {6, 3}, {9, 3}};
    static const struct {
        enum settings_os os;
        const char *result;
    } known[] = {{OS_BSD, "111442333666"},
                 {OS_BSD_RIGHT, "144422555666"},
                 {OS_LINUX, "111442555666"},
                 {OS_FIRST, "111422333666"},
                 {OS_LAST, "144442555666"}};
    const int unit = (int)STREAM / 12;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct defrag d;
        struct settings_host_os hosts;
        struct settings_prefix any;
        struct sink k = {.len = 0};
        unsigned did = 0;
        unsigned all = 0;
        init_for(&d, &hosts, &any, known[i].os);
        for (int n = 0; n < 6; n++) {
            struct segment s = {.from = probe[n].from * unit, .to = (probe[n].from + probe[n].len) * unit};
            memset(s.bytes, '1' + n, sizeof s.bytes);
            fragment_give(&d, &s, 1, &k, &did);
            all |= did;
        }
        assert_int_equal(k.len, 12 * unit);
        for (int n = 0; n < 12; n++)
            assert_int_equal(k.bytes[n * unit], known[i].result[n]);
        assert_int_equal(all, DEFRAG_OVERLAP | DEFRAG_DIFFERS);
        defrag_fini(&d);
    }
}

/* At its limits a list stays a list: in order, without overlaps, counted right. */
static void limits_of_pieces(void **state)
{
    (void)state;
    for (uint64_t run = 1; run <= 2000; run++) {
        uint64_t seed = run;
        struct pieces l = {.first = NULL};
        struct pieces_limits limits = {.memcap = 200 + next_random(&seed) % 3000, .most = 1 + next_random(&seed) % 12};
        uint64_t held = 0;
        static uint8_t bytes[64];
        for (int i = 0; i < 60; i++) {
            uint32_t at = next_random(&seed) % 200 - 100;
            uint32_t len = 1 + next_random(&seed) % 60;
            struct piece_new n = {.at = at, .len = len, .from = at, .to = at + len, .bytes = bytes};
            n.rule = (overlap_rule)(next_random(&seed) & OVERLAP_NEW);
            pieces_put(&l, &n, &limits, &held);
            uint32_t count = 0, sum = 0;
            for (const struct piece *p = l.first; p; p = p->next) {
                assert_true(!p->next || (int32_t)(p->at + p->len - p->next->at) <= 0);
                assert_true(p->next || p == l.last);
                assert_true(p->len > 0 && p->len <= p->size);
                count++;
                sum += p->len;
            }
            assert_int_equal(count, l.count);
            assert_int_equal(sum, l.bytes);
            assert_true(held <= limits.memcap && count <= limits.most);
        }
        pieces_drop(&l, &held);
        assert_true(held == 0);
    }
}

/* Is p what a piece of its own would have of the i-th packet whose bytes q has? */
static void assert_same_packet(const struct piece *p, const struct piece *q, unsigned i)
{
    const uint32_t *ends = (const uint32_t *)(const void *)q->store;
    uint32_t begin = i > 1 ? ends[i - 2] : i ? q->to : q->at;
    uint32_t end = i == q->more ? q->at + q->len : i ? ends[i - 1] : q->to;
    assert_true(p->at == begin && p->len == end - begin);
    assert_true(p->from == (i ? begin : q->from) && p->to == (i ? ends[i - 1] : q->to));
    assert_memory_equal(p->bytes, q->bytes + (begin - q->at), p->len);
}

static void assert_same_pieces(const struct pieces *a, const struct pieces *b)
{
    assert_true(a->count == b->count && a->bytes == b->bytes);
    const struct piece *q = b->first;
    unsigned i = 0;
    for (const struct piece *p = a->first; p; p = p->next) {
        assert_int_equal(p->more, 0);
        assert_same_packet(p, q, i);
        i = i == q->more ? 0 : i + 1;
        q = i ? q : q->next;
    }
    assert_null(q);
}

/* The bytes of the first n packets, and of the next one up to its middle: the same at the same places. */
static void take_some(struct pieces *own, struct pieces *in_runs, uint32_t n, uint64_t held[2])
{
    static uint8_t all[1u << 18];
    uint32_t begin = own->first ? own->first->at : 0, end = begin;
    for (uint32_t i = 0; i <= n && own->first; i++) {
        const struct piece *next = own->first;
        struct piece *p = i < n           ? pieces_take(own, &held[0])
                          : next->len > 1 ? pieces_take_before(own, next->at + next->len / 2, &held[0])
                                          : NULL;
        if (!p)
            break;
        end = p->at + p->len;
        assert_true(end - begin <= sizeof all);
        memcpy(all + (p->at - begin), p->bytes, p->len);
        piece_free(p);
    }
    struct piece *last = NULL;
    while (in_runs->first && (int32_t)(in_runs->first->at - end) < 0) {
        bool some = (int32_t)(in_runs->first->at + in_runs->first->len - end) > 0;
        struct piece *q = some ? pieces_take_before(in_runs, end, &held[1]) : pieces_take(in_runs, &held[1]);
        assert_memory_equal(q->bytes, all + (q->at - begin), q->len);
        if (last && piece_join(last, q))
            continue;
        if (last)
            piece_free(last);
        last = q;
    }
    if (last) {
        assert_memory_equal(last->bytes, all + (last->at - begin), last->len);
        piece_free(last);
    }
}

/* Whether pieces have blocks of their own or lie in runs, the same wins and the same comes out. */
static void runs_change_nothing(void **state)
{
    (void)state;
    struct piece_pool pool = {.run_count = 0};
    uint32_t in_runs = 0, grown = 0;
    for (uint64_t run = 1; run <= 500; run++) {
        uint64_t seed = run, held[2] = {0, 0};
        struct pieces l[2] = {{.first = NULL}, {.first = NULL}};
        struct pieces_limits own = {.memcap = 1u << 20, .most = 500}, pooled = own;
        pooled.pool = &pool;
        for (int i = 0; i < 80; i++) {
            uint8_t bytes[1600];
            uint32_t len = 1 + next_random(&seed) % (next_random(&seed) % 4 ? 60u : (uint32_t)sizeof bytes);
            bool behind = next_random(&seed) % 4;
            uint32_t at = pieces_end(&l[0], 0) - (behind ? 0 : next_random(&seed) % 200 - 50);
            for (uint32_t b = 0; b < len; b++)
                bytes[b] = (uint8_t)next_random(&seed);
            struct piece_new n = {.at = at, .len = len, .from = at, .to = at + len, .bytes = bytes};
            n.rule = (overlap_rule)(next_random(&seed) & OVERLAP_NEW);
            assert_int_equal(pieces_put(&l[0], &n, &own, &held[0]), pieces_put(&l[1], &n, &pooled, &held[1]));
            assert_same_pieces(&l[0], &l[1]);
            for (const struct piece *p = l[1].first; p; p = p->next) {
                in_runs += p->run != NULL;
                grown += p->more != 0;
            }
            if (next_random(&seed) % 8 == 0) {
                take_some(&l[0], &l[1], next_random(&seed) % (l[0].count + 1), held);
                assert_same_pieces(&l[0], &l[1]);
            }
        }
        pieces_drop(&l[0], &held[0]);
        pieces_drop(&l[1], &held[1]);
        assert_true(held[0] == 0 && held[1] == 0);
    }
    assert_true(in_runs > 0 && grown > 0 && pool.run_count > 0);
    piece_pool_fini(&pool);
}

/* What a run has of memory counts as long as a piece waits there, though all before that went on. */
static void parts_count_while_one_waits(void **state)
{
    (void)state;
    static const uint8_t bytes[1400];
    struct piece_pool pool = {.run_count = 0};
    const struct pieces_limits limits = {.memcap = 1u << 20, .most = 1000, .pool = &pool};
    struct pieces l = {.first = NULL};
    uint64_t held = 0;
    for (uint32_t i = 0; i < 40; i++) {
        uint32_t at = i * (uint32_t)sizeof bytes, end = at + (uint32_t)sizeof bytes;
        const struct piece_new n = {.at = at, .len = sizeof bytes, .from = at, .to = end, .bytes = bytes};
        assert_int_equal(pieces_put(&l, &n, &limits, &held), 0);
    }
    while (l.first != l.last)
        piece_free(pieces_take(&l, &held));
    assert_true(l.last->run && l.last->run->part > 1 && l.last->run->listed == 1);
    assert_true(l.bytes <= PIECE_RUN_ROOM && held > l.last->run->used);
    pieces_drop(&l, &held);
    assert_true(held == 0);
    piece_pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_come_out_as_the_stack_takes_them),
        cmocka_unit_test(fragments_come_out_as_the_stack_takes_them),
        cmocka_unit_test(published_probe),
        cmocka_unit_test(limits_of_pieces),
        cmocka_unit_test(runs_change_nothing),
        cmocka_unit_test(parts_count_while_one_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
