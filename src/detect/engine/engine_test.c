/* Rules over the segments of a stream, and over the states of a transaction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "detect/buffers.h"
#include "detect/engine/generation.h"
#include "detect/load_test.h"
#include "item/progress.h"

struct bench {
    struct config *config;
    struct detect_memory *memory;
    struct detect_generation *rules;
    struct detect_follow follow;
    struct detect_flow *state;
    struct flow_ref flow;
    struct counters counters;
    uint64_t number;
    struct detect_alerts alerts;
    const char *uri;
    const char *body;
};

/* As for HTTP: the URI with the first line, the body as it grows. */
static uint8_t ready(enum detect_app app, unsigned buffer)
{
    if (app != APP_HTTP1)
        return TX_STARTED;
    if (buffer == detect_buffer_find("http_uri"))
        return TX_LINE;
    return buffer == detect_buffer_find("http_client_body") ? TX_BODY : TX_STARTED;
}

static struct bench *begin(const char *text, unsigned rules)
{
    struct bench *b = calloc(1, sizeof *b);
    char error[512];
    struct detect *d = NULL;
    assert_non_null(b);
    assert_int_equal(config_create(NULL, NULL, 0, &b->config, error, sizeof error), 0);
    b->memory = detect_memory_create(config_settings(b->config));
    struct ruleset *set = load_text_test(text, rules, NULL);
    assert_int_equal(detect_create(set, b->memory, ready, NULL, &d, error, sizeof error), 0);
    b->rules = detect_generation_create(&set, &d);
    assert_int_equal(detect_generation_prepare(b->rules, 1), 0);
    detect_counters_init();
    detect_follow_begin(&b->follow, b->rules, 0, &b->counters);
    b->state = detect_flow_create(NULL);
    static const uint8_t client[4] = {192, 0, 2, 1}, server[4] = {198, 51, 100, 1};
    b->flow = (struct flow_ref){
        .key = {.src = addr_v4(client), .dst = addr_v4(server), .sport = 40000, .dport = 80, .proto = 6}};
    return b;
}

static void end(struct bench *b)
{
    detect_flow_destroy(&b->state);
    detect_follow_end(&b->follow);
    detect_generation_destroy(&b->rules);
    detect_memory_destroy(&b->memory);
    config_destroy(&b->config);
    free(b);
}

static struct detect_input input(struct bench *b, const struct packet *p)
{
    return (struct detect_input){.packet = p,
                                 .flow = &b->flow,
                                 .state = b->state,
                                 .dir = TO_SERVER,
                                 .time_ns = b->number,
                                 .app = APP_HTTP1,
                                 .app_first = APP_ANY};
}

/* Alerts of a segment with this text, after a gap of so many bytes. */
static unsigned segment_after(struct bench *b, uint32_t gap, const char *text)
{
    struct packet p = {.item = {.kind = ITEM_PACKET, .number = ++b->number},
                       .flow = &b->flow,
                       .gap = gap,
                       .payload = (const uint8_t *)text,
                       .payload_len = (uint32_t)strlen(text)};
    p.seen.established = true;
    p.d.layers = LAYER_IP | LAYER_TRANSPORT;
    p.d.ip_proto = 6;
    p.d.payload = p.payload;
    p.d.payload_len = p.payload_len;
    struct detect_input in = input(b, &p);
    b->alerts.count = 0;
    detect_packet(b->follow.lane, &in, &b->alerts);
    detect_finish(b->follow.lane, &in, &b->alerts);
    return b->alerts.count;
}

static unsigned segment(struct bench *b, const char *text)
{
    return segment_after(b, 0, text);
}

static uint64_t looks(const struct bench *b)
{
    return counter_get(&b->counters, counter_id("detect.rules_checked"));
}

#define RULE(options, sid) "alert tcp any any -> any any (msg:\"m\"; " options " sid:" #sid ";)\n"

static void match_over_three_segments(void **state)
{
    (void)state;
    struct bench *b = begin(RULE("content:\"one two three\";", 1), 1);
    assert_int_equal(segment(b, "..one "), 0);
    assert_int_equal(segment(b, "two "), 0);
    assert_int_equal(segment(b, "three.."), 1);
    assert_true(b->alerts.alert[0].in_stream);
    assert_int_equal(segment(b, "more"), 0); /* it was found already */
    assert_int_equal(segment(b, "one two three one "), 1);
    assert_int_equal(segment(b, "two three"), 1);
    end(b);
}

