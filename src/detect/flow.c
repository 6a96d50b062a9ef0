/* Conditions on the flow. */
#include <stdio.h>
#include <string.h>

#include "detect/load.h"

/* Bytes of a value of `flow` below which it is remembered. */
#define FLOW_REMEMBERED_MAX 64u

static bool put_direction(struct rule_build *b, uint8_t dir)
{
    if (b->dirs)
        return build_error(b, b->dirs == dir ? "the direction is given twice" : "both directions");
    b->dirs = dir;
    b->rule->flags |= dir == DETECT_TO_SERVER ? RULE_TO_SERVER : RULE_TO_CLIENT;
    return true;
}

static bool put_state(struct rule_build *b, uint32_t bit, uint32_t against)
{
    if (b->rule->flow & (bit | against))
        return build_error(b, b->rule->flow & bit ? "a word is given twice" : "words that exclude one another");
    b->rule->flow |= bit;
    return true;
}

static bool flow_word(struct rule_build *b, const char *word)
{
    static const char *const words[] = {"established", "not_established", "stateless",  "only_stream",
                                        "no_stream",   "only_frag",       "no_frag",    "to_server",
                                        "from_client", "to_client",       "from_server"};
    static const uint32_t bits[7] = {RULE_FLOW_ESTABLISHED, RULE_FLOW_NOT_ESTABLISHED, RULE_FLOW_STATELESS,
                                     RULE_FLOW_ONLY_STREAM, RULE_FLOW_NO_STREAM,       RULE_FLOW_ONLY_FRAG,
                                     RULE_FLOW_NO_FRAG};
    uint32_t against[7] = {RULE_FLOW_NOT_ESTABLISHED | RULE_FLOW_STATELESS,
                           RULE_FLOW_ESTABLISHED | RULE_FLOW_STATELESS,
                           RULE_FLOW_ESTABLISHED | RULE_FLOW_NOT_ESTABLISHED,
                           RULE_FLOW_NO_STREAM,
                           RULE_FLOW_ONLY_STREAM,
                           RULE_FLOW_NO_FRAG,
                           RULE_FLOW_ONLY_FRAG};
    unsigned i;
    if (!text_word(word, words, sizeof words / sizeof words[0], &i))
        return build_error(b, "\"%.40s\": unknown word", word);
    if (i >= 7)
        return put_direction(b, i < 9 ? DETECT_TO_SERVER : DETECT_TO_CLIENT);
    return put_state(b, bits[i], against[i]);
}

static bool flow(struct rule_build *b, char *arg)
{
    if (b->has_flow_state)
        return build_error(b, "given twice");
    b->has_flow_state = true;
    /* The same few texts come again and again; to a rule that asks for nothing yet they say the same. */
    struct words *known = &b->set->loading->flows;
    char first[FLOW_REMEMBERED_MAX];
    size_t n = !b->dirs && !b->rule->flow && b->len < sizeof first ? b->len : 0;
    const uint64_t *found = n ? words_find_part(known, arg, n) : NULL;
    if (found) {
        b->rule->flow = (uint32_t)(*found >> 8);
        return !(*found & 0xff) || put_direction(b, (uint8_t)*found);
    }
    memcpy(first, arg, n);
    for (char *word; (word = text_next(&arg, ','));)
        if (!flow_word(b, word))
            return false;
    const char *kept = n ? arena_text(&b->set->shared, first, n) : NULL;
    if (kept)
        words_add(known, kept, (uint64_t)b->rule->flow << 8 | b->dirs);
    return true;
}

static bool age(struct rule_build *b, char *arg)
{
    struct uint_match u;
    return build_uint(b, arg, UINT32_MAX, &u) && build_field(b, FIELD_FLOW_AGE, 0, &u, 1);
}

static const char *const sides[] = {"either", "toserver", "toclient", "both"};

static bool counted(struct rule_build *b, char *arg, enum detect_field field, int side)
{
    struct uint_match u;
    return build_uint(b, arg, field == FIELD_FLOW_PKTS ? UINT32_MAX : UINT64_MAX, &u) &&
           build_field(b, field, side, &u, 1);
}

/* "toserver,>5" */
static bool sided(struct rule_build *b, char *arg, enum detect_field field)
{
    char *rest = arg;
    const char *word = text_next(&rest, ',');
    unsigned i;
    if (!rest || !text_word(word, sides, 4, &i))
        return build_error(b, "use toserver, toclient, both or either, then a number");
    return counted(b, text_trim(rest), field, (int)i);
}

