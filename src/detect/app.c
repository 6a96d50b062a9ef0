/* Keywords of application protocols that are no buffers. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "decode/events.h"
#include "detect/load.h"

/* Bytes of an event's name, its end included. */
#define EVENT_NAME_MAX 128u

/* "5<>10,norm", ">3,raw": the length of a buffer. */
static bool urilen(struct rule_build *b, char *arg)
{
    char *rest = arg;
    const char *n = text_next(&rest, ','), *how = text_next(&rest, ',');
    struct match_field *f = build_get(b, sizeof *f);
    struct uint_match *u = build_get(b, sizeof *u);
    bool raw = how && strcmp(how, "raw") == 0;
    if (how && !raw && strcmp(how, "norm") != 0)
        return build_error(b, "\"%.20s\": use norm or raw", how);
    if (!f || !u || !build_uint(b, n, UINT16_MAX, u))
        return false;
    *f = (struct match_field){.field = FIELD_NONE, .any = u, .count = 1};
    struct build_buffer *use = build_modified(b, detect_buffer_find(raw ? "http_raw_uri" : "http_uri"));
    return use && build_add(b, &use->matches, MATCH_BSIZE, f);
}

struct value_name {
    enum detect_field field;
    const char *name;
    uint32_t value;
};

/* Values by name; those of HTTP/2 of RFC 9113 6 and 7. */
static const struct value_name value_names[] = {{FIELD_DNS_RRTYPE, "a", 1},
                                                {FIELD_DNS_RRTYPE, "ns", 2},
                                                {FIELD_DNS_RRTYPE, "cname", 5},
                                                {FIELD_DNS_RRTYPE, "soa", 6},
                                                {FIELD_DNS_RRTYPE, "null", 10},
                                                {FIELD_DNS_RRTYPE, "ptr", 12},
                                                {FIELD_DNS_RRTYPE, "hinfo", 13},
                                                {FIELD_DNS_RRTYPE, "mx", 15},
                                                {FIELD_DNS_RRTYPE, "txt", 16},
                                                {FIELD_DNS_RRTYPE, "rp", 17},
                                                {FIELD_DNS_RRTYPE, "sig", 24},
                                                {FIELD_DNS_RRTYPE, "key", 25},
                                                {FIELD_DNS_RRTYPE, "aaaa", 28},
                                                {FIELD_DNS_RRTYPE, "loc", 29},
                                                {FIELD_DNS_RRTYPE, "srv", 33},
                                                {FIELD_DNS_RRTYPE, "naptr", 35},
                                                {FIELD_DNS_RRTYPE, "dname", 39},
                                                {FIELD_DNS_RRTYPE, "opt", 41},
                                                {FIELD_DNS_RRTYPE, "ds", 43},
                                                {FIELD_DNS_RRTYPE, "sshfp", 44},
                                                {FIELD_DNS_RRTYPE, "rrsig", 46},
                                                {FIELD_DNS_RRTYPE, "nsec", 47},
                                                {FIELD_DNS_RRTYPE, "dnskey", 48},
                                                {FIELD_DNS_RRTYPE, "nsec3", 50},
                                                {FIELD_DNS_RRTYPE, "tlsa", 52},
                                                {FIELD_DNS_RRTYPE, "svcb", 64},
                                                {FIELD_DNS_RRTYPE, "https", 65},
                                                {FIELD_DNS_RRTYPE, "spf", 99},
                                                {FIELD_DNS_RRTYPE, "axfr", 252},
                                                {FIELD_DNS_RRTYPE, "any", 255},
                                                {FIELD_DNS_RRTYPE, "uri", 256},
                                                {FIELD_DNS_RRTYPE, "caa", 257},
                                                {FIELD_DNS_RCODE, "noerror", 0},
                                                {FIELD_DNS_RCODE, "formerr", 1},
                                                {FIELD_DNS_RCODE, "servfail", 2},
                                                {FIELD_DNS_RCODE, "nxdomain", 3},
                                                {FIELD_DNS_RCODE, "notimp", 4},
                                                {FIELD_DNS_RCODE, "refused", 5},
                                                {FIELD_DNS_RCODE, "yxdomain", 6},
                                                {FIELD_DNS_RCODE, "yxrrset", 7},
                                                {FIELD_DNS_RCODE, "nxrrset", 8},
                                                {FIELD_DNS_RCODE, "notauth", 9},
                                                {FIELD_DNS_RCODE, "notzone", 10},
                                                {FIELD_HTTP2_ERRORCODE, "no_error", 0},
                                                {FIELD_HTTP2_ERRORCODE, "protocol_error", 1},
                                                {FIELD_HTTP2_ERRORCODE, "internal_error", 2},
                                                {FIELD_HTTP2_ERRORCODE, "flow_control_error", 3},
                                                {FIELD_HTTP2_ERRORCODE, "settings_timeout", 4},
                                                {FIELD_HTTP2_ERRORCODE, "stream_closed", 5},
                                                {FIELD_HTTP2_ERRORCODE, "frame_size_error", 6},
                                                {FIELD_HTTP2_ERRORCODE, "refused_stream", 7},
                                                {FIELD_HTTP2_ERRORCODE, "cancel", 8},
                                                {FIELD_HTTP2_ERRORCODE, "compression_error", 9},
                                                {FIELD_HTTP2_ERRORCODE, "connect_error", 10},
                                                {FIELD_HTTP2_ERRORCODE, "enhance_your_calm", 11},
                                                {FIELD_HTTP2_ERRORCODE, "inadequate_security", 12},
                                                {FIELD_HTTP2_ERRORCODE, "http_1_1_required", 13},
                                                {FIELD_HTTP2_FRAMETYPE, "data", 0},
                                                {FIELD_HTTP2_FRAMETYPE, "headers", 1},
                                                {FIELD_HTTP2_FRAMETYPE, "priority", 2},
                                                {FIELD_HTTP2_FRAMETYPE, "rststream", 3},
                                                {FIELD_HTTP2_FRAMETYPE, "rst_stream", 3},
                                                {FIELD_HTTP2_FRAMETYPE, "settings", 4},
                                                {FIELD_HTTP2_FRAMETYPE, "pushpromise", 5},
                                                {FIELD_HTTP2_FRAMETYPE, "push_promise", 5},
                                                {FIELD_HTTP2_FRAMETYPE, "ping", 6},
                                                {FIELD_HTTP2_FRAMETYPE, "goaway", 7},
                                                {FIELD_HTTP2_FRAMETYPE, "windowupdate", 8},
                                                {FIELD_HTTP2_FRAMETYPE, "window_update", 8},
                                                {FIELD_HTTP2_FRAMETYPE, "continuation", 9},
                                                {FIELD_WEBSOCKET_OPCODE, "continuation", 0},
                                                {FIELD_WEBSOCKET_OPCODE, "text", 1},
                                                {FIELD_WEBSOCKET_OPCODE, "binary", 2},
                                                {FIELD_WEBSOCKET_OPCODE, "connection_close", 8},
                                                {FIELD_WEBSOCKET_OPCODE, "ping", 9},
                                                {FIELD_WEBSOCKET_OPCODE, "pong", 10},
                                                {FIELD_WEBSOCKET_FLAGS, "fin", 128},
                                                {FIELD_WEBSOCKET_FLAGS, "comp", 64},
                                                {FIELD_SOCKS_COMMAND, "connect", 1},
                                                {FIELD_SOCKS_COMMAND, "bind", 2},
                                                {FIELD_SOCKS_COMMAND, "udp-associate", 3},
                                                {FIELD_SOCKS_COMMAND, "udp_associate", 3},
                                                {FIELD_SOCKS_ADDRESS_TYPE, "ipv4", 1},
                                                {FIELD_SOCKS_ADDRESS_TYPE, "domain", 3},
                                                {FIELD_SOCKS_ADDRESS_TYPE, "ipv6", 4}};