/* What a rule asks for comes in parts: it waits for them in the order in which they come, but not over a gap. */
static void parts_wait(void **state)
{
    (void)state;
    struct bench *b = begin(RULE("content:\"longpattern\"; content:\"tail\"; distance:0;", 1), 1);
    assert_int_equal(segment(b, "longpattern "), 0);
    assert_int_equal(segment(b, "between "), 0);
    assert_int_equal(segment(b, "tail"), 1);
    assert_int_equal(segment(b, "longpattern "), 0);
    assert_int_equal(segment_after(b, 7, "tail"), 0);
    end(b);
}

/* Only so much of the stream is remembered. */
static void window_ends(void **state)
{
    (void)state;
    char filler[1001];
    struct bench *b = begin(RULE("content:\"longpattern\"; content:\"tail\"; distance:0;", 1), 1);
    memset(filler, '.', sizeof filler - 1);
    filler[sizeof filler - 1] = 0;
    assert_int_equal(segment(b, "longpattern"), 0);
    assert_int_equal(segment(b, filler), 0);
    assert_int_equal(segment(b, "tail"), 1);
    assert_int_equal(segment(b, "longpattern"), 0);
    for (unsigned i = 0; i < DETECT_WINDOW / 1000u + 2; i++)
        assert_int_equal(segment(b, filler), 0);
    assert_int_equal(segment(b, "tail"), 0);
    end(b);
}

/* What was found and did not match is looked at no longer than it lies in the window. */
static void is_forgotten(void **state)
{
    (void)state;
    char filler[1001];
    struct bench *b = begin(RULE("content:\"longpattern\"; content:\"tail\"; distance:0;", 1), 1);
    memset(filler, '.', sizeof filler - 1);
    filler[sizeof filler - 1] = 0;
    segment(b, "longpattern");
    for (unsigned i = 0; i < DETECT_WINDOW / 1000u + 2; i++)
        segment(b, filler);
    uint64_t looked = looks(b);
    segment(b, filler);
    assert_int_equal(looks(b), looked);
    /* Found again, it is there for as long again. */
    assert_int_equal(segment(b, "longpattern"), 0);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(segment(b, filler), 0);
    assert_int_equal(segment(b, "longpattern"), 0);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(segment(b, filler), 0);
    assert_int_equal(segment(b, "tail"), 1);
    end(b);
}

static bool buffer_of(const struct detect_tx *tx, unsigned buffer, enum flow_dir dir, unsigned instance,
                      struct buf *work, struct inspect_bytes *out)
{
    const struct bench *b = tx->arg[0];
    (void)work;
    const char *text = buffer == detect_buffer_find("http_uri") ? b->uri : b->body;
    if (dir != TO_SERVER || instance || !text)
        return false;
    *out = (struct inspect_bytes){(const uint8_t *)text, (uint32_t)strlen(text)};
    return true;
}

static bool number_of(const struct detect_tx *tx, enum detect_field field, enum flow_dir dir, unsigned instance,
                      uint64_t *out)
{
    (void)tx;
    (void)field;
    (void)dir;
    (void)instance;
    (void)out;
    return false;
}

/* Alerts when the transaction has come to `progress`; *tx keeps what was shown. */
static unsigned show(struct bench *b, struct detect_tx *tx, uint8_t progress, const char *uri, const char *body)
{
    static const uint8_t nothing;
    struct packet p = {.item = {.kind = ITEM_PACKET, .number = ++b->number}, .flow = &b->flow, .payload = &nothing};
    p.d.layers = LAYER_IP | LAYER_TRANSPORT;
    struct detect_input in = input(b, &p);
    b->uri = uri;
    b->body = body;
    tx->progress[TO_SERVER] = progress;
    tx->grew = body != NULL;
    b->alerts.count = 0;
    detect_transaction(b->follow.lane, &in, tx, &b->alerts);
    detect_finish(b->follow.lane, &in, &b->alerts);
    tx->shown[TO_SERVER] = progress;
    return b->alerts.count;
}

#define HTTP_RULE(options, sid) "alert http any any -> any any (msg:\"m\"; " options " sid:" #sid ";)\n"

