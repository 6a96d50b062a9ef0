/* Windows that lie where the segments have them, against windows that are copied: the same bytes, the same alerts, and
 * nothing is read once its segment's memory went back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "detect/engine/generation.h"
#include "detect/load_test.h"

#define FLOWS    12u /* more than may have theirs in segments */
#define HEAD     4096u
#define RUN_ROOM 9000u

static uint64_t seed = 0x2545f4914f6cdd1d;

static unsigned pick(unsigned below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 33) % below;
}

static struct config *config;
static struct counters counters;

struct bench {
    struct detect_memory *memory;
    struct detect_generation *rules;
    struct detect_follow follow;
};

static uint8_t ready(enum detect_app app, unsigned buffer)
{
    (void)buffer;
    return app == APP_HTTP1 ? TX_DONE : TX_STARTED;
}

static void begin(struct bench *b, const char *text, unsigned rules)
{
    char error[512];
    struct detect *d = NULL;
    *b = (struct bench){.memory = detect_memory_create(config_settings(config))};
    struct ruleset *set = load_text_test(text, rules, NULL);
    assert_int_equal(detect_create(set, b->memory, ready, NULL, &d, error, sizeof error), 0);
    b->rules = detect_generation_create(&set, &d);
    assert_int_equal(detect_generation_prepare(b->rules, 1), 0);
    detect_follow_begin(&b->follow, b->rules, 0, &counters);
}

static void end(struct bench *b)
{
    detect_follow_end(&b->follow);
    detect_generation_destroy(&b->rules);
    detect_memory_destroy(&b->memory);
}

/* Memory of segments that follow one another; it goes when none of them is out. */
struct run {
    unsigned out;
    uint32_t used;
    uint8_t *bytes; /* HEAD of them before the first segment's */
};

static unsigned runs_out;

static struct run *run_make(void)
{
    struct run *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->bytes = malloc(HEAD + RUN_ROOM);
    assert_non_null(r->bytes);
    runs_out++;
    return r;
}

/* One flow, looked at twice. */
struct flow {
    struct flow_ref ref;
    struct detect_flow *lent;
    struct detect_flow *copied;
    struct run *run; /* the last segment's; NULL: it went */
};

static struct detect_windows windows;
static struct flow flows[FLOWS];
static struct bench rules, other;
static uint64_t number;
static unsigned alerts, in_place;

static void run_leave(struct run *r)
{
    if (!r || --r->out)
        return;
    for (unsigned i = 0; i < FLOWS; i++)
        flows[i].run = flows[i].run == r ? NULL : flows[i].run;
    free(r->bytes);
    free(r);
    runs_out--;
}

static void assert_same(const struct flow *f)
{
    for (enum flow_dir d = TO_SERVER; d <= TO_CLIENT; d++) {
        struct inspect_bytes a = detect_stream(f->lent, d), b = detect_stream(f->copied, d);
        assert_int_equal(a.n, b.n);
        if (a.n)
            assert_memory_equal(a.p, b.p, a.n);
        assert_true(detect_unseen(f->lent, d) == detect_unseen(f->copied, d));
        assert_true(detect_parted(f->lent, d) == detect_parted(f->copied, d));
    }
    assert_true(windows.count <= DETECT_LENT_MOST);
}

static struct detect_input input(const struct flow *f, struct detect_flow *state, const struct packet *p)
{
    return (struct detect_input){.packet = p, .flow = &f->ref, .state = state, .dir = p->dir, .app_first = APP_ANY};
}

/* A packet of the flow's direction, with which is looked at what came before. */
static void look(struct flow *f, enum flow_dir dir)
{
    static struct detect_alerts out[2];
    struct packet p = {.item = {.kind = ITEM_PACKET, .number = ++number}, .flow = &f->ref, .dir = dir};
    p.seen.established = true;
    p.d.layers = LAYER_IP | LAYER_TRANSPORT;
    p.d.ip_proto = 6;
    for (int i = 0; i < 2; i++) {
        struct detect_input in = input(f, i ? f->copied : f->lent, &p);
        out[i].count = 0;
        in.unseen_only = detect_parted(in.state, dir);
        for (int parts = 0; in.unseen_only && parts < 2 && detect_unseen(in.state, dir); parts++)
            detect_packet(rules.follow.lane, &in, &out[i]);
        in.unseen_only = false;
        detect_packet(rules.follow.lane, &in, &out[i]);
        detect_finish(rules.follow.lane, &in, &out[i]);
    }
    assert_int_equal(out[0].count, out[1].count);
    for (unsigned i = 0; i < out[0].count; i++)
        assert_ptr_equal(out[0].alert[i].rule, out[1].alert[i].rule);
    alerts += out[0].count;
}

