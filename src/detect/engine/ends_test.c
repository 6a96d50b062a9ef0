/* Rules for some addresses, against their headers compared with each packet: however slots are parted by the ends of a
 * flow, a rule must be found between all that it is for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/engine/bench_test.h"
#include "detect/engine/private.h"

#define SETS  150
#define RULES 12 /* fewer than the alerts of one packet */
#define TEXT  4096

static uint8_t ready(enum detect_app app, unsigned buffer)
{
    bool is =
        app == APP_HTTP1 && (buffer == detect_buffer_find("http_uri") || buffer == detect_buffer_find("file_data"));
    return is ? TX_DONE : TX_STARTED;
}

static const char *const addresses[] = {"any",
                                        "$HOME",
                                        "$HOME",
                                        "$OUTSIDE",
                                        "$OUTSIDE",
                                        "10.1.0.0/16",
                                        "!10.1.0.0/16",
                                        "198.51.100.0/24",
                                        "192.0.2.1",
                                        "[$HOME,198.51.100.0/24]",
                                        "2001:db8::/32",
                                        "!2001:db8::/32",
                                        "[$HOME,2001:db8::/32]"};
#define ADDRESSES (sizeof addresses / sizeof addresses[0])

/* A pattern of its own for each rule: at one place, near the beginning, for small packets, or anywhere; some short. */
static const char payload[] = "p00p01p02p03p04p05p06p07p08p09p10p11";

static void put_rule(char *text, unsigned i)
{
    static const char *const places[] = {"", "", "offset:%u; depth:3; ", "depth:%u; ", "dsize:<100; "};
    char place[64];
    const char *format = places[bench_pick(5)];
    snprintf(place, sizeof place, format, strncmp(format, "depth", 5) == 0 ? i * 3 + 20 : i * 3);
    snprintf(text + strlen(text), TEXT - strlen(text),
             "alert %s %s any %s %s any (msg:\"m\"; content:\"%.*s\"; %ssid:%u;)\n", bench_pick(2) ? "udp" : "ip",
             addresses[bench_pick(ADDRESSES)], bench_pick(4) ? "->" : "<>", addresses[bench_pick(ADDRESSES)], 3,
             payload + i * 3, place, i + 1);
}

static struct addr host(unsigned i)
{
    static const uint8_t v4[][4] = {{10, 1, 2, 3}, {10, 9, 9, 9}, {198, 51, 100, 7}, {192, 0, 2, 1}};
    static const uint8_t v6[][16] = {{0x20, 1, 0x0d, 0xb8, [15] = 1}, {0x20, 1, 0x0d, 0xb9, [15] = 1}};
    return i < 4 ? addr_v4(v4[i]) : addr_v6(v6[i - 4]);
}

static bool is_for(const struct rule *r, const struct addr *src, const struct addr *dst)
{
    return (rule_addrs_match(r->src, src) && rule_addrs_match(r->dst, dst)) ||
           ((r->flags & RULE_BIDIRECTIONAL) && rule_addrs_match(r->src, dst) && rule_addrs_match(r->dst, src));
}

static unsigned compare(struct bench *b, const struct addr *src, const struct addr *dst)
{
    struct flow_ref flow = {.id = ++b->number << 16,
                            .key = {.src = *src, .dst = *dst, .sport = 40000, .dport = 4000, .proto = 17}};
    struct packet p = {.item = {.kind = ITEM_PACKET, .number = b->number}, .flow = &flow};
    p.payload = p.d.payload = (const uint8_t *)payload;
    p.payload_len = p.d.payload_len = sizeof payload - 1;
    p.d.layers = LAYER_IP | LAYER_TRANSPORT;
    p.d.ip_proto = 17;
    struct detect_flow *state = detect_flow_create(NULL);
    struct detect_input in = {.packet = &p, .flow = &flow, .state = state, .dir = TO_SERVER, .time_ns = b->number};
    b->alerts.count = 0;
    detect_packet(b->follow.lane, &in, &b->alerts);
    detect_finish(b->follow.lane, &in, &b->alerts);
    unsigned found = 0;
    const struct ruleset *set = detect_rules(detect_of(b->follow.lane));
    for (uint32_t i = 0; i < set->rule_count; i++) {
        bool is = is_for(set->rules[i], src, dst);
        if (is != bench_alerted(b, set->rules[i]))
            fail_msg("sid %u: %s", set->rules[i]->sid, is ? "not found" : "found where it is not");
        found += is;
    }
    detect_flow_destroy(&state);
    return found;
}

