/* The http record of HTTP/2, as Suricata's: one for each stream, and one for each SETTINGS and GOAWAY. */
#include <stdio.h>
#include <strings.h>

#include "proto/http2/http2_state.h"

#define DIGITS_MAX 18u

static bool named(const struct http2_field *f, const char *name)
{
    return f->name_len == strlen(name) && strncasecmp(name, (const char *)f->name, f->name_len) == 0;
}

/* All fields but what gives a password away. */
static void put_fields(struct json *j, const char *key, const struct http2_half *h)
{
    struct reader in = reader_of(h->fields.data, h->fields.len);
    struct http2_field f;
    if (!h->fields.len && h->table_size < 0)
        return;
    json_open_array(j, key);
    if (h->table_size >= 0) {
        json_open_object(j, NULL);
        json_i64(j, "table_size_update", h->table_size);
        json_end_object(j);
    }
    while (http2_fields_next(&in, &f)) {
        json_open_object(j, NULL);
        json_bytes(j, "name", f.name, f.name_len);
        if (named(&f, "authorization") || named(&f, "proxy-authorization"))
            json_str(j, "value", "<hidden>");
        else
            json_bytes(j, "value", f.value, f.value_len);
        json_end_object(j);
    }
    json_end_array(j);
}

static void put_as(struct json *j, const char *key, const struct buf *fields, const char *name)
{
    struct http2_field f;
    if (http2_fields_find(fields, name, &f))
        json_bytes(j, key, f.value, f.value_len);
}

static bool number_of(const struct buf *fields, const char *name, uint64_t *out)
{
    struct http2_field f;
    *out = 0;
    if (!http2_fields_find(fields, name, &f) || f.value_len == 0 || f.value_len > DIGITS_MAX)
        return false;
    for (size_t i = 0; i < f.value_len; i++) {
        if (f.value[i] < '0' || f.value[i] > '9')
            return false;
        *out = *out * 10 + (uint64_t)(f.value[i] - '0');
    }
    return true;
}

static void put_request(struct json *j, const struct buf *up)
{
    struct http2_field f;
    put_as(j, "http_method", up, ":method");
    put_as(j, "url", up, ":path");
    if (http2_fields_find(up, "host", &f) || http2_fields_find(up, ":authority", &f))
        json_bytes(j, "hostname", f.value, f.value_len);
    put_as(j, "http_user_agent", up, "user-agent");
    put_as(j, "http_refer", up, "referer");
}

static void put_response(struct json *j, const struct http2_half *down, bool request)
{
    struct http2_field f;
    uint64_t v;
    if (http2_fields_find(&down->fields, "content-type", &f)) {
        const uint8_t *end = f.value_len ? memchr(f.value, ';', f.value_len) : NULL;
        json_bytes(j, "http_content_type", f.value, end ? (size_t)(end - f.value) : f.value_len);
    }
    if (number_of(&down->fields, ":status", &v))
        json_u64(j, "status", v);
    put_as(j, "redirect", &down->fields, "location");
    if (number_of(&down->fields, "content-length", &v))
        json_u64(j, "length", v);
    else if (request || down->fields.len)
        json_u64(j, "length", down->body);
}

/* RFC 9113 6.5.2, RFC 8441 3, RFC 9218 2.1 */
static void put_settings(struct json *j, const struct http2_half *h)
{
    static const char *const names[] = {
        [1] = "SETTINGSHEADERTABLESIZE",       [2] = "SETTINGSENABLEPUSH",         [3] = "SETTINGSMAXCONCURRENTSTREAMS",
        [4] = "SETTINGSINITIALWINDOWSIZE",     [5] = "SETTINGSMAXFRAMESIZE",       [6] = "SETTINGSMAXHEADERLISTSIZE",
        [8] = "SETTINGSENABLECONNECTPROTOCOL", [9] = "SETTINGSNORFC7540PRIORITIES"};
    char other[24];
    json_open_array(j, "settings");
    for (unsigned i = 0; i < h->setting_count; i++) {
        uint16_t id = h->settings[i].id;
        const char *name = id < sizeof names / sizeof names[0] ? names[id] : NULL;
        snprintf(other, sizeof other, "SETTINGS%u", id);
        json_open_object(j, NULL);
        json_str(j, "settings_id", name ? name : other);
        json_u64(j, "settings_value", h->settings[i].value);
        json_end_object(j);
    }
    json_end_array(j);
}

/* 7 */
static void put_error(struct json *j, uint32_t code)
{
    static const char *const names[] = {
        "NOERROR",      "PROTOCOLERROR",   "INTERNALERROR",      "FLOWCONTROLERROR", "SETTINGSTIMEOUT",
        "STREAMCLOSED", "FRAMESIZEERROR",  "REFUSEDSTREAM",      "CANCEL",           "COMPRESSIONERROR",
        "CONNECTERROR", "ENHANCEYOURCALM", "INADEQUATESECURITY", "HTTP11REQUIRED"};
    char other[12];
    snprintf(other, sizeof other, "%u", code);
    json_str(j, "error_code", code < sizeof names / sizeof names[0] ? names[code] : other);
}

static void put_half(struct json *j, const char *key, const struct http2_half *h)
{
    json_open_object(j, key);
    if (h->has_settings)
        put_settings(j, h);
    if (h->has_error)
        put_error(j, h->error_code);
    if (h->has_priority)
        json_u64(j, "priority", h->priority);
    if (h->has_multiple)
        json_str(j, "has_multiple", h->has_multiple);
    json_end_object(j);
}

void http2_log(const void *state, const struct proto_tx *base, struct json *j)
{
    (void)state;
    const struct http2_tx *tx = (const struct http2_tx *)base;
    const struct http2_half *up = &tx->half[TO_SERVER];
    const struct http2_half *down = &tx->half[TO_CLIENT];
    json_str(j, "version", "2");
    put_fields(j, "request_headers", up);
    put_fields(j, "response_headers", down);
    put_request(j, &up->fields);
    put_response(j, down, tx->stream_id != 0);
    json_open_object(j, "http2");
    json_u64(j, "stream_id", tx->stream_id);
    put_half(j, "request", up);
    put_half(j, "response", down);
    json_end_object(j);
}
