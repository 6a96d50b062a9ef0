#include "detect/rule.h"

#include <string.h>

#include "core/bytes.h"
#include "detect/build.h"

bool uint_matches(const struct uint_match *m, uint64_t v)
{
    switch (m->op) {
    case UINT_EQUAL:
        return v == m->a;
    case UINT_NOT_EQUAL:
        return v != m->a;
    case UINT_LESS:
        return v < m->a;
    case UINT_LESS_EQUAL:
        return v <= m->a;
    case UINT_GREATER:
        return v > m->a;
    case UINT_GREATER_EQUAL:
        return v >= m->a;
    case UINT_RANGE:
        return v > m->a && v < m->b;
    case UINT_NOT_RANGE:
        return !(v > m->a && v < m->b);
    case UINT_BITS:
        return (v & m->a) == m->b;
    case UINT_NOT_BITS:
        return (v & m->a) != m->b;
    }
    return false;
}

uint64_t uint_most(const struct uint_match *m)
{
    switch (m->op) {
    case UINT_EQUAL:
    case UINT_LESS_EQUAL:
        return m->a;
    case UINT_LESS:
        return m->a ? m->a - 1 : 0;
    case UINT_RANGE:
        return m->b ? m->b - 1 : 0;
    default:
        return UINT64_MAX;
    }
}

uint32_t rule_metadata(const struct rule *r, char *text, struct rule_metadata *list)
{
    uint32_t n = 0;
    char *rest = memcpy(text, r->metadata, strlen(r->metadata) + 1);
    for (char *entry; n < RULE_METADATA_MAX && (entry = text_next(&rest, ','));) {
        char *blank = entry + strcspn(entry, " \t");
        if (!*entry)
            continue;
        if (*blank)
            *blank++ = '\0';
        list[n++] = (struct rule_metadata){entry, text_trim(blank)};
    }
    return n;
}

static bool in_v4(const struct rule_addrs *set, uint32_t a)
{
    uint32_t low = 0, high = set->v4_count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (a > set->v4[mid].last)
            low = mid + 1;
        else
            high = mid;
    }
    return low < set->v4_count && a >= set->v4[low].first;
}

static bool in_v6(const struct rule_addrs *set, const struct addr *a)
{
    uint32_t low = 0, high = set->v6_count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (memcmp(a->b, set->v6[mid].last.b, 16) > 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low < set->v6_count && memcmp(a->b, set->v6[low].first.b, 16) >= 0;
}

bool rule_addrs_match(const struct rule_addrs *set, const struct addr *a)
{
    if (set->any)
        return true;
    if (a->family == ADDR_V4)
        return in_v4(set, load_be32(a->b));
    return a->family == ADDR_V6 && in_v6(set, a);
}

bool rule_ports_same(const struct rule_ports *a, const struct rule_ports *b)
{
    return a == b || (a->any == b->any && a->count == b->count &&
                      (!a->count || memcmp(a->ranges, b->ranges, a->count * sizeof *a->ranges) == 0));
}

bool rule_addrs_same(const struct rule_addrs *a, const struct rule_addrs *b)
{
    return a == b || (a->any == b->any && a->v4_count == b->v4_count && a->v6_count == b->v6_count &&
                      (!a->v4_count || memcmp(a->v4, b->v4, a->v4_count * sizeof *a->v4) == 0) &&
                      (!a->v6_count || memcmp(a->v6, b->v6, a->v6_count * sizeof *a->v6) == 0));
}

bool rule_ports_match(const struct rule_ports *set, uint16_t port)
{
    uint32_t low = 0, high = set->count;
    if (set->any)
        return true;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (port > set->ranges[mid].last)
            low = mid + 1;
        else
            high = mid;
    }
    return low < set->count && port >= set->ranges[low].first;
}

const char *rule_action_name(enum rule_action a)
{
    static const char *const names[] = {[RULE_ALERT] = "alert",
                                        [RULE_PASS] = "pass",
                                        [RULE_DROP] = "drop",
                                        [RULE_REJECT_SRC] = "reject",
                                        [RULE_REJECT_DST] = "rejectdst",
                                        [RULE_REJECT_BOTH] = "rejectboth",
                                        [RULE_CONFIG] = "config"};
    return names[a];
}

const char *rule_type_name(enum rule_type t)
{
    static const char *const names[] = {[RULE_TYPE_IP_ONLY] = "ip_only",    [RULE_TYPE_LIKE_IP_ONLY] = "like_ip_only",
                                        [RULE_TYPE_PROTO_ONLY] = "pd_only", [RULE_TYPE_EVENT_ONLY] = "de_only",
                                        [RULE_TYPE_PACKET] = "pkt",         [RULE_TYPE_PACKET_STREAM] = "pkt_stream",
                                        [RULE_TYPE_STREAM] = "stream",      [RULE_TYPE_APP] = "app_layer",
                                        [RULE_TYPE_APP_TX] = "app_tx"};
    return names[t];
}

bool match_is_relative(const struct match *m)
{
    switch (m->kind) {
    case MATCH_CONTENT:
        return m->content->has_distance || m->content->has_within;
    case MATCH_PCRE:
        return m->pcre->relative;
    case MATCH_BYTE_TEST:
        return m->byte_test->from.relative;
    case MATCH_BYTE_JUMP:
        return m->byte_jump->from.relative;
    case MATCH_BYTE_EXTRACT:
        return m->byte_extract->from.relative;
    case MATCH_BYTE_MATH:
        return m->byte_math->from.relative;
    case MATCH_ISDATAAT:
        return m->isdataat->relative;
    case MATCH_BASE64_DECODE:
        return m->base64->relative;
    default:
        return false;
    }
}
