#include "proto/http2/http2_state.h"

/* Of the preface, after these bytes no other protocol is meant: its request line (RFC 9113 3.4). */
#define SURE_AFTER 16u
#define HEAD_LEN   9u
/* A server's first SETTINGS has a handful of entries of six bytes. */
#define FIRST_SETTINGS_MAX (6u * 16u)
/* Highest setting that servers send: SETTINGS_NO_RFC7540_PRIORITIES (RFC 9218 2.1). */
#define SETTING_LAST 9u

static enum proto_probe_result preface(const uint8_t *p, size_t n)
{
    size_t len = n < HTTP2_PREFACE_LEN ? n : HTTP2_PREFACE_LEN;
    if (len && memcmp(p, HTTP2_PREFACE, len) != 0)
        return PROBE_NO;
    return len >= SURE_AFTER ? PROBE_YES : PROBE_MORE;
}

/* Does it begin with a whole SETTINGS frame that a server may begin with (6.5)? */
static enum proto_probe_result settings(const uint8_t *p, size_t n)
{
    static const uint8_t rest[6] = {HTTP2_SETTINGS, 0, 0, 0, 0, 0};
    struct reader r = reader_of(p, n);
    uint32_t len = n ? reader_be24(&r) : 0;
    if (n < HEAD_LEN)
        return n == 0 || (p[0] == 0 && (n < 2 || p[1] == 0) && (n < 4 || p[3] == HTTP2_SETTINGS)) ? PROBE_MORE
                                                                                                  : PROBE_NO;
    const uint8_t *head = reader_take(&r, 6);
    if (len > FIRST_SETTINGS_MAX || len % 6 != 0 || !head || memcmp(head, rest, sizeof rest) != 0)
        return PROBE_NO;
    struct reader body = reader_sub(&r, len);
    if (body.bad)
        return PROBE_MORE;
    while (reader_left(&body)) {
        uint16_t id = reader_be16(&body);
        uint32_t value = reader_be32(&body);
        bool flag = id == 2 || id == 8 || id == SETTING_LAST;
        if (id == 0 || id == 7 || id > SETTING_LAST || (flag && value > 1) ||
            (id == 5 && (value < 16384 || value >> 24)))
            return PROBE_NO;
    }
    return PROBE_YES;
}

/* The client's preface, from either side; or the server's first frame, while the other side said nothing else. */
enum proto_probe_result http2_probe(const struct proto_probe *p)
{
    bool known = false;
    bool maybe = false;
    for (int d = 0; d < 2; d++) {
        size_t other = p->len[!d];
        enum proto_probe_result r = p->len[d] ? preface(p->data[d], p->len[d]) : PROBE_MORE;
        if (p->len[d] == 0)
            continue;
        if (r == PROBE_YES)
            return d == TO_SERVER ? PROBE_YES : PROBE_YES_REVERSED;
        if (r == PROBE_NO && d == TO_CLIENT && (other == 0 || preface(p->data[!d], other) != PROBE_NO))
            r = settings(p->data[d], p->len[d]);
        if (r == PROBE_YES)
            return PROBE_YES;
        known = true;
        maybe |= r == PROBE_MORE;
    }
    return maybe || !known ? PROBE_MORE : PROBE_NO;
}
