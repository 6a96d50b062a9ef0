/* Distinguished names (RFC 5280 section 4.1.2.4), serial numbers and times as text. The text of names is what Suricata
 * 8 writes, down to the names of attributes. */
#include <stdio.h>

#include "proto/tls/tls_der.h"
#include "proto/tls/tls_session.h"

/* Attributes of one name that are looked at; real ones have up to twelve. More: certificate_invalid_x509name. */
#define ATTRIBUTES_MAX 64

struct attribute {
    const char *name;
    uint8_t oid_len;
    uint8_t oid[11];
};

/* Those outside 2.5.4 (X.520). */
static const struct attribute attributes[] = {
    {"Email", 9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01}},
    {"DC", 10, {0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19}},
    {"msJurisdictionLocality", 11, {0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x3c, 0x02, 0x01, 0x01}},
    {"msJurisdictionStateOrProvince", 11, {0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x3c, 0x02, 0x01, 0x02}},
    {"msJurisdictionCountry", 11, {0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x3c, 0x02, 0x01, 0x03}},
};

/* 2.5.4.n */
static const char *const x520[] = {
    [3] = "CN",
    [4] = "surname",
    [5] = "serialNumber",
    [6] = "C",
    [7] = "L",
    [8] = "ST",
    [9] = "streetAddress",
    [10] = "O",
    [11] = "OU",
    [12] = "title",
    [13] = "description",
    [14] = "searchGuide",
    [15] = "businessCategory",
    [16] = "postalAddress",
    [17] = "postalCode",
    [41] = "name",
    [42] = "givenName",
    [43] = "initials",
    [44] = "generationQualifier",
    [45] = "uniqueIdentifier",
    [46] = "dnQualifier",
};

static const char *attribute_name(const struct der *oid)
{
    if (oid->len == 3 && oid->p[0] == 0x55 && oid->p[1] == 0x04) {
        unsigned n = oid->p[2];
        return n < sizeof(x520) / sizeof(*x520) ? x520[n] : NULL;
    }
    for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); i++)
        if (oid->len == attributes[i].oid_len && !memcmp(oid->p, attributes[i].oid, oid->len))
            return attributes[i].name;
    return NULL;
}

/* Text that stops growing when the room is used up. */
struct text {
    char *p;
    size_t len;
    size_t room;
};

static void put(struct text *t, const void *p, size_t n)
{
    if (n > t->room - t->len)
        n = t->room - t->len;
    if (n)
        memcpy(t->p + t->len, p, n);
    t->len += n;
}

static void put_str(struct text *t, const char *s)
{
    put(t, s, strlen(s));
}

/* "OID(1.2.3)" for an attribute without a name (X.690 section 8.19: seven bits a byte, the first number holds two). */
static void put_oid(struct text *t, const struct der *oid)
{
    char number[32];
    uint64_t v = 0;
    bool first = true;
    put_str(t, "OID(");
    for (size_t i = 0; i < oid->len; i++) {
        v = v << 7 | (oid->p[i] & 0x7f);
        if (oid->p[i] & 0x80)
            continue;
        uint64_t top = v >= 80 ? 2 : v / 40;
        if (first)
            snprintf(number, sizeof(number), "%u.%llu", (unsigned)top, (unsigned long long)(v - top * 40));
        else
            snprintf(number, sizeof(number), ".%llu", (unsigned long long)v);
        put_str(t, number);
        first = false;
        v = 0;
    }
    put_str(t, ")");
}

