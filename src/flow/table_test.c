/* The flow table: both directions, time-outs that a sweep's timing never shows in, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "flow/table.h"

static void begin(struct flow_table *t, uint64_t flows)
{
    struct settings s;
    memset(&s, 0, sizeof s);
    s.flow.memcap = flows * (sizeof(struct flow) + FLOW_BESIDE);
    s.flow.hash_size = 4096;
    for (int c = 0; c < FLOW_CLASS_COUNT; c++) {
        struct settings_timeouts *k = &s.flow.timeouts[c];
        k->new_ = 10u + (unsigned)c;
        k->established = 100u + (unsigned)c;
        k->closed = 2u + (unsigned)c;
        k->bypassed = 50u + (unsigned)c;
    }
    assert_int_equal(flow_table_init(t, &s, 1, 4711), 0);
}

static struct flow_key key_of(uint32_t client, uint16_t sport, uint16_t dport, uint8_t proto)
{
    struct flow_key k;
    memset(&k, 0, sizeof k);
    k.src = addr_v4((const uint8_t[4]){10, (uint8_t)(client >> 16), (uint8_t)(client >> 8), (uint8_t)client});
    k.dst = addr_v4((const uint8_t[4]){192, 0, 2, 1});
    k.sport = sport;
    k.dport = dport;
    k.proto = proto;
    return k;
}

static struct flow_key turned(const struct flow_key *k)
{
    struct flow_key r = *k;
    r.src = k->dst;
    r.dst = k->src;
    r.sport = k->dport;
    r.dport = k->sport;
    return r;
}

static struct flow *find(const struct flow_table *t, const struct flow_key *k, enum flow_dir *dir)
{
    return flow_table_find(t, k, flow_table_hash(t, k), dir);
}

static struct flow *make(struct flow_table *t, const struct flow_key *k, uint64_t now_s)
{
    return flow_table_make(t, k, flow_table_hash(t, k), now_s * NS_PER_S, false);
}

static void end(struct flow_table *t, struct flow *f)
{
    flow_table_unhash(t, f);
    flow_table_free(t, &f);
    assert_null(f);
}

static void both_directions_are_found(void **state)
{
    (void)state;
    struct flow_table t;
    begin(&t, 100);
    struct flow_key k = key_of(1, 1000, 80, 6);
    struct flow_key r = turned(&k);
    enum flow_dir dir;
    assert_null(find(&t, &k, &dir));
    struct flow *f = make(&t, &k, 1);
    assert_non_null(f);
    assert_ptr_equal(find(&t, &k, &dir), f);
    assert_int_equal(dir, TO_SERVER);
    assert_ptr_equal(find(&t, &r, &dir), f);
    assert_int_equal(dir, TO_CLIENT);
    flow_table_unhash(&t, f);
    assert_null(find(&t, &k, &dir));
    assert_null(find(&t, &r, &dir));
    flow_table_unhash(&t, f); /* again: nothing */
    flow_table_free(&t, &f);
    flow_table_fini(&t);
}

/* Every part of a key tells flows apart. */
static void keys_differ(void **state)
{
    (void)state;
    struct flow_table t;
    begin(&t, 100);
    struct flow_key k = key_of(1, 1000, 80, 6);
    k.vlan_count = 2;
    k.vlan[0] = 7;
    k.vlan[1] = 8;
    assert_non_null(make(&t, &k, 1));
    struct flow_key other[9];
    for (size_t i = 0; i < 9; i++)
        other[i] = k;
    other[0].src.b[3] ^= 1;
    other[1].dst.b[3] ^= 1;
    other[2].sport++;
    other[3].dport++;
    other[4].proto = 17;
    other[5].vlan[1]++;
    other[6].vlan_count = 1;
    other[7].context = 4096;
    other[8].sport = k.dport; /* ports turned, addresses not */
    other[8].dport = k.sport;
    enum flow_dir dir;
    for (size_t i = 0; i < 9; i++) {
        assert_null(find(&t, &other[i], &dir));
        assert_non_null(make(&t, &other[i], 1));
    }
    for (size_t i = 0; i < 9; i++) {
        struct flow *f = find(&t, &other[i], &dir);
        assert_non_null(f);
        assert_memory_equal(&f->ref.key, &other[i], sizeof k);
    }
    flow_table_fini(&t);
}