static void waits_for_all_buffers(void **state)
{
    (void)state;
    struct bench *b = begin(HTTP_RULE("http.uri; content:\"/login\"; http.request_body; content:\"secret\";", 1)
                                HTTP_RULE("http.uri; content:\"/login\";", 2),
                            2);
    struct detect_tx_state *waiting = NULL;
    struct detect_tx tx = {.state = &waiting, .buffer = buffer_of, .number = number_of, .arg = {b}};
    assert_int_equal(show(b, &tx, TX_STARTED, "/login", NULL), 0); /* not final yet */
    assert_int_equal(show(b, &tx, TX_LINE, "/login", NULL), 1);
    assert_int_equal(b->alerts.alert[0].rule->sid, 2);
    assert_int_equal(show(b, &tx, TX_HEADERS, "/login", "sec"), 0);
    assert_int_equal(show(b, &tx, TX_HEADERS, "/login", "secret"), 1); /* while the body grows */
    assert_int_equal(b->alerts.alert[0].rule->sid, 1);
    assert_int_equal(show(b, &tx, TX_BODY, "/login", "secret secret"), 0); /* once */
    assert_int_equal(show(b, &tx, TX_DONE, "/login", "secret secret"), 0);
    detect_tx_state_destroy(&waiting);
    end(b);
}

static void negation_waits_for_the_end(void **state)
{
    (void)state;
    struct bench *b = begin(HTTP_RULE("http.uri; content:\"/x\"; http.request_body; content:!\"good\";", 1), 1);
    struct detect_tx_state *waiting = NULL;
    struct detect_tx tx = {.state = &waiting, .buffer = buffer_of, .number = number_of, .arg = {b}};
    assert_int_equal(show(b, &tx, TX_LINE, "/x", NULL), 0);
    assert_int_equal(show(b, &tx, TX_DONE, "/x", "this is good"), 0);
    detect_tx_state_destroy(&waiting);
    struct detect_tx other = {.id = 1, .state = &waiting, .buffer = buffer_of, .number = number_of, .arg = {b}};
    assert_int_equal(show(b, &other, TX_LINE, "/x", NULL), 0);
    assert_int_equal(show(b, &other, TX_DONE, "/x", "this is bad"), 1);
    detect_tx_state_destroy(&waiting);
    end(b);
}

/* Rules for which bodies are to be kept, and others. */
static void who_wants_bodies(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        bool wants;
    } all[] = {
        {HTTP_RULE("http.uri; content:\"/x\"; http.header; content:\"y\";", 1), false},
        {"alert tcp any any -> any any (content:\"x\"; sid:1;)", false},
        {"alert http any any -> any any (http.response_body; content:\"x\"; sid:1;)", true},
        {"alert http any any -> any any (content:\"x\"; http_client_body; sid:1;)", true},
        {"alert http any any -> any any (file_data; content:!\"x\"; sid:1;)", true},
        {"alert http any any -> any any (pkt_data; content:\"x\"; sid:1;)", false},
        {"alert http any any -> any any (file.name; content:\"x\"; sid:1;)", true},
        {"alert http any any -> any any (fileext:\"exe\"; sid:1;)", true},
        {"alert http any any -> any any (filesize:>10; sid:1;)", true},
        {"alert http any any -> any any (http.uri; content:\"x\"; filestore; sid:1;)", true},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct bench *b = begin(all[i].rule, 1);
        assert_true(detect_wants_bodies(b->rules->detect) == all[i].wants);
        end(b);
    }
}

/* What must lie in the payload, too, may have come before, or come while the rule waits. */
static void waits_for_payload(void **state)
{
    (void)state;
    struct bench *b =
        begin(HTTP_RULE("http.uri; content:\"/login\"; pkt_data; content:\"Secret\"; nocase; "
                        "fast_pattern; content:\"word\"; distance:1;",
                        1) HTTP_RULE("pkt_data; content:\"no such\"; http.uri; content:\"/login\"; fast_pattern;", 2),
              2);
    struct detect_tx_state *waiting = NULL;
    struct detect_tx tx = {.state = &waiting, .buffer = buffer_of, .number = number_of, .arg = {b}};
    assert_int_equal(segment(b, "a secret word "), 0);
    assert_int_equal(show(b, &tx, TX_LINE, "/login", NULL), 1);
    assert_int_equal(b->alerts.alert[0].rule->sid, 1);
    assert_int_equal(show(b, &tx, TX_DONE, "/login", NULL), 0); /* once */
    detect_tx_state_destroy(&waiting);
    end(b);
}

