#include "config/conf.h"
#include "proto/dns/test_messages.h"

#define TEXTS_MAX 4

/* A mapping with one option: a text, or a list of texts. */
struct one_option {
    struct conf_node text[TEXTS_MAX];
    struct conf_node value;
    struct conf_node options;
    struct settings_eve_type type;
};

static void give(struct session *s, struct one_option *o, const char *key, const char *const *texts, unsigned count)
{
    memset(o, 0, sizeof *o);
    for (unsigned i = 0; i < count; i++) {
        o->text[i] = (struct conf_node){.kind = CONF_SCALAR, .key = "", .text = texts[i]};
        if (i)
            o->text[i - 1].next = &o->text[i];
    }
    o->value = (struct conf_node){
        .kind = CONF_SEQUENCE, .key = key, .text = "", .first = count ? &o->text[0] : NULL, .count = count};
    o->options = (struct conf_node){.kind = CONF_MAPPING, .key = "dns", .text = "", .first = &o->value, .count = 1};
    o->type = (struct settings_eve_type){.name = "dns", .enabled = true, .options = &o->options};
    s->settings.eve.types = &o->type;
    s->settings.eve.type_count = 1;
}

static void give_text(struct session *s, struct one_option *o, const char *key, const char *text)
{
    give(s, o, key, NULL, 0);
    o->value = (struct conf_node){.kind = CONF_SCALAR, .key = key, .text = text};
}

static void response(struct bytes *m, const char *name, unsigned type)
{
    m->len = 0;
    put_header(m, 7, DNS_QR | DNS_RD | DNS_Z, 1, 2, 1, 0);
    put_question(m, name, type);
    put_cname(m, name, 300, "b.example");
    put_record(m, "b.example", DNS_A, 60, "\x5d\xb8\xd8\x22", 4);
    put_record(m, "example", DNS_NS, 60, "\1c\0", 3);
}

/* A question for A and one for MX, each with its response. */
static void talk(struct session *s)
{
    static const unsigned types[] = {DNS_A, DNS_MX};
    struct bytes m = {.len = 0};
    for (unsigned i = 0; i < 2; i++) {
        query(&m, 7, "a.example", types[i]);
        feed(s, TO_SERVER, m.b, m.len);
        response(&m, "a.example", types[i]);
        feed(s, TO_CLIENT, m.b, m.len);
    }
}

/* A mark for each message: + has a record. */
static void expect_kinds(struct session *s, const char *kinds)
{
    char have[64] = "";
    for (const struct proto_tx *tx = ((struct proto_txs *)s->state)->first; tx; tx = tx->next)
        snprintf(have + strlen(have), sizeof have - strlen(have), "%s", tx->unlogged ? "-" : "+");
    assert_string_equal(have, kinds);
}

static void picks_messages(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        const char *text;    /* or a list */
        const char *list[2]; /* of types */
        const char *kinds;   /* request and response for A, for MX: + has a record */
    } cases[] = {
        {"requests", "yes", {NULL}, "++++"},       {"requests", "no", {NULL}, "-+-+"},
        {"responses", "no", {NULL}, "+-+-"},       {"types", "mx", {NULL}, "--++"},
        {"types", NULL, {"a", NULL}, "++--"},      {"types", NULL, {"A", "mx"}, "++++"},
        {"types", NULL, {"aaaa", "none"}, "----"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session s = {0};
        struct one_option o;
        if (cases[i].text)
            give_text(&s, &o, cases[i].key, cases[i].text);
        else
            give(&s, &o, cases[i].key, cases[i].list, cases[i].list[1] ? 2 : 1);
        session_begin(&s, 17, false);
        talk(&s);
        expect_kinds(&s, cases[i].kinds);
        session_close(&s);
    }
}

#define QUERIES "\"queries\":[{\"rrname\":\"a.example\",\"rrtype\":\"A\"}]"
#define HEADER  "\"id\":7,\"flags\":\"8140\",\"qr\":true,\"rd\":true,\"z\":true,\"opcode\":0,\"rcode\":\"NOERROR\","
#define DETAILED                                                                                                       \
    ",\"answers\":[{\"rrname\":\"a.example\",\"rrtype\":\"CNAME\",\"ttl\":300,\"rdata\":\"b.example\"},"               \
    "{\"rrname\":\"b.example\",\"rrtype\":\"A\",\"ttl\":60,\"rdata\":\"93.184.216.34\"}]"