static bool pkts(struct rule_build *b, char *arg)
{
    return b->keyword->param ? counted(b, arg, FIELD_FLOW_PKTS, b->keyword->param) : sided(b, arg, FIELD_FLOW_PKTS);
}

static bool bytes(struct rule_build *b, char *arg)
{
    return b->keyword->param ? counted(b, arg, FIELD_FLOW_BYTES, b->keyword->param) : sided(b, arg, FIELD_FLOW_BYTES);
}

static bool elephant(struct rule_build *b, char *arg)
{
    unsigned i;
    struct match_text *t = build_get(b, sizeof *t);
    if (!t)
        return false;
    if (!text_word(arg, sides, 4, &i))
        return build_error(b, "use toserver, toclient, both or either");
    t->arg = (int)i;
    return build_add_packet(b, MATCH_ELEPHANT, t);
}

/* "server,>,100" */
static bool stream_size(struct rule_build *b, char *arg)
{
    static const char *const words[] = {"server", "client", "both", "either"};
    char *rest = arg, text[64];
    const char *side = text_next(&rest, ','), *op = text_next(&rest, ','), *n = text_next(&rest, ',');
    struct uint_match u;
    unsigned i;
    if (!n || rest || !text_word(side, words, 4, &i))
        return build_error(b, "use server, client, both or either, then an operator, then bytes");
    snprintf(text, sizeof text, "%s%s", strcmp(op, "=") == 0 ? "" : op, n);
    if (strspn(op, "<>=!") != strlen(op) || !*op)
        return build_error(b, "\"%.20s\" is no operator", op);
    return build_uint(b, text, UINT32_MAX, &u) && build_field(b, FIELD_STREAM_SIZE, (int)i, &u, 1);
}

static bool app_layer_protocol(struct rule_build *b, char *arg)
{
    static const char *const modes[] = {"direction", "final", "either", "to_server", "to_client", "original", "exact"};
    struct match_app_proto *m = build_get(b, sizeof *m);
    char *rest = arg;
    const char *name = text_next(&rest, ','), *mode = text_next(&rest, ',');
    unsigned i = APP_MODE_DIRECTION;
    if (!m)
        return false;
    m->negated = b->negated;
    m->app = detect_app_find(name, strlen(name));
    m->name = build_text(b, name);
    if (m->app == APP_ANY && strcmp(name, "failed") != 0 && strcmp(name, "unknown") != 0)
        return build_error(b, "\"%.40s\" is no protocol", name);
    if (b->rule->app && !m->negated && strcmp(name, "failed") != 0)
        return build_error(b, "the rule's header names a protocol already");
    if (mode && !text_word(mode, modes, 7, &i))
        return build_error(b, "\"%.40s\": use final, either, to_server, to_client, direction, original or exact", mode);
    m->mode = (enum app_proto_mode)i;
    if (m->app && !m->negated && !detect_app_parser(m->app) && !b->missing)
        b->missing = detect_app_name(m->app);
    return m->name && build_add_packet(b, MATCH_APP_PROTO, m);
}

const struct keyword keywords_flow[] = {
    {"flow", NULL, flow, KEYWORD_OPTIONAL_VALUE, 0, 0, "direction and state of the flow"},
    {"flow.age", NULL, age, 0, 0, 0, "seconds since the flow began"},
    {"flow.pkts", NULL, pkts, 0, 0, 0, "packets of the flow"},
    {"flow.bytes", NULL, bytes, 0, 0, 0, "bytes of the flow"},
    {"flow.pkts_toserver", NULL, pkts, 0, DETECT_TO_SERVER, 0, "packets to the server"},
    {"flow.pkts_toclient", NULL, pkts, 0, DETECT_TO_CLIENT, 0, "packets to the client"},
    {"flow.bytes_toserver", NULL, bytes, 0, DETECT_TO_SERVER, 0, "bytes to the server"},
    {"flow.bytes_toclient", NULL, bytes, 0, DETECT_TO_CLIENT, 0, "bytes to the client"},
    {"flow.elephant", NULL, elephant, KEYWORD_PREFILTER | KEYWORD_NEVER, 0, 0,
     "the flow is an elephant: very many bytes in short time"},
    {"stream_size", NULL, stream_size, KEYWORD_PREFILTER, 0, 0, "bytes of the stream"},
    {"app-layer-protocol", NULL, app_layer_protocol, KEYWORD_NEGATION | KEYWORD_PREFILTER, 0, 0,
     "the protocol that was recognised"},
    {0}};