bool build_named_field(struct rule_build *b, enum detect_field f, const char *text, uint64_t most)
{
    struct uint_match u = {.op = UINT_EQUAL};
    const char *name = text;
    if (*name == '!')
        name++;
    while (*name == ' ')
        name++;
    for (size_t i = 0; i < sizeof value_names / sizeof value_names[0]; i++) {
        const struct value_name *v = &value_names[i];
        if (v->field != f || strcasecmp(v->name, name) != 0)
            continue;
        u.op = *text == '!' ? UINT_NOT_EQUAL : UINT_EQUAL;
        u.a = v->value;
        return build_field(b, f, 0, &u, 1);
    }
    return build_uint(b, text, most, &u) && build_field(b, f, 0, &u, 1);
}

static uint64_t most_of(enum detect_field f)
{
    switch (f) {
    case FIELD_DNS_OPCODE:
    case FIELD_HTTP2_PRIORITY:
    case FIELD_HTTP2_FRAMETYPE:
    case FIELD_WEBSOCKET_OPCODE:
    case FIELD_WEBSOCKET_FLAGS:
        return UINT8_MAX;
    case FIELD_DNS_RCODE:
    case FIELD_DNS_RRTYPE:
        return UINT16_MAX;
    default:
        return UINT32_MAX;
    }
}