#define GROUPED     ",\"grouped\":{\"CNAME\":[\"b.example\"],\"A\":[\"93.184.216.34\"]}"
#define AUTHORITIES ",\"authorities\":[{\"rrname\":\"example\",\"rrtype\":\"NS\",\"ttl\":60,\"rdata\":\"c\"}]"

static void formats_of_answers(void **state)
{
    (void)state;
    static const char *const lists[][2] = {{"detailed", NULL}, {"grouped", NULL}, {"grouped", "detailed"}};
    static const char *const answers[] = {DETAILED, GROUPED, DETAILED GROUPED};
    struct bytes m = {.len = 0};
    response(&m, "a.example", DNS_A);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct session s = {0};
        struct one_option o;
        char text[1024];
        give(&s, &o, "formats", lists[i], lists[i][1] ? 2 : 1);
        session_begin(&s, 17, false);
        feed(&s, TO_CLIENT, m.b, m.len);
        snprintf(text, sizeof text,
                 "{\"version\":3,\"type\":\"response\",\"tx_id\":0," HEADER QUERIES "%s" AUTHORITIES "}\n", answers[i]);
        expect_records(&s, text);
        session_close(&s);
    }
}

static const char query_v2[] = "{\"type\":\"query\",\"id\":9,\"rrname\":\"a.example\",\"rrtype\":\"MX\",\"tx_id\":0,"
                               "\"z\":true,\"opcode\":0}\n";
static const char answer_v2[] = "{\"version\":2,\"type\":\"answer\"," HEADER
                                "\"rrname\":\"a.example\",\"rrtype\":\"A\"" DETAILED GROUPED AUTHORITIES "}\n";

static void version_2(void **state)
{
    (void)state;
    struct bytes m = {.len = 0};
    for (unsigned by_options = 0; by_options < 2; by_options++) {
        struct session s = {0};
        struct one_option o;
        char both[1024];
        if (by_options)
            give_text(&s, &o, "version", "2");
        else
            s.settings.eve.dns_version = 2;
        session_begin(&s, 17, false);
        m.len = 0;
        put_header(&m, 9, DNS_RD | DNS_Z, 1, 0, 0, 0);
        put_question(&m, "a.example", DNS_MX);
        feed(&s, TO_SERVER, m.b, m.len);
        response(&m, "a.example", DNS_A);
        feed(&s, TO_CLIENT, m.b, m.len);
        snprintf(both, sizeof both, "%s%s", query_v2, answer_v2);
        expect_records(&s, both);
        session_close(&s);
    }
}

/* Of several questions the first that is of interest. */
static void version_2_of_two_questions(void **state)
{
    (void)state;
    static const char *const mx[] = {"mx"};
    struct session s = {0};
    struct one_option o;
    struct bytes m = {.len = 0};
    s.settings.eve.dns_version = 2;
    give(&s, &o, "types", mx, 1);
    session_begin(&s, 17, false);
    put_header(&m, 9, DNS_Z, 2, 0, 0, 0);
    put_question(&m, "b.example", DNS_A);
    put_question(&m, "a.example", DNS_MX);
    feed(&s, TO_SERVER, m.b, m.len);
    expect_records(&s, query_v2);
    session_close(&s);
}

/* Whose addresses come first: version 3 has the sender's, version 2 the client's. */
static void sources(void **state)
{
    (void)state;
    struct bytes m = {.len = 0};
    for (unsigned version = 2; version <= 3; version++) {
        for (unsigned reversed = 0; reversed < 2; reversed++) {
            struct session s = {0};
            s.settings.eve.dns_version = (uint8_t)version;
            session_begin(&s, 17, reversed);
            query(&m, 7, "a.example", DNS_A);
            feed(&s, reversed ? TO_CLIENT : TO_SERVER, m.b, m.len);
            response(&m, "a.example", DNS_A);
            feed(&s, reversed ? TO_SERVER : TO_CLIENT, m.b, m.len);
            const struct proto_tx *tx = ((struct proto_txs *)s.state)->first;
            assert_int_equal(tx->from_server, reversed);
            assert_int_equal(tx->next->from_server, version == 2 ? reversed : !reversed);
            session_close(&s);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(picks_messages), cmocka_unit_test(formats_of_answers),
        cmocka_unit_test(version_2),      cmocka_unit_test(version_2_of_two_questions),
        cmocka_unit_test(sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