static void time_outs_are_by_class_and_state(void **state)
{
    (void)state;
    static const uint8_t protos[] = {6, 17, 1, 58, 47};
    for (size_t i = 0; i < sizeof protos; i++)
        for (int s = 0; s < FLOW_STATE_COUNT; s++) {
            struct flow_table t;
            begin(&t, 10);
            struct flow_key k = key_of(1, 1000, 80, protos[i]);
            struct flow *f = make(&t, &k, 1000);
            flow_table_set_state(&t, f, (enum flow_state)s);
            uint64_t limit = t.timeout_ns[f->class_][s];
            uint64_t last = 1000 * NS_PER_S + limit;
            unsigned look = 10;
            assert_true(limit > NS_PER_S);
            assert_false(flow_table_expired(&t, f, last));
            assert_null(flow_table_next_expired(&t, last, &look));
            look = 10;
            assert_true(flow_table_expired(&t, f, last + 1));
            assert_ptr_equal(flow_table_next_expired(&t, last + 1, &look), f);
            end(&t, f);
            flow_table_fini(&t);
        }
    struct flow_table t;
    begin(&t, 10);
    assert_true(t.timeout_ns[FLOW_CLASS_TCP][FLOW_NEW] == (10 + FLOW_CLASS_TCP) * NS_PER_S);
    assert_true(t.timeout_ns[FLOW_CLASS_UDP][FLOW_CLOSED] == (2 + FLOW_CLASS_UDP) * NS_PER_S);
    assert_true(t.timeout_ns[FLOW_CLASS_ICMP][FLOW_ESTABLISHED] == (100 + FLOW_CLASS_ICMP) * NS_PER_S);
    flow_table_fini(&t);
}

#define HOSTS   40u
#define PACKETS 4000u

/* What a capture makes of flows: for each packet, which incarnation of its flow it met. */
static unsigned play(unsigned sweep_every, unsigned look_at, uint32_t *met)
{
    struct flow_table t;
    begin(&t, 10000);
    uint32_t x = 5;
    uint64_t now = 100 * NS_PER_S;
    uint32_t made = 0;
    for (unsigned i = 0; i < PACKETS; i++) {
        x = x * 1664525u + 1013904223u;
        uint32_t step = (x >> 24) % 50;
        now += step > 47 ? 60 * NS_PER_S : step * (NS_PER_S / 8);
        uint32_t host = (x >> 8) % HOSTS;
        struct flow_key k = key_of(host, 1000, 80, host % 3 == 0 ? 6 : host % 3 == 1 ? 17 : 1);
        enum flow_dir dir;
        struct flow *f = find(&t, &k, &dir);
        if (f && flow_table_expired(&t, f, now)) {
            end(&t, f);
            f = NULL;
        }
        if (!f) {
            f = flow_table_make(&t, &k, flow_table_hash(&t, &k), now, false);
            assert_non_null(f);
            f->ref.id = ++made;
        }
        f->last_now = now;
        met[i] = (uint32_t)f->ref.id;
        if ((x >> 16) % 5 == 0)
            flow_table_set_state(&t, f, (enum flow_state)((x >> 18) % FLOW_STATE_COUNT));
        if (sweep_every && i % sweep_every == 0) {
            unsigned look = look_at;
            while ((f = flow_table_next_expired(&t, now, &look)) != NULL) {
                assert_true(flow_table_expired(&t, f, now));
                end(&t, f);
            }
        }
    }
    unsigned left = (unsigned)t.count;
    flow_table_fini(&t);
    return left;
}

static void sweeping_never_shows(void **state)
{
    (void)state;
    static uint32_t never[PACKETS], always[PACKETS], seldom[PACKETS];
    unsigned left_never = play(0, 0, never);
    unsigned left_always = play(1, 64, always);
    play(7, 3, seldom);
    assert_memory_equal(never, always, sizeof never);
    assert_memory_equal(never, seldom, sizeof never);
    assert_true(never[PACKETS - 1] > HOSTS); /* there were time-outs at all */
    assert_true(left_always < left_never);   /* and the sweep freed something */
}