static bool field(struct rule_build *b, char *arg)
{
    enum detect_field f = (enum detect_field)b->keyword->param;
    return build_named_field(b, f, text_unquote(arg), most_of(f));
}

/* The values that a comparison allows, as ranges whose ends are in neither, of one setting. Returns how many. */
static uint16_t setting_ranges(const struct uint_match *u, uint64_t id, struct uint_match out[2])
{
    uint64_t first = id << 32, last = first | UINT32_MAX, a = first + u->a;
    out[0] = out[1] = (struct uint_match){.op = UINT_RANGE, .a = first - 1, .b = last + 1};
    switch (u->op) {
    case UINT_EQUAL:
        out[0] = (struct uint_match){.op = UINT_EQUAL, .a = a};
        return 1;
    case UINT_LESS:
        out[0].b = a;
        return 1;
    case UINT_LESS_EQUAL:
        out[0].b = a + 1;
        return 1;
    case UINT_GREATER:
        out[0].a = a;
        return 1;
    case UINT_GREATER_EQUAL:
        out[0].a = a - 1;
        return 1;
    case UINT_RANGE:
        out[0].a = a;
        out[0].b = first + u->b;
        return 1;
    case UINT_NOT_EQUAL:
        out[0].b = out[1].a = a;
        return 2;
    case UINT_NOT_RANGE:
        out[0].b = a + 1;
        out[1].a = first + u->b - 1;
        return 2;
    default:
        return 0;
    }
}

/* http2.settings:SETTINGS_ENABLE_PUSH, with a comparison behind it or not (RFC 9113 6.5.2). */
static bool setting(struct rule_build *b, char *arg)
{
    static const char *const names[] = {"SETTINGS_HEADER_TABLE_SIZE",       "SETTINGS_ENABLE_PUSH",
                                        "SETTINGS_MAX_CONCURRENT_STREAMS",  "SETTINGS_INITIAL_WINDOW_SIZE",
                                        "SETTINGS_MAX_FRAME_SIZE",          "SETTINGS_MAX_HEADER_LIST_SIZE",
                                        "SETTINGS_ENABLE_CONNECT_PROTOCOL", "SETTINGS_NO_RFC7540_PRIORITIES"};
    static const uint8_t ids[] = {1, 2, 3, 4, 5, 6, 8, 9};
    char name[40];
    struct uint_match u = {.op = UINT_GREATER_EQUAL}, any[2];
    unsigned i;
    size_t n = strspn(arg, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : sizeof name - 1), arg);
    if (!text_word(name, names, sizeof ids, &i))
        return build_error(b, "\"%.40s\" is no setting of HTTP/2", arg);
    char *rest = text_trim(arg + n);
    if (*rest && !build_uint(b, rest, UINT32_MAX, &u))
        return false;
    uint16_t count = setting_ranges(&u, ids[i], any);
    return count ? build_field(b, FIELD_HTTP2_SETTINGS, 0, any, count)
                 : build_error(b, "bits of a setting can't be asked for");
}