/* An acknowledged segment: behind the last one in its memory, or in other memory, which it may have begun. */
static void segment(struct flow *f, enum flow_dir dir)
{
    uint32_t len = 1 + pick(pick(3) ? 1500 : 5000);
    bool on = f->run && pick(3) && f->run->used + len <= RUN_ROOM;
    struct run *r = on ? f->run : run_make();
    uint8_t *bytes = r->bytes + HEAD + r->used;
    for (uint32_t i = 0; i < len; i++)
        bytes[i] = (uint8_t) "abcd"[pick(4)];
    struct packet p = {.item = {.kind = ITEM_SEGMENT, .number = ++number},
                       .flow = &f->ref,
                       .dir = dir,
                       .flags = (uint16_t)(PACKET_ACKED | (pick(12) ? 0 : PACKET_GAP)),
                       .payload = bytes,
                       .payload_len = len,
                       .piece = r,
                       .head = !r->used && pick(4) ? r->bytes : NULL};
    struct packet same = p;
    same.head = NULL;
    bool could = p.head;
    r->out++;
    r->used += len;
    f->run = r;
    unsigned how = pick(20);
    const struct detect *d = detect_of((how ? &rules : &other)->follow.lane);
    if (how == 1) {
        detect_leave(f->lent, &p);
    } else if (!detect_later(d, f->copied, &same)) {
        assert_false(detect_later(d, f->lent, &p));
        look(f, dir);
    } else {
        assert_true(detect_later(d, f->lent, &p));
    }
    in_place += could && !p.head;
    /* And it goes back. */
    run_leave(p.piece);
    run_leave(p.left);
}

static void close_flow(struct flow *f)
{
    for (enum flow_dir d = TO_SERVER; d <= TO_CLIENT; d++) {
        run_leave(detect_take_kept(f->lent, d));
        assert_null(detect_take_kept(f->copied, d));
    }
    f->run = NULL;
    detect_flow_destroy(&f->lent);
    detect_flow_destroy(&f->copied);
}

static void open_flow(struct flow *f)
{
    static const uint8_t client[4] = {192, 0, 2, 1}, server[4] = {198, 51, 100, 1};
    *f = (struct flow){.ref = {.id = ++number, .key = {.sport = 40000, .dport = 80, .proto = 6}},
                       .lent = detect_flow_create(&windows),
                       .copied = detect_flow_create(NULL)};
    f->ref.key.src = addr_v4(client);
    f->ref.key.dst = addr_v4(server);
    assert_true(f->lent && f->copied);
}

static void windows_are_the_same_wherever_they_lie(void **state)
{
    (void)state;
    begin(&rules,
          "alert tcp any any -> any any (content:\"abcabd\"; sid:1;)\n"
          "alert tcp any any -> any any (content:\"abcda\"; content:\"dcba\"; distance:0; within:900; sid:2;)\n"
          "alert tcp any any -> any any (content:\"aaaab\"; pcre:\"/aaaab[^b]{4}c/\"; sid:3;)\n",
          3);
    begin(&other, "alert http any any -> any any (http.uri; content:\"x\"; sid:1;)\n", 1);
    for (unsigned i = 0; i < FLOWS; i++)
        open_flow(&flows[i]);
    for (unsigned i = 0; i < 40000; i++) {
        /* Few of them most of the time. */
        struct flow *f = &flows[pick(8) ? pick(4) : pick(FLOWS)];
        unsigned what = pick(100);
        if (what == 0) {
            close_flow(f);
            open_flow(f);
        } else if (what < 40) {
            look(f, TO_SERVER);
        } else {
            segment(f, TO_SERVER);
        }
        assert_same(f);
    }
    for (unsigned i = 0; i < FLOWS; i++)
        close_flow(&flows[i]);
    assert_true(windows.count == 0 && runs_out == 0);
    assert_true(alerts > 1000 && in_place > 1000);
    end(&rules);
    end(&other);
}

int main(void)
{
    char error[512];
    if (config_create(NULL, NULL, 0, &config, error, sizeof error) != 0)
        return 1;
    detect_counters_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(windows_are_the_same_wherever_they_lie)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    config_destroy(&config);
    return failed;
}
