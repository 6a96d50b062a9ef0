/* flowbits, flowint, xbits, hostbits: what rules keep. */
#include <string.h>

#include "detect/load.h"

/* Names of one flowbits:isset,a|b. */
#define NAMES_MAX 64

static const char *const commands[] = {"set", "unset", "toggle", "isset", "isnotset"};

static bool is_condition(enum bits_command c)
{
    return c == BITS_IS_SET || c == BITS_IS_NOT_SET;
}

static bool add_bits(struct rule_build *b, enum match_kind kind, struct match_bits *m)
{
    return is_condition(m->command) ? build_add_packet(b, kind, m) : build_add_post(b, kind, m);
}

static bool read_names(struct rule_build *b, struct match_bits *m, enum name_kind kind, char *list)
{
    uint32_t ids[NAMES_MAX];
    for (char *name; (name = text_next(&list, '|'));) {
        if (!*name || strpbrk(name, " \t"))
            return build_error(b, "\"%.40s\" is no name", name);
        if (m->count == NAMES_MAX)
            return build_error(b, "more than %d names", NAMES_MAX);
        if ((ids[m->count++] = build_name(b, kind, name)) == UINT32_MAX)
            return false;
    }
    if (m->count > 1 && !is_condition(m->command))
        return build_error(b, "only isset and isnotset take several names");
    m->names = build_get(b, m->count * sizeof *ids);
    if (m->names)
        memcpy(m->names, ids, m->count * sizeof *ids);
    return m->names != NULL;
}

static bool flowbits(struct rule_build *b, char *arg)
{
    struct match_bits *m = build_get(b, sizeof *m);
    char *rest = arg;
    const char *word = text_next(&rest, ',');
    unsigned i;
    if (!m)
        return false;
    if (strcmp(word, "noalert") == 0) {
        if (rest)
            return build_error(b, "noalert takes no name");
        b->rule->flags |= RULE_NOALERT;
        return true;
    }
    if (!text_word(word, commands, 5, &i))
        return build_error(b, "\"%.40s\": use set, unset, toggle, isset, isnotset or noalert", word);
    if (!rest)
        return build_error(b, "%s needs a name", word);
    m->command = (enum bits_command)i;
    m->track = BITS_FLOW;
    return read_names(b, m, NAME_FLOWBIT, text_trim(rest)) && add_bits(b, MATCH_FLOWBITS, m);
}

static bool xbits(struct rule_build *b, char *arg)
{
    static const char *const tracks[] = {"ip_src", "ip_dst", "ip_pair", "tx"};
    static const enum bits_track track[] = {BITS_SRC, BITS_DST, BITS_PAIR, BITS_TX};
    struct match_bits *m = build_get(b, sizeof *m);
    char *rest = arg;
    unsigned i;
    if (!m)
        return false;
    const char *word = text_next(&rest, ',');
    char *name = text_next(&rest, ',');
    if (strcmp(word, "noalert") == 0) {
        b->rule->flags |= RULE_NOALERT;
        return true;
    }
    if (!text_word(word, commands, 5, &i) || !name)
        return build_error(b, "use set, unset, toggle, isset or isnotset, a name, track ...");
    m->command = (enum bits_command)i;
    m->expire = 30;
    bool tracked = false;
    for (char *w; (w = text_next(&rest, ','));) {
        int64_t v;
        if (strncmp(w, "track ", 6) == 0 && text_word(text_trim(w + 6), tracks, 4, &i)) {
            m->track = track[i];
            tracked = true;
        } else if (strncmp(w, "expire ", 7) == 0 && text_int(text_trim(w + 7), 1, UINT32_MAX, &v)) {
            m->expire = (uint32_t)v;
        } else {
            return build_error(b, "\"%.40s\": use track ip_src, ip_dst, ip_pair or tx, expire N", w);
        }
    }
    if (!tracked)
        return build_error(b, "needs track ip_src, ip_dst, ip_pair or tx");
    return read_names(b, m, NAME_XBIT, name) && add_bits(b, MATCH_XBITS, m);
}

