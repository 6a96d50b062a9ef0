/* The http record, as Suricata's, and the options of `http` in the eve-log's list of types. */
#include "config/conf.h"
#include "core/bytes.h"
#include "proto/http1/http1_state.h"

#include <strings.h>

static void put(struct json *j, const char *key, const bstr *b)
{
    if (b)
        json_bytes(j, key, bstr_ptr(b), bstr_len(b));
}

static void put_header(struct json *j, const char *key, const htp_header_t *h)
{
    if (h)
        put(j, key, h->value);
}

struct wanted {
    const char *name;
    size_t len;
    const htp_header_t *found;
};

/* One pass over a table of headers for all names: libhtp's own look-up walks the table for each. The first wins. */
static void find(const htp_table_t *headers, struct wanted *w, size_t n)
{
    size_t count = headers ? htp_table_size(headers) : 0;
    for (size_t i = 0; i < count; i++) {
        const htp_header_t *h = htp_table_get_index(headers, i, NULL);
        if (!h || !h->name)
            continue;
        size_t len = bstr_len(h->name);
        for (size_t k = 0; k < n; k++)
            if (w[k].len == len && !w[k].found && strncasecmp(w[k].name, (const char *)bstr_ptr(h->name), len) == 0)
                w[k].found = h;
    }
}

static bool number(struct reader *r, uint64_t *out)
{
    const uint8_t *begin = r->p;
    uint64_t v = 0;
    while (reader_left(r) && *r->p >= '0' && *r->p <= '9' && r->p - begin < 18)
        v = v * 10 + (uint64_t)(reader_u8(r) - '0');
    *out = v;
    return r->p != begin;
}

/* RFC 9110 14.4: bytes first-last/length, where first-last or the length may be "*". */
static void put_range(struct json *j, const htp_header_t *h)
{
    struct reader r = reader_of(bstr_ptr(h->value), bstr_len(h->value));
    uint64_t start = 0, end = 0, size = 0;
    json_open_object(j, "content_range");
    put(j, "raw", h->value);
    while (reader_left(&r) && *r.p == ' ')
        r.p++;
    const uint8_t *unit = reader_take(&r, 5);
    if (unit && strncasecmp((const char *)unit, "bytes", 5) == 0) {
        while (reader_left(&r) && (*r.p == ' ' || *r.p == '='))
            r.p++;
        bool span = number(&r, &start) && reader_u8(&r) == '-' && number(&r, &end);
        if (!span && !(reader_left(&r) && reader_u8(&r) == '*'))
            r.bad = true;
        bool slash = reader_u8(&r) == '/';
        bool sized = slash && number(&r, &size);
        if (!r.bad && slash && span) {
            json_u64(j, "start", start);
            json_u64(j, "end", end);
        }
        if (!r.bad && sized)
            json_u64(j, "size", size);
    }
    json_end_object(j);
}

static void put_status(struct json *j, const htp_tx_t *tx)
{
    if (tx->response_status_number > 0)
        json_i64(j, "status", tx->response_status_number);
    else
        put(j, "status_string", tx->response_status);
}

/* A scalar option of the http type, NULL if it isn't set. Walks the tree itself, so that the room needs its header
 * only. */
static const char *option(const struct conf_node *options, const char *key)
{
    for (const struct conf_node *n = options ? options->first : NULL; n; n = n->next)
        if (n->kind == CONF_SCALAR && strcmp(n->key, key) == 0)
            return n->text;
    return NULL;
}

unsigned http1_log_options(const struct settings *settings)
{
    unsigned options = HTTP1_LOG_EXTENDED;
    for (size_t i = 0; i < settings->eve.type_count; i++) {
        const struct settings_eve_type *t = &settings->eve.types[i];
        if (!t->options || strcmp(t->name, "http") != 0)
            continue;
        const char *extended = option(t->options, "extended");
        const char *dump = option(t->options, "dump-all-headers");
        if (extended && (strcasecmp(extended, "no") == 0 || strcasecmp(extended, "false") == 0))
            options &= ~(unsigned)HTTP1_LOG_EXTENDED;
        if (dump && (strcmp(dump, "both") == 0 || strcmp(dump, "request") == 0))
            options |= HTTP1_LOG_REQUEST_HEADERS;
        if (dump && (strcmp(dump, "both") == 0 || strcmp(dump, "response") == 0))
            options |= HTTP1_LOG_RESPONSE_HEADERS;
        break;
    }
    return options;
}

/* All headers, except for what gives a password away. */
static void put_headers(struct json *j, const char *key, const htp_table_t *headers)
{
    size_t count = headers ? htp_table_size(headers) : 0;
    json_open_array(j, key);
    for (size_t i = 0; i < count; i++) {
        const htp_header_t *h = htp_table_get_index(headers, i, NULL);
        if (!h || !h->name || !h->value)
            continue;
        bool secret =
            bstr_cmp_c_nocase(h->name, "authorization") == 0 || bstr_cmp_c_nocase(h->name, "proxy-authorization") == 0;
        json_open_object(j, NULL);
        put(j, "name", h->name);
        if (secret)
            json_str(j, "value", "<hidden>");
        else
            put(j, "value", h->value);
        json_end_object(j);
    }
    json_end_array(j);
}

static void put_extended(struct json *j, const htp_tx_t *tx, const htp_header_t *referer, const htp_header_t *location)
{
    put_header(j, "http_refer", referer);
    put(j, "http_method", tx->request_method);
    put(j, "protocol", tx->request_protocol);
    put_status(j, tx);
    put_header(j, "redirect", location);
    json_i64(j, "length", tx->response_message_len);
}

void http1_log(const void *state, const struct proto_tx *base, struct json *j)
{
    const struct http1_state *s = state;
    const htp_tx_t *tx = ((const struct http1_tx *)base)->htp;
    enum { AGENT, REFERER };
    enum { TYPE, RANGE, LOCATION };
    struct wanted up[] = {[AGENT] = {"user-agent", 10, NULL}, [REFERER] = {"referer", 7, NULL}};
    struct wanted down[] = {
        [TYPE] = {"content-type", 12, NULL}, [RANGE] = {"content-range", 13, NULL}, [LOCATION] = {"location", 8, NULL}};
    find(tx->request_headers, up, 2);
    find(tx->response_headers, down, 3);

    put(j, "hostname", http1_hostname(tx));
    if (tx->request_port_number > 0)
        json_i64(j, "http_port", tx->request_port_number);
    put(j, "url", tx->request_uri);
    put_header(j, "http_user_agent", up[AGENT].found);
    if (down[TYPE].found && down[TYPE].found->value) {
        const bstr *v = down[TYPE].found->value;
        const uint8_t *end = memchr(bstr_ptr(v), ';', bstr_len(v));
        json_bytes(j, "http_content_type", bstr_ptr(v), end ? (size_t)(end - bstr_ptr(v)) : bstr_len(v));
    }
    if (down[RANGE].found && down[RANGE].found->value)
        put_range(j, down[RANGE].found);
    if (s->log_options & HTTP1_LOG_EXTENDED)
        put_extended(j, tx, up[REFERER].found, down[LOCATION].found);
    if (s->log_options & HTTP1_LOG_REQUEST_HEADERS)
        put_headers(j, "request_headers", tx->request_headers);
    if (s->log_options & HTTP1_LOG_RESPONSE_HEADERS)
        put_headers(j, "response_headers", tx->response_headers);
}
