/* Rules that say where in a payload their contents lie, against a look at every rule: what is looked up at one place,
 * searched near the beginning, or only in small packets, must be found wherever the rule matches. Rules and payloads
 * are random, but the same in each run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/engine/bench_test.h"
#include "detect/engine/inspect.h"

#define SETS     60
#define RULES    12 /* fewer than the alerts of one packet */
#define PAYLOADS 40
#define LONGEST  420 /* beyond what counts as near the beginning */
#define TEXT     8192

struct bytes {
    uint8_t b[LONGEST];
    unsigned n;
};

static void random_bytes(struct bytes *p)
{
    static const unsigned lengths[] = {6, 20, 40, 330, LONGEST};
    p->n = 1 + bench_pick(lengths[bench_pick(5)]);
    for (unsigned i = 0; i < p->n; i++)
        p->b[i] = (uint8_t) "aAbBcd\0\1"[bench_pick(8)];
}

/* As the one before, but for some bytes, some length, or where it begins. */
static void change(struct bytes *p, const struct bytes *from)
{
    *p = *from;
    for (unsigned i = bench_pick(3); i; i--)
        p->b[bench_pick(p->n)] = (uint8_t) "aAbB"[bench_pick(4)];
    if (bench_pick(4) == 0)
        p->n = 1 + bench_pick(p->n);
    if (bench_pick(6) == 0 && p->n > 1) {
        memmove(p->b, p->b + 1, p->n - 1);
        p->n--;
    }
}

struct text {
    char t[TEXT];
    size_t n;
};

static void __attribute__((format(printf, 2, 3))) put(struct text *t, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = vsnprintf(t->t + t->n, sizeof t->t - t->n, format, list);
    va_end(list);
    assert_true(n >= 0 && (size_t)n < sizeof t->t - t->n);
    t->n += (size_t)n;
}

static void put_content(struct text *t, const uint8_t *p, unsigned n, bool negated)
{
    put(t, "content:%s\"|", negated ? "!" : "");
    for (unsigned i = 0; i < n; i++)
        put(t, "%s%02x", i ? " " : "", p[i]);
    put(t, "|\"; ");
}

static void put_position(struct text *t, unsigned at, unsigned n)
{
    switch (bench_pick(6)) {
    case 0:
        put(t, "offset:%u; depth:%u; ", at, n);
        return;
    case 1:
        put(t, "depth:%u; ", at + n + bench_pick(12));
        return;
    case 2:
        put(t, "offset:%u; depth:%u; ", at - bench_pick(at + 1), at + n);
        return;
    case 3:
        put(t, "offset:%u; ", at);
        return;
    default:
        return;
    }
}

/* A second content behind the first, which ends at `end`. */
static void put_behind(struct text *t, const struct bytes *p, unsigned end)
{
    unsigned at = end + bench_pick(p->n - end), n = 1 + bench_pick(p->n - at < 6 ? p->n - at : 6), gap = at - end;
    bool negated = bench_pick(8) == 0;
    put_content(t, p->b + at, n, negated);
    if (!negated && bench_pick(2))
        put(t, "fast_pattern; ");
    switch (bench_pick(5)) {
    case 0:
        put(t, "distance:%u; within:%u; ", gap, n);
        return;
    case 1:
        put(t, "within:%u; ", gap + n + bench_pick(4));
        return;
    case 2:
        put(t, "distance:%u; ", gap);
        return;
    case 3:
        put(t, "distance:-%u; within:%u; ", bench_pick(3), gap + n + 4);
        return;
    default:
        return;
    }
}