static void payload_comes_later(void **state)
{
    (void)state;
    struct bench *b = begin(HTTP_RULE("http.uri; content:\"/login\"; pkt_data; content:\"secret\"; fast_pattern; "
                                      "content:\"word\"; distance:1;",
                                      1),
                            1);
    struct detect_tx_state *waiting = NULL;
    struct detect_tx tx = {.state = &waiting, .buffer = buffer_of, .number = number_of, .arg = {b}};
    assert_int_equal(segment(b, "nothing "), 0);
    assert_int_equal(show(b, &tx, TX_LINE, "/login", NULL), 0);
    assert_true(detect_tx_wants(waiting, TO_SERVER));
    assert_int_equal(segment(b, "a secret "), 0);
    assert_int_equal(show(b, &tx, TX_LINE, "/login", NULL), 0);
    assert_int_equal(segment(b, "word"), 0);
    assert_int_equal(show(b, &tx, TX_HEADERS, "/login", NULL), 1);
    assert_int_equal(show(b, &tx, TX_DONE, "/login", NULL), 0);
    detect_tx_state_destroy(&waiting);
    end(b);
}

/* Payload is not the transaction's alone: it is no reason to look at the rule in each, where one of the transaction's
 * buffers has to have something, too. */
static void looks_where_buffers_match(void **state)
{
    (void)state;
    struct bench *b =
        begin(HTTP_RULE("http.uri; content:\"/login\"; pkt_data; content:\"secret\"; fast_pattern;", 1), 1);
    struct detect_tx_state *waiting = NULL;
    struct detect_tx tx = {.state = &waiting, .buffer = buffer_of, .number = number_of, .arg = {b}};
    assert_int_equal(segment(b, "a secret "), 0);
    uint64_t before = looks(b);
    assert_int_equal(show(b, &tx, TX_DONE, "/other", NULL), 0);
    assert_int_equal(looks(b), before);
    detect_tx_state_destroy(&waiting);
    struct detect_tx next = {.id = 1, .state = &waiting, .buffer = buffer_of, .number = number_of, .arg = {b}};
    assert_int_equal(show(b, &next, TX_DONE, "/login", NULL), 1);
    assert_int_equal(looks(b), before + 1);
    detect_tx_state_destroy(&waiting);
    end(b);
}

/* Alerts of a packet with these flags, whose stream is not followed. */
static unsigned flagged(struct bench *b, const char *text, uint8_t flags)
{
    struct packet p = {.item = {.kind = ITEM_PACKET, .number = ++b->number}, .flow = &b->flow};
    p.d.layers = LAYER_IP | LAYER_TRANSPORT;
    p.d.ip_proto = 6;
    p.d.tcp.flags = flags;
    p.d.payload = (const uint8_t *)text;
    p.d.payload_len = (uint32_t)strlen(text);
    struct detect_input in = input(b, &p);
    b->alerts.count = 0;
    detect_packet(b->follow.lane, &in, &b->alerts);
    detect_finish(b->follow.lane, &in, &b->alerts);
    return b->alerts.count;
}

/* Rules for flags that segments with data do not have are looked at by these alone. */
static void rare_flags_decide(void **state)
{
    (void)state;
    struct bench *b = begin(RULE("flags:SP; content:\"probe\";", 1) RULE("flags:S,12; content:\"probe\"; depth:5;", 2)
                                RULE("flags:A+; content:\"probe\";", 3),
                            3);
    assert_int_equal(flagged(b, "a probe", TCP_ACK | TCP_PSH), 1);
    assert_int_equal(b->alerts.alert[0].rule->sid, 3);
    assert_int_equal(looks(b), 1);
    assert_int_equal(flagged(b, "a probe", TCP_SYN | TCP_PSH), 1);
    assert_int_equal(b->alerts.alert[0].rule->sid, 1);
    assert_int_equal(flagged(b, "probe", TCP_SYN), 1);
    assert_int_equal(b->alerts.alert[0].rule->sid, 2);
    assert_int_equal(flagged(b, "a prob", TCP_SYN | TCP_PSH), 0);
    end(b);
}