/* BMPString: UCS-2, big-endian. Surrogates, which it can't have, become U+FFFD. */
static void put_bmp(struct text *t, const struct der *value)
{
    for (size_t i = 0; i + 1 < value->len; i += 2) {
        unsigned c = load_be16(value->p + i);
        uint8_t utf8[3];
        if (c >= 0xd800 && c <= 0xdfff)
            c = 0xfffd;
        if (c < 0x80) {
            utf8[0] = (uint8_t)c;
            put(t, utf8, 1);
        } else if (c < 0x800) {
            utf8[0] = (uint8_t)(0xc0 | c >> 6);
            utf8[1] = (uint8_t)(0x80 | (c & 0x3f));
            put(t, utf8, 2);
        } else {
            utf8[0] = (uint8_t)(0xe0 | c >> 12);
            utf8[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
            utf8[2] = (uint8_t)(0x80 | (c & 0x3f));
            put(t, utf8, 3);
        }
    }
}

static bool is_string(uint8_t tag)
{
    return tag == DER_UTF8_STRING || (tag >= DER_NUMERIC_STRING && tag <= 0x16) ||
           (tag >= 0x19 && tag <= DER_GENERAL_STRING);
}

static void put_value(struct text *t, const struct der *value)
{
    static const char hex[] = "0123456789ABCDEF";
    if (is_string(value->tag)) {
        put(t, value->p, value->len);
        return;
    }
    if (value->tag == DER_BMP_STRING) {
        put_bmp(t, value);
        return;
    }
    for (size_t i = 0; i < value->len && t->len < t->room; i++) {
        const char two[2] = {hex[value->p[i] >> 4], hex[value->p[i] & 15]};
        put(t, two, 2);
    }
}

/* AttributeTypeAndValue ::= SEQUENCE { type OBJECT IDENTIFIER, value ANY } */
static bool read_attribute(struct reader *rdn, struct der *type, struct der *value)
{
    struct der pair;
    if (!tls_der_take(rdn, DER_SEQUENCE, &pair))
        return false;
    struct reader r = reader_of(pair.p, pair.len);
    return tls_der_take(&r, DER_OID, type) && tls_der_next(&r, value) == DER_OK;
}

bool tls_name_check(const struct tls_span *name, struct tls_session *s, struct proto_io *io)
{
    struct reader r = reader_of(name->p, name->len);
    struct der set;
    struct der type;
    struct der value;
    unsigned count = 0;
    while (reader_left(&r)) {
        if (!tls_der_take(&r, DER_SET, &set))
            return false;
        struct reader rdn = reader_of(set.p, set.len);
        do {
            if (count++ == ATTRIBUTES_MAX || !read_attribute(&rdn, &type, &value))
                return false;
            if (value.len && is_string(value.tag) && memchr(value.p, 0, value.len))
                tls_raise(s, io, TLS_EV_CERT_INVALID_STRING);
        } while (reader_left(&rdn));
    }
    return true;
}

size_t tls_name_text(const struct tls_span *name, char *out, size_t room)
{
    struct text t = {out, 0, room};
    struct reader r = reader_of(name->p, name->len);
    struct der set;
    struct der type;
    struct der value;
    unsigned count = 0;
    while (count < ATTRIBUTES_MAX && tls_der_take(&r, DER_SET, &set)) {
        struct reader rdn = reader_of(set.p, set.len);
        for (bool first = true; count < ATTRIBUTES_MAX && read_attribute(&rdn, &type, &value); first = false) {
            if (count++)
                put_str(&t, first ? ", " : " + ");
            const char *known = attribute_name(&type);
            if (known)
                put_str(&t, known);
            else
                put_oid(&t, &type);
            put_str(&t, "=");
            put_value(&t, &value);
        }
    }
    return t.len;
}

static size_t hex_text(const uint8_t *p, size_t n, const char *digits, char *out, size_t room)
{
    size_t len = 0;
    for (size_t i = 0; i < n && len + 3 <= room; i++) {
        out[len++] = digits[p[i] >> 4];
        out[len++] = digits[p[i] & 15];
        out[len++] = ':';
    }
    if (len)
        len--;
    if (room)
        out[len] = 0;
    return len;
}

size_t tls_serial_text(const struct tls_span *serial, char *out, size_t room)
{
    return hex_text(serial->p, serial->len, "0123456789ABCDEF", out, room);
}

void tls_sha1_text(const struct tls_cert *cert, char out[TLS_SHA1_SIZE * 3])
{
    hex_text(cert->sha1, TLS_SHA1_SIZE, "0123456789abcdef", out, TLS_SHA1_SIZE * 3);
}