/* Words between commas, as they are; arg of the result is the keyword's param. */
static bool words(struct rule_build *b, enum match_kind kind, char *arg, bool negated)
{
    struct match_text *t = build_get(b, sizeof *t);
    unsigned count = 1;
    for (const char *c = arg; *c; c++)
        count += *c == ',';
    if (count > 64)
        return build_error(b, "more than 64 words");
    const char **list = build_get(b, count * sizeof *list);
    if (!t || !list)
        return false;
    for (char *word; (word = text_next(&arg, ','));) {
        for (char *c = word; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        if (!*word || !(list[t->count++] = build_text(b, word)))
            return build_error(b, "an empty word");
    }
    t->words = list;
    t->negated = negated;
    return build_add_packet(b, kind, t);
}

static bool tls_version(struct rule_build *b, char *arg)
{
    static const char *const known[] = {"1.0", "1.1", "1.2", "1.3", "ssl2", "ssl3"};
    unsigned i;
    uint32_t v;
    if (!text_word(arg, known, 6, &i) && !(arg[0] == '0' && arg[1] == 'x' && text_u32(arg, &v) && v <= UINT16_MAX))
        return build_error(b, "\"%.20s\": use 1.0 to 1.3, or 0x0304 and the like", arg);
    return words(b, MATCH_TLS_VERSION, arg, b->negated);
}

/* "sslv3,tls1.2", "!tls1.0" */
static bool ssl_version(struct rule_build *b, char *arg)
{
    static const char *const known[] = {"sslv2", "sslv3", "tls1.0", "tls1.1", "tls1.2", "tls1.3"};
    struct match_text *t = build_get(b, sizeof *t);
    const char **list = build_get(b, 6 * sizeof *list);
    if (!t || !list)
        return false;
    for (char *word; (word = text_next(&arg, ','));) {
        unsigned i;
        bool negated = *word == '!';
        if (!text_word(text_trim(word + negated), known, 6, &i))
            return build_error(b, "\"%.20s\": use sslv2, sslv3, tls1.0 to tls1.3", word);
        if (t->count && t->negated != negated)
            return build_error(b, "some versions negated, some not");
        if (t->count == 6)
            return build_error(b, "a version is given twice");
        t->negated = negated;
        list[t->count++] = known[i];
    }
    t->words = list;
    t->arg = 1;
    return build_add_packet(b, MATCH_TLS_VERSION, t);
}

/* "client_hello|server_hello", "!unknown" */
static bool ssl_state(struct rule_build *b, char *arg)
{
    static const char *const known[] = {"client_hello", "server_hello", "client_keyx", "server_keyx", "unknown"};
    struct match_flags *m = build_get(b, sizeof *m);
    if (!m)
        return false;
    m->mode = FLAGS_ANY_OF;
    for (char *c = arg; *c; c++)
        if (*c == ',')
            *c = '|';
    for (char *word; (word = text_next(&arg, '|'));) {
        unsigned i;
        bool negated = *word == '!';
        if (!text_word(text_trim(word + negated), known, 5, &i))
            return build_error(b, "\"%.20s\": use client_hello, server_hello, client_keyx, server_keyx, unknown", word);
        m->flags |= (uint8_t)(1u << i);
        if (negated)
            m->mode = FLAGS_NONE_OF;
    }
    return build_add_packet(b, MATCH_SSL_STATE, m);
}

/* tls.subject:"x", ssh.softwareversion:"x": a content in a buffer of its own. */
static bool old_text(struct rule_build *b, char *arg)
{
    struct match_content *c = build_get(b, sizeof *c);
    unsigned id = (unsigned)b->keyword->param;
    static const char *const keys[] = {"tls.cert_subject", "tls.cert_issuer", "tls.cert_fingerprint", "ssh.software",
                                       "ssh.proto"};
    if (!c || !(c->bytes = build_bytes(b, arg, strlen(arg), &c->len)))
        return false;
    c->negated = b->negated;
    c->nocase = id == 2;
    c->offset.var = c->depth.var = c->distance.var = c->within.var = -1;
    int before = b->current;
    b->current = 0;
    bool ok = build_sticky(b, detect_buffer_find(keys[id]), NULL) && build_add_buffer(b, MATCH_CONTENT, c);
    b->current = before;
    return ok;
}

static bool protoversion(struct rule_build *b, char *arg)
{
    char text[32];
    bool compat = strcmp(arg, "2_compat") == 0;
    if (strlen(arg) > 16)
        return build_error(b, "use a version as 1.99, 2.0, or 2_compat");
    snprintf(text, sizeof text, "%s", compat ? "2.0" : arg);
    return old_text(b, text);
}

static bool expired(struct rule_build *b, char *arg)
{
    struct match_text *t = build_get(b, sizeof *t);
    (void)arg;
    if (!t)
        return false;
    t->arg = b->keyword->param;
    return build_add_packet(b, MATCH_TLS_EXPIRED, t);
}

/* "2015-10-20T22:40:00", also short forms and seconds since 1970; "a<>b", ">a" */
static bool read_date(const char *s, uint64_t *out)
{
    unsigned y = 1970, mon = 1, d = 1, h = 0, m = 0, sec = 0;
    int n = sscanf(s, "%u-%u-%uT%u:%u:%u", &y, &mon, &d, &h, &m, &sec);
    if (n < 1 || y < 1 || mon < 1 || mon > 12 || d < 1 || d > 31 || h > 23 || m > 59 || sec > 60)
        return false;
    if (n == 1 && y > 9999) { /* seconds */
        *out = y;
        return true;
    }
    /* Days since 1970 of the proleptic Gregorian calendar. */
    int64_t yy = (int64_t)y - (mon <= 2), era = yy / 400, yoe = yy - era * 400;
    int64_t doy = (153 * ((int64_t)mon + (mon > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t days = era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
    int64_t t = days * 86400 + h * 3600 + m * 60 + sec;
    *out = t < 0 ? 0 : (uint64_t)t;
    return true;
}

static bool date(struct rule_build *b, char *arg)
{
    struct match_field *f = build_get(b, sizeof *f);
    struct uint_match *u = build_get(b, sizeof *u);
    char *range = strstr(arg, "<>");
    if (!f || !u)
        return false;
    bool ok;
    if (range) {
        *range = '\0';
        u->op = UINT_RANGE;
        ok = read_date(text_trim(arg), &u->a) && read_date(text_trim(range + 2), &u->b) && u->a < u->b;
    } else {
        u->op = *arg == '<' ? UINT_LESS : *arg == '>' ? UINT_GREATER : UINT_EQUAL;
        ok = read_date(text_trim(arg + (u->op != UINT_EQUAL)), &u->a);
    }
    if (!ok)
        return build_error(b, "use a date as 2015-10-20T22:40:00, after < or >, or two with <> between");
    *f = (struct match_field){.field = FIELD_NONE, .arg = b->keyword->param, .any = u, .count = 1};
    return build_add_packet(b, MATCH_DATE, f);
}

static bool add_event(struct rule_build *b, enum match_kind kind, enum detect_app app, const char *name)
{
    struct match_event *m = build_get(b, sizeof *m);
    if (!m || !(m->name = build_text(b, name)))
        return false;
    m->app = app;
    return build_add_packet(b, kind, m);
}

static bool app_event(struct rule_build *b, char *arg)
{
    char *dot = strchr(arg, '.');
    enum detect_app app = APP_ANY;
    if (dot) {
        app = detect_app_find(arg, (size_t)(dot - arg));
        if (app == APP_ANY)
            return build_error(b, "\"%.40s\" is no event of a protocol", arg);
        if (!build_apps(b, DETECT_APP_BIT(app)))
            return false;
        if (!detect_app_parser(app) && !b->missing)
            b->missing = detect_app_name(app);
    } else if (strncmp(arg, "applayer_", 9) != 0) {
        return build_error(b, "\"%.40s\" is no event", arg);
    } else if (!b->missing) { /* of detecting each direction by itself */
        b->missing = build_text(b, arg);
    }
    if (strpbrk(arg, " \t,"))
        return build_error(b, "\"%.40s\" is no event", arg);
    b->app_event = true;
    return add_event(b, MATCH_APP_EVENT, app, dot ? dot + 1 : arg);
}

/* The event's whole name; false: it can be none. */
static bool event_name(struct rule_build *b, const char *head, const char *arg, char name[EVENT_NAME_MAX])
{
    size_t n = strlen(head), len = strlen(arg);
    bool whole = strncmp(arg, head, n) == 0;
    if (strpbrk(arg, " \t,") || n + len >= EVENT_NAME_MAX)
        return build_error(b, "\"%.40s\" is no event", arg);
    memcpy(name, head, n);
    memcpy(name + (whole ? 0 : n), arg, len + 1);
    return true;
}

static bool decode_event(struct rule_build *b, char *arg)
{
    char name[EVENT_NAME_MAX];
    if (!event_name(b, "decoder.", arg, name))
        return false;
    bool known = false;
    for (unsigned e = 0; e < DECODE_EVENT_COUNT && !known; e++)
        known = strcmp(decode_event_name((enum decode_event)e), name) == 0;
    if (strcmp(name, "decoder.udp.hlen_invalid") == 0)
        load_warn(b->set, "decode-event keyword no longer supports event \"%s\"", name);
    if (!known && !b->missing)
        b->missing = build_text(b, name);
    b->decode_event = true;
    return add_event(b, MATCH_DECODE_EVENT, APP_ANY, name);
}

static bool stream_event(struct rule_build *b, char *arg)
{
    char name[EVENT_NAME_MAX];
    if (!event_name(b, "stream.", arg, name))
        return false;
    return add_event(b, MATCH_STREAM_EVENT, APP_ANY, name);
}

static bool frame(struct rule_build *b, char *arg)
{
    char *dot = strchr(arg, '.');
    enum detect_app app = dot ? detect_app_find(arg, (size_t)(dot - arg)) : b->rule->app;
    if (strcmp(arg, "stream") != 0 && app == APP_ANY)
        return build_error(b, "\"%.40s\": use protocol.frame, or name a protocol in the header", arg);
    const char *name = build_text(b, arg);
    return name && build_sticky(b, detect_buffer_find("frame"), name) && (!app || build_apps(b, DETECT_APP_BIT(app)));
}

#define A(app) DETECT_APP_BIT(APP_##app)

const struct keyword keywords_app[] = {
    {"urilen", "http.uri_len", urilen, 0, 0, A(HTTP), "bytes of the URI"},
    {"dns.opcode", NULL, field, 0, FIELD_DNS_OPCODE, A(DNS), "opcode"},
    {"dns.rcode", NULL, field, 0, FIELD_DNS_RCODE, A(DNS), "response code, by number or name"},
    {"dns.rrtype", NULL, field, 0, FIELD_DNS_RRTYPE, A(DNS), "type of a record, by number or name"},
    {"tls.cert_chain_len", NULL, field, 0, FIELD_TLS_CHAIN_LEN, A(TLS), "certificates in the chain"},
    {"tls.version", NULL, tls_version, KEYWORD_MAY_QUOTE | KEYWORD_NEGATION, 0, A(TLS), "version of TLS"},
    {"ssl_version", NULL, ssl_version, 0, 0, A(TLS), "versions of TLS"},
    {"ssl_state", NULL, ssl_state, 0, 0, A(TLS), "messages that were seen"},
    {"tls.subject", NULL, old_text, KEYWORD_QUOTES | KEYWORD_NEGATION, 0, A(TLS), "part of the certificate's subject"},
    {"tls.issuerdn", NULL, old_text, KEYWORD_QUOTES | KEYWORD_NEGATION, 1, A(TLS), "part of the certificate's issuer"},
    {"tls.fingerprint", NULL, old_text, KEYWORD_QUOTES | KEYWORD_NEGATION, 2, A(TLS), "the certificate's SHA-1"},
    {"tls_cert_expired", NULL, expired, KEYWORD_NO_VALUE, 0, A(TLS), "the certificate is expired"},
    {"tls_cert_valid", NULL, expired, KEYWORD_NO_VALUE, 1, A(TLS), "the certificate is not expired"},
    {"tls_cert_notbefore", NULL, date, KEYWORD_MAY_QUOTE, 0, A(TLS), "the certificate's begin"},
    {"tls_cert_notafter", NULL, date, KEYWORD_MAY_QUOTE, 1, A(TLS), "the certificate's end"},
    {"ssh.softwareversion", NULL, old_text, KEYWORD_MAY_QUOTE | KEYWORD_NEGATION, 3, A(SSH), "part of the software"},
    {"ssh.protoversion", NULL, protoversion, KEYWORD_MAY_QUOTE | KEYWORD_NEGATION, 4, A(SSH),
     "version of the protocol"},
    {"http2.errorcode", NULL, field, 0, FIELD_HTTP2_ERRORCODE, A(HTTP2), "error code of RST_STREAM and GOAWAY"},
    {"http2.frametype", NULL, field, 0, FIELD_HTTP2_FRAMETYPE, A(HTTP2), "type of a frame"},
    {"http2.priority", NULL, field, 0, FIELD_HTTP2_PRIORITY, A(HTTP2), "weight of a PRIORITY frame"},
    {"http2.window", NULL, field, 0, FIELD_HTTP2_WINDOW, A(HTTP2), "increment of a WINDOW_UPDATE frame"},
    {"http2.size_update", NULL, field, 0, FIELD_HTTP2_SIZE_UPDATE, A(HTTP2), "size of the table of headers"},
    {"http2.settings", NULL, setting, KEYWORD_MAY_QUOTE, 0, A(HTTP2), "a setting, and its value"},
    {"websocket.opcode", NULL, field, KEYWORD_NEVER, FIELD_WEBSOCKET_OPCODE, A(WEBSOCKET), "opcode of a frame"},
    {"websocket.mask", NULL, field, KEYWORD_NEVER, FIELD_WEBSOCKET_MASK, A(WEBSOCKET), "mask of a frame"},
    {"websocket.flags", NULL, field, KEYWORD_NEVER, FIELD_WEBSOCKET_FLAGS, A(WEBSOCKET), "flags of a frame"},
    {"app-layer-event", NULL, app_event, 0, 0, 0, "an event of a protocol's parser"},
    {"decode-event", "engine-event", decode_event, KEYWORD_PREFILTER, 0, 0, "an event of the decoder"},
    {"stream-event", NULL, stream_event, 0, 0, 0, "an event of TCP"},
    {"frame", NULL, frame, 0, 0, 0, "a frame of a protocol, as a buffer"},
    {0}};