/* However the flows were used, a sweep without a limit finds all that are over. */
static void sweep_finds_all(void **state)
{
    (void)state;
    struct flow_table t;
    begin(&t, 1000);
    struct flow *flows[500];
    for (uint32_t i = 0; i < 500; i++) {
        struct flow_key k = key_of(i, 1000, 80, 17);
        flows[i] = make(&t, &k, 100 + i / 100);
        assert_non_null(flows[i]);
    }
    for (uint32_t i = 0; i < 500; i += 3)
        flows[i]->last_now = 1000 * NS_PER_S;
    unsigned ended = 0;
    struct flow *f;
    unsigned look = 100000;
    while ((f = flow_table_next_expired(&t, 1001 * NS_PER_S, &look)) != NULL) {
        end(&t, f);
        ended++;
    }
    assert_int_equal(ended, 500 - 167);
    assert_int_equal(t.count, 167);
    flow_table_fini(&t);
}

static void children_never_expire(void **state)
{
    (void)state;
    struct flow_table t;
    begin(&t, 10);
    struct flow_key k = key_of(1, 1000, 80, 6);
    k.context = 99;
    struct flow *f = flow_table_make(&t, &k, flow_table_hash(&t, &k), NS_PER_S, true);
    unsigned look = 100;
    enum flow_dir dir;
    assert_non_null(f);
    assert_false(flow_table_expired(&t, f, UINT64_MAX));
    assert_null(flow_table_next_expired(&t, UINT64_MAX, &look));
    assert_null(flow_table_oldest(&t));
    assert_ptr_equal(find(&t, &k, &dir), f);
    flow_table_set_state(&t, f, FLOW_CLOSED);
    assert_null(flow_table_oldest(&t));
    end(&t, f);
    assert_true(t.memory == 0);
    flow_table_fini(&t);
}

static void memcap_and_counts(void **state)
{
    (void)state;
    struct flow_table t;
    begin(&t, 200);
    struct flow *flows[200];
    for (uint32_t i = 0; i < 200; i++) {
        struct flow_key k = key_of(i, 1, 2, 6);
        flows[i] = make(&t, &k, 1);
        assert_non_null(flows[i]);
    }
    struct flow_key one_more = key_of(1000, 1, 2, 6);
    assert_null(make(&t, &one_more, 1));
    assert_int_equal(t.count, 200);
    assert_true(t.memory == t.memcap);
    flow_table_unhash(&t, flows[7]);
    assert_null(make(&t, &one_more, 1)); /* ended, but its end is still on its way */
    flow_table_free(&t, &flows[7]);
    assert_non_null(make(&t, &one_more, 1));
    assert_int_equal(t.count, 200);
    flow_table_fini(&t);
}

/* Closed ones go first, those that are in use last. */
static void oldest_is_worth_least(void **state)
{
    (void)state;
    struct flow_table t;
    begin(&t, 10);
    static const enum flow_state states[] = {FLOW_ESTABLISHED, FLOW_BYPASSED, FLOW_NEW, FLOW_CLOSED};
    struct flow *flows[4];
    for (uint32_t i = 0; i < 4; i++) {
        struct flow_key k = key_of(i, 1, 2, 17);
        flows[i] = make(&t, &k, 1 + i);
        flow_table_set_state(&t, flows[i], states[i]);
    }
    for (uint32_t i = 4; i > 0; i--) {
        assert_ptr_equal(flow_table_oldest(&t), flows[i - 1]);
        end(&t, flows[i - 1]);
    }
    assert_null(flow_table_oldest(&t));
    flow_table_fini(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_directions_are_found),
        cmocka_unit_test(keys_differ),
        cmocka_unit_test(time_outs_are_by_class_and_state),
        cmocka_unit_test(sweeping_never_shows),
        cmocka_unit_test(sweep_finds_all),
        cmocka_unit_test(children_never_expire),
        cmocka_unit_test(memcap_and_counts),
        cmocka_unit_test(oldest_is_worth_least),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