/* A packet whose bytes wait: `quiet` if detect_packet would find nothing to do. */
static bool quiet(struct bench *b, const char *text, uint8_t flags)
{
    struct packet p = {
        .item = {.kind = ITEM_PACKET, .number = ++b->number}, .flow = &b->flow, .flags = PACKET_KEPT | PACKET_PLAIN};
    p.seen.established = true;
    p.d.layers = LAYER_IP | LAYER_TRANSPORT;
    p.d.ip_proto = 6;
    p.d.tcp.flags = flags;
    p.d.payload = (const uint8_t *)text;
    p.d.payload_len = (uint32_t)strlen(text);
    bool is = detect_quiet(b->follow.lane, b->state, &p, APP_HTTP1, false);
    struct detect_input in = input(b, &p);
    b->alerts.count = 0;
    detect_packet(b->follow.lane, &in, &b->alerts);
    assert_true(!is || b->alerts.count == 0);
    return is;
}

static void packets_are_quiet(void **state)
{
    (void)state;
    static const struct {
        const char *rules;
        unsigned count;
        bool quiet;
    } all[] = {
        {RULE("content:\"x\";", 1), 1, true},
        {RULE("content:\"x\";", 1) HTTP_RULE("http.uri; content:\"y\";", 2), 2, true},
        {RULE("content:\"x\";", 1) "alert tcp any any -> any 25 (dsize:5; sid:2;)\n", 2, true},
        {RULE("content:\"x\";", 1) RULE("content:\"xxx\"; depth:3;", 2), 2, false},
        {RULE("content:\"x\";", 1) RULE("content:\"xxx\"; dsize:3;", 2), 2, false},
        {RULE("content:\"x\";", 1) RULE("flags:S;", 2), 2, true},
        {RULE("content:\"x\";", 1) RULE("flags:A+;", 2), 2, false},
        {RULE("content:\"x\";", 1) RULE("flags:!S;", 2), 2, false},
        {RULE("content:\"x\";", 1) RULE("dsize:3;", 2), 2, false},
        {RULE("content:\"x\";", 1) "alert tcp-pkt any any -> any any (content:\"xxx\"; sid:2;)\n", 2, false},
        {HTTP_RULE("http.uri; content:\"y\";", 1), 1, false}, /* no stream is kept */
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct bench *b = begin(all[i].rules, all[i].count);
        assert_false(quiet(b, "first", TCP_ACK)); /* rules about the flow are to be looked at */
        assert_true(quiet(b, "xxx", TCP_ACK) == all[i].quiet);
        struct packet later = {.flow = &b->flow, .payload = (const uint8_t *)"w", .payload_len = 1};
        if (all[i].quiet && detect_later(detect_of(b->follow.lane), b->state, &later))
            assert_false(quiet(b, "xxx", TCP_ACK)); /* bytes of the stream wait for a look */
        assert_true(quiet(b, "xxx", TCP_ACK | TCP_PSH) == all[i].quiet);
        end(b);
    }
}

/* Their database has a pattern that is no rule's (prefilter.c). */
static void many_long_patterns(void **state)
{
    (void)state;
    static char text[300 * 80];
    size_t n = 0;
    for (unsigned i = 1; i <= 300; i++)
        n += (size_t)snprintf(text + n, sizeof text - n,
                              "alert tcp any any -> any any (content:\"pattern %u.\"; sid:%u;)\n", i, i);
    struct bench *b = begin(text, 300);
    assert_int_equal(segment(b, "\xf5\xc1\xfe pattern 123. \xf5\xc1\xfe"), 1);
    assert_int_equal(b->alerts.alert[0].rule->sid, 123);
    assert_int_equal(segment(b, "\xf5\xc1\xfe"), 0);
    end(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(match_over_three_segments),
        cmocka_unit_test(parts_wait),
        cmocka_unit_test(window_ends),
        cmocka_unit_test(is_forgotten),
        cmocka_unit_test(waits_for_all_buffers),
        cmocka_unit_test(negation_waits_for_the_end),
        cmocka_unit_test(who_wants_bodies),
        cmocka_unit_test(packets_are_quiet),
        cmocka_unit_test(waits_for_payload),
        cmocka_unit_test(payload_comes_later),
        cmocka_unit_test(looks_where_buffers_match),
        cmocka_unit_test(rare_flags_decide),
        cmocka_unit_test(many_long_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