/* Slots that have a part for some pair of ends, or have nothing for it. */
static unsigned count_parted(const struct detect *d)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < d->slot_count; i++)
        for (unsigned pair = 0; pair < ENDS_PAIRS && d->slots[i].part[ENDS_PAIRS] == i; pair++)
            n += d->slots[i].part[pair] != i;
    return n;
}

static void each_between_its_ends(void **state)
{
    (void)state;
    unsigned found = 0, parted = 0;
    for (unsigned s = 0; s < SETS; s++) {
        char text[TEXT] = "";
        struct bench b;
        for (unsigned i = 0; i < RULES; i++)
            put_rule(text, i);
        assert_int_equal(bench_begin(&b, text, ready)->rule_count, RULES);
        parted += count_parted(detect_of(b.follow.lane));
        for (unsigned i = 0; i < 6; i++)
            for (unsigned k = 0; k < 6; k++) {
                struct addr src = host(i), dst = host(k);
                if (src.family == dst.family)
                    found += compare(&b, &src, &dst);
            }
        bench_end(&b);
    }
    assert_true(found > SETS * RULES);
    assert_true(parted > SETS);
}

static bool buffer_of(const struct detect_tx *tx, unsigned buffer, enum flow_dir dir, unsigned instance,
                      struct buf *work, struct inspect_bytes *out)
{
    (void)tx;
    (void)work;
    const char *text = dir == TO_SERVER ? "/login" : "welcome";
    if (instance || buffer != detect_buffer_find(dir == TO_SERVER ? "http_uri" : "file_data"))
        return false;
    *out = (struct inspect_bytes){(const uint8_t *)text, strlen(text)};
    return true;
}

static unsigned show(struct bench *b, struct detect_tx *tx, struct flow_ref *flow, enum flow_dir dir)
{
    struct packet p = {.item = {.kind = ITEM_PACKET, .number = ++b->number}, .flow = flow, .dir = dir};
    struct detect_input in = {
        .packet = &p, .flow = flow, .dir = dir, .time_ns = b->number, .app = APP_HTTP1, .app_first = APP_ANY};
    p.d.layers = LAYER_IP | LAYER_TRANSPORT;
    p.seen.established = true;
    b->alerts.count = 0;
    detect_transaction(b->follow.lane, &in, tx, &b->alerts);
    detect_finish(b->follow.lane, &in, &b->alerts);
    return b->alerts.count;
}

/* Its header is the request's, and what is searched for in the response's buffer. */
static void of_both_directions(void **state)
{
    (void)state;
    struct bench b;
    bench_begin(&b,
                "alert http $HOME any => $OUTSIDE any (msg:\"m\"; http.uri; content:\"/login\"; file.data:to_client; "
                "content:\"welcome\"; fast_pattern; sid:1;)\n",
                ready);
    struct detect_tx_state *waiting = NULL;
    struct detect_tx tx = {.state = &waiting, .buffer = buffer_of, .progress = {TX_DONE, TX_DONE}};
    struct flow_ref flow = {.id = 1, .key = {host(0), host(2), .sport = 40000, .dport = 80, .proto = 6}};
    assert_int_equal(show(&b, &tx, &flow, TO_CLIENT), 1);
    struct flow_ref turned = {.id = 2, .key = {host(2), host(0), .sport = 40000, .dport = 80, .proto = 6}};
    tx.id = 1;
    assert_int_equal(show(&b, &tx, &turned, TO_CLIENT), 0);
    detect_tx_state_destroy(&waiting);
    bench_end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_between_its_ends), cmocka_unit_test(of_both_directions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