static bool hostbits(struct rule_build *b, char *arg)
{
    static const char *const tracks[] = {"src", "dst", "both"};
    static const enum bits_track track[] = {BITS_SRC, BITS_DST, BITS_EITHER};
    struct match_bits *m = build_get(b, sizeof *m);
    char *rest = arg;
    unsigned i;
    if (!m)
        return false;
    const char *word = text_next(&rest, ',');
    if (strcmp(word, "noalert") == 0) {
        b->rule->flags |= RULE_NOALERT;
        return true;
    }
    if (!text_word(word, commands, 5, &i))
        return build_error(b, "\"%.40s\": use set, unset, toggle, isset or isnotset", word);
    char *name = text_next(&rest, ',');
    const char *side = text_next(&rest, ',');
    if (!name || rest)
        return build_error(b, "use a command, a name, and src, dst or both");
    m->command = (enum bits_command)i;
    m->track = BITS_SRC;
    m->expire = 300;
    if (side) {
        if (!text_word(side, tracks, 3, &i))
            return build_error(b, "\"%.40s\": use src, dst or both", side);
        m->track = track[i];
    }
    return read_names(b, m, NAME_HOSTBIT, name) && add_bits(b, MATCH_HOSTBITS, m);
}

static bool flowint_command(struct rule_build *b, struct match_flowint *m, const char *word)
{
    static const char *const words[] = {"=", "+", "-", "<", "<=", "==", "!=", ">=", ">", "isset", "isnotset", "notset"};
    unsigned i;
    if (!text_word(word, words, 12, &i))
        return build_error(b, "\"%.20s\": use =, +, -, a comparison, isset or isnotset", word);
    m->command = i == 11 ? FLOWINT_IS_NOT_SET : (enum flowint_command)i;
    return true;
}

static bool flowint(struct rule_build *b, char *arg)
{
    struct match_flowint *m = build_get(b, sizeof *m);
    char *rest = arg;
    const char *name = text_next(&rest, ','), *word = text_next(&rest, ','), *value = text_next(&rest, ',');
    if (!m)
        return false;
    if (!word || !*name || rest)
        return build_error(b, "use name, operator, value");
    if (!flowint_command(b, m, word))
        return false;
    if ((m->name = build_name(b, NAME_FLOWINT, name)) == UINT32_MAX)
        return false;
    bool alone = m->command == FLOWINT_IS_SET || m->command == FLOWINT_IS_NOT_SET;
    if (alone != (value == NULL))
        return build_error(b, alone ? "isset and isnotset take no value" : "needs a value");
    if (value && !text_u32(value, &m->value)) {
        if ((*value >= '0' && *value <= '9') || *value == '-' || !*value)
            return build_error(b, "\"%.40s\" is no number up to 4294967295", value);
        m->by_name = true;
        if ((m->other = build_name(b, NAME_FLOWINT, value)) == UINT32_MAX)
            return false;
    }
    return m->command <= FLOWINT_SUB ? build_add_post(b, MATCH_FLOWINT, m) : build_add_packet(b, MATCH_FLOWINT, m);
}

/* flowvar, pktvar: "name,content". */
static bool var(struct rule_build *b, char *arg)
{
    struct match_var *m = build_get(b, sizeof *m);
    char *rest = arg, *name = text_next(&rest, ',');
    bool flow = b->keyword->param == NAME_FLOWVAR;
    if (!m)
        return false;
    if (!rest || !*name)
        return build_error(b, "use name,content");
    rest = text_trim(rest);
    m->negated = *rest == '!';
    rest = text_unquote(text_trim(rest + m->negated));
    m->name = build_name(b, flow ? NAME_FLOWVAR : NAME_PKTVAR, name);
    m->bytes = build_bytes(b, rest, strlen(rest), &m->len);
    return m->bytes && m->name != UINT32_MAX && build_add_packet(b, flow ? MATCH_FLOWVAR : MATCH_PKTVAR, m);
}

const struct keyword keywords_state[] = {
    {"flowbits", NULL, flowbits, KEYWORD_PREFILTER, 0, 0, "set or ask bits of the flow"},
    {"flowint", NULL, flowint, 0, 0, 0, "set, count or compare numbers of the flow"},
    {"xbits", NULL, xbits, 0, 0, 0, "set or ask bits of hosts and pairs of hosts"},
    {"hostbits", NULL, hostbits, 0, 0, 0, "set or ask bits of hosts"},
    {"flowvar", NULL, var, 0, NAME_FLOWVAR, 0, "content of what a pcre kept with the flow"},
    {"pktvar", NULL, var, 0, NAME_PKTVAR, 0, "content of what a pcre kept with the packet"},
    {0}};
