/* A JSON writer: straight into a buffer, no tree, no allocation of its own.
 *
 * The caller keeps the nesting right (every open has its close); commas are put by the writer. Keys are C string
 * literals without characters to escape. When the buffer's cap is reached the record is cut and `failed` set: the
 * caller drops the whole record and counts it. Thread: one owner. */
#ifndef BURROW_CORE_JSON_H
#define BURROW_CORE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/addr.h"
#include "core/buf.h"

struct json {
    struct buf *out;
    bool comma;  /* the next member needs a comma before it */
    bool failed; /* the buffer was full */
    uint8_t log; /* which of several logs it is for, where what is told differs */
};

static inline struct json json_of(struct buf *out)
{
    return (struct json){.out = out};
}

void json_end_object(struct json *j);
void json_end_array(struct json *j);

/* Each of the members below with the length of its key, which of a literal is known where they are expanded. */
void json_open_object_n(struct json *j, const char *key, size_t len);
void json_open_array_n(struct json *j, const char *key, size_t len);
void json_u64_n(struct json *j, const char *key, size_t len, uint64_t v);
void json_i64_n(struct json *j, const char *key, size_t len, int64_t v);
void json_bool_n(struct json *j, const char *key, size_t len, bool v);
void json_double_n(struct json *j, const char *key, size_t len, double v);
void json_bytes_n(struct json *j, const char *key, size_t len, const void *v, size_t n);
void json_printable_n(struct json *j, const char *key, size_t len, const void *v, size_t n);
void json_base64_n(struct json *j, const char *key, size_t len, const void *v, size_t n);
void json_hex_n(struct json *j, const char *key, size_t len, const void *v, size_t n, char sep);
void json_addr_n(struct json *j, const char *key, size_t len, const struct addr *a);
void json_time_n(struct json *j, const char *key, size_t len, uint64_t time_ns);
void json_raw_n(struct json *j, const char *key, size_t len, const void *v, size_t n);

#define JSON_MEMBER static inline __attribute__((always_inline)) void

/* Objects and arrays. key NULL: an element of an array or the outermost value. */
JSON_MEMBER json_open_object(struct json *j, const char *key)
{
    json_open_object_n(j, key, key ? strlen(key) : 0);
}

JSON_MEMBER json_open_array(struct json *j, const char *key)
{
    json_open_array_n(j, key, key ? strlen(key) : 0);
}

/* Members (key NULL: array elements). */
JSON_MEMBER json_u64(struct json *j, const char *key, uint64_t v)
{
    json_u64_n(j, key, key ? strlen(key) : 0, v);
}

JSON_MEMBER json_i64(struct json *j, const char *key, int64_t v)
{
    json_i64_n(j, key, key ? strlen(key) : 0, v);
}

JSON_MEMBER json_bool(struct json *j, const char *key, bool v)
{
    json_bool_n(j, key, key ? strlen(key) : 0, v);
}

JSON_MEMBER json_double(struct json *j, const char *key, double v)
{
    json_double_n(j, key, key ? strlen(key) : 0, v);
}

/* A string from n bytes of any kind. Valid UTF-8 is kept, control characters are escaped; in bytes that are not UTF-8
 * every byte from 0x80 on is written as the four characters \xHH, as Suricata writes them. */
JSON_MEMBER json_bytes(struct json *j, const char *key, const void *v, size_t n)
{
    json_bytes_n(j, key, key ? strlen(key) : 0, v, n);
}

/* A string from a C string. */
JSON_MEMBER json_str(struct json *j, const char *key, const char *v)
{
    json_bytes_n(j, key, key ? strlen(key) : 0, v, strlen(v));
}

/* Like json_bytes, but every byte outside printable ASCII becomes '.', as in Suricata's payload_printable. */
JSON_MEMBER json_printable(struct json *j, const char *key, const void *v, size_t n)
{
    json_printable_n(j, key, key ? strlen(key) : 0, v, n);
}

JSON_MEMBER json_base64(struct json *j, const char *key, const void *v, size_t n)
{
    json_base64_n(j, key, key ? strlen(key) : 0, v, n);
}

/* Lower-case hexadecimal; `sep` (0 for none) stands between the bytes. */
JSON_MEMBER json_hex(struct json *j, const char *key, const void *v, size_t n, char sep)
{
    json_hex_n(j, key, key ? strlen(key) : 0, v, n, sep);
}

JSON_MEMBER json_addr(struct json *j, const char *key, const struct addr *a)
{
    json_addr_n(j, key, key ? strlen(key) : 0, a);
}

/* "2016-07-13T22:42:07.123456+0000"; time in nanoseconds since 1970 UTC. */
JSON_MEMBER json_time(struct json *j, const char *key, uint64_t time_ns)
{
    json_time_n(j, key, key ? strlen(key) : 0, time_ns);
}

/* Text that is JSON already: a value. */
JSON_MEMBER json_raw(struct json *j, const char *key, const void *v, size_t n)
{
    json_raw_n(j, key, key ? strlen(key) : 0, v, n);
}

JSON_MEMBER json_put_null(struct json *j, const char *key)
{
    json_raw_n(j, key, key ? strlen(key) : 0, "null", 4);
}

#endif
