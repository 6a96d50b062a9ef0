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

/* Objects and arrays. key NULL: an element of an array or the outermost value. */
void json_open_object(struct json *j, const char *key);
void json_open_array(struct json *j, const char *key);
void json_end_object(struct json *j);
void json_end_array(struct json *j);

/* Members (key NULL: array elements). */
void json_u64(struct json *j, const char *key, uint64_t v);
void json_i64(struct json *j, const char *key, int64_t v);
void json_bool(struct json *j, const char *key, bool v);
void json_put_null(struct json *j, const char *key);
void json_double(struct json *j, const char *key, double v);

/* A string from a C string. */
void json_str(struct json *j, const char *key, const char *v);

/* A string from n bytes of any kind. Valid UTF-8 is kept, control characters are escaped; in bytes that are not UTF-8
 * every byte from 0x80 on is written as the four characters \xHH, as Suricata writes them. */
void json_bytes(struct json *j, const char *key, const void *v, size_t n);

/* Like json_bytes, but every byte outside printable ASCII becomes '.', as in Suricata's payload_printable. */
void json_printable(struct json *j, const char *key, const void *v, size_t n);

void json_base64(struct json *j, const char *key, const void *v, size_t n);

/* Lower-case hexadecimal; `sep` (0 for none) stands between the bytes. */
void json_hex(struct json *j, const char *key, const void *v, size_t n, char sep);

void json_addr(struct json *j, const char *key, const struct addr *a);

/* "2016-07-13T22:42:07.123456+0000"; time in nanoseconds since 1970 UTC. */
void json_time(struct json *j, const char *key, uint64_t time_ns);

/* Text that is JSON already: a value. */
void json_raw(struct json *j, const char *key, const void *v, size_t n);

#endif