static void put_rule(struct text *t, const char *proto, const struct bytes *p, unsigned sid)
{
    unsigned at = bench_pick(3) ? bench_pick(p->n < 24 ? p->n : 24) : bench_pick(p->n);
    unsigned n = 1 + bench_pick(p->n - at < 9 ? p->n - at : 9);
    put(t, "alert %s any any -> any any (msg:\"m\"; ", proto);
    bool begins = bench_pick(5) == 0;
    put_content(t, p->b + (begins ? 0 : at), n, false);
    if (begins)
        put(t, "startswith; ");
    else
        put_position(t, at, n);
    if (bench_pick(3) == 0)
        put(t, "nocase; ");
    unsigned end = begins ? n : at + n;
    if (end < p->n && bench_pick(3))
        put_behind(t, p, end);
    if (bench_pick(4) == 0)
        put(t, "isdataat:%u%s; ", bench_pick(9), bench_pick(2) ? ",relative" : "");
    if (bench_pick(4) == 0)
        put(t, bench_pick(2) ? "dsize:%u; " : "dsize:<%u; ", p->n + (bench_pick(2) ? 0 : 1 + bench_pick(5)));
    put(t, "sid:%u;)\n", sid);
}

static uint8_t ready(enum detect_app app, unsigned buffer)
{
    (void)app;
    (void)buffer;
    return 0;
}

/* What the rule says, asked of the payload itself. */
static bool matches(const struct rule *r, const struct bytes *p)
{
    struct inspect_place places[RULE_MATCHES_MAX];
    uint64_t vars[RULE_VARS_MAX] = {0};
    struct inspect in = {.p = p->b, .n = p->n, .vars = vars, .places = places};
    for (uint32_t i = 0; i < r->packet.count; i++) {
        const struct match *m = &r->packet.m[i];
        assert_int_equal(m->kind, MATCH_FIELD);
        assert_int_equal(m->field->field, FIELD_DSIZE);
        if (!uint_matches(m->field->any, p->n))
            return false;
    }
    assert_int_equal(r->buffer_count, 1);
    return inspect_list(&in, &r->buffers[0].matches);
}

static unsigned compare(struct bench *b, const struct bytes *payload, uint8_t proto)
{
    static const uint8_t client[4] = {192, 0, 2, 1}, server[4] = {198, 51, 100, 1};
    struct flow_ref flow = {
        .id = ++b->number << 16,
        .key = {.src = addr_v4(client), .dst = addr_v4(server), .sport = 40000, .dport = 4000, .proto = proto}};
    struct packet p = {.item = {.kind = ITEM_PACKET, .number = b->number}, .flow = &flow};
    p.payload = p.d.payload = payload->b;
    p.payload_len = p.d.payload_len = payload->n;
    p.seen.established = true;
    p.d.layers = LAYER_IP | LAYER_TRANSPORT;
    p.d.ip_proto = proto;
    struct detect_flow *state = detect_flow_create(NULL);
    struct detect_input in = {.packet = &p, .flow = &flow, .state = state, .dir = TO_SERVER, .time_ns = b->number};
    b->alerts.count = 0;
    detect_packet(b->follow.lane, &in, &b->alerts);
    detect_finish(b->follow.lane, &in, &b->alerts);
    unsigned found = 0;
    const struct ruleset *set = detect_rules(detect_of(b->follow.lane));
    for (uint32_t i = 0; i < set->rule_count; i++) {
        bool is = matches(set->rules[i], payload);
        if (is != bench_alerted(b, set->rules[i]))
            fail_msg("sid %u: %s", set->rules[i]->sid, is ? "not found" : "found where it is not");
        found += is;
    }
    detect_flow_destroy(&state);
    return found;
}

static void is_as_everywhere(const char *proto, uint8_t number)
{
    unsigned found = 0, rules = 0;
    for (unsigned s = 0; s < SETS; s++) {
        struct text text = {.n = 0};
        struct bytes base, payload;
        struct bench b;
        random_bytes(&base);
        for (unsigned i = 0; i < RULES; i++)
            put_rule(&text, proto, &base, i + 1);
        rules += bench_begin(&b, text.t, ready)->rule_count;
        for (unsigned i = 0; i < PAYLOADS; i++) {
            change(&payload, &base);
            found += compare(&b, &payload, number);
        }
        bench_end(&b);
    }
    assert_true(rules > SETS * RULES / 2);
    assert_true(found > SETS * PAYLOADS);
}

static void datagrams(void **state)
{
    (void)state;
    is_as_everywhere("udp", 17);
}

/* Beside a stream. */
static void segments(void **state)
{
    (void)state;
    is_as_everywhere("tcp-pkt", 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(datagrams), cmocka_unit_test(segments)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
