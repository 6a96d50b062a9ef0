/* Files of sets: one value a line, with its number behind a comma; or JSON. */
#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <nettle/base16.h>
#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "detect/dataset_private.h"

/* Bytes of a file of JSON that is read at once. */
#define JSON_FILE_MAX (256u << 20)
/* Keys of a path, "a.b.c". */
#define KEYS_MAX 16

struct reading {
    struct dataset *set;
    const struct dataset_options *o;
    unsigned line; /* 0: there are none */
    char *error;
    size_t error_len;
};

static int wrong(const struct reading *r, int code, const char *what)
{
    char line[16] = "";
    if (r->line)
        snprintf(line, sizeof line, ":%u", r->line);
    snprintf(r->error, r->error_len, "%s%s: %s %s", r->o->load, line, what, r->set->name);
    return code;
}

static int decode_base64(const struct reading *r, const char *text, size_t n, uint8_t *out, size_t *len)
{
    struct base64_decode_ctx ctx;
    base64_decode_init(&ctx);
    *len = DATASET_VALUE_MAX + 8;
    if (n > BASE64_ENCODE_RAW_LENGTH(DATASET_VALUE_MAX) || !base64_decode_update(&ctx, len, out, n, text) ||
        !base64_decode_final(&ctx) || !*len)
        return wrong(r, -EINVAL, "bad base64 encoding");
    return 0;
}

static int decode_hash(const struct reading *r, const char *text, size_t n, uint8_t *out, size_t *len)
{
    struct base16_decode_ctx ctx;
    size_t want = r->set->type == DATASET_MD5 ? 16 : 32;
    base16_decode_init(&ctx);
    *len = want;
    if (n != want * 2 || !base16_decode_update(&ctx, len, out, n, text) || !base16_decode_final(&ctx))
        return wrong(r, -EINVAL, want == 16 ? "no MD5 hash, in" : "no SHA-256 hash, in");
    return 0;
}

static int decode_addr(const struct reading *r, const char *text, size_t n, uint8_t *out, size_t *len)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct addr a;
    if (!addr_parse(text, n, &a) || (r->set->type == DATASET_IPV4 && a.family != ADDR_V4))
        return wrong(r, -EINVAL, r->set->type == DATASET_IPV4 ? "no IPv4 address, in" : "no address, in");
    bool v4 = a.family == ADDR_V4, as_v6 = !v4 && memcmp(a.b, mapped, sizeof mapped) == 0;
    *len = v4 || as_v6 ? 4 : 16;
    memcpy(out, a.b + (as_v6 ? 12 : 0), *len);
    return 0;
}

static int decode(const struct reading *r, const char *text, size_t n, uint8_t *out, size_t *len)
{
    switch (r->set->type) {
    case DATASET_STRING:
        return decode_base64(r, text, n, out, len);
    case DATASET_MD5:
    case DATASET_SHA256:
        return decode_hash(r, text, n, out, len);
    default:
        return decode_addr(r, text, n, out, len);
    }
}

static int insert(const struct reading *r, const uint8_t *p, size_t n, uint16_t rep, const char *json, size_t json_len)
{
    if (!dataset_insert(r->set, p, n, rep, json, json_len))
        return wrong(r, -ENOMEM, "dataset too large for set memcap");
    return 0;
}

static int csv_line(const struct reading *r, char *line, size_t n, uint8_t *work)
{
    size_t len = 0;
    unsigned long rep = 0;
    char *comma = memchr(line, ',', n);
    if (!n || *line == '#')
        return 0;
    if (r->o->reputation && !comma)
        return wrong(r, -EINVAL, "invalid datarep value: none");
    if (r->o->reputation) {
        char *end;
        rep = strtoul(comma + 1, &end, 10);
        if (comma[1] < '0' || comma[1] > '9' || *end || rep > UINT16_MAX)
            return wrong(r, -EINVAL, "invalid datarep value");
    } else if (comma) {
        return wrong(r, -EINVAL, "Cannot mix dataset and datarep values for set");
    }
    int e = decode(r, line, comma ? (size_t)(comma - line) : n, work, &len);
    return e == 0 ? insert(r, work, len, (uint16_t)rep, NULL, 0) : e;
}

/* "a.b": the member b of a. */
static json_t *at_path(json_t *from, const char *path)
{
    char keys[256], *rest = keys;
    if (!path || strlen(path) >= sizeof keys)
        return path ? NULL : from;
    memcpy(keys, path, strlen(path) + 1);
    for (unsigned i = 0; from && rest && i < KEYS_MAX; i++)
        from = json_object_get(from, strsep(&rest, "."));
    return rest ? NULL : from;
}

static void remove_at(json_t *from, const char *path)
{
    char keys[256];
    if (strlen(path) >= sizeof keys)
        return;
    memcpy(keys, path, strlen(path) + 1);
    char *last = strrchr(keys, '.');
    if (last)
        *last++ = '\0';
    json_object_del(last ? at_path(from, keys) : from, last ? last : keys);
}

static int json_value(const struct reading *r, json_t *object, uint8_t *work)
{
    json_t *v = at_path(object, r->o->value_key);
    const char *text = json_string_value(v);
    size_t n = json_string_length(v), len = n;
    int e = 0;
    if (!v)
        return 0; /* says nothing that could be looked for */
    if (!text || !n)
        return wrong(r, -EINVAL, "failed to get value because it is not a string, in");
    if (n > DATASET_VALUE_MAX)
        return wrong(r, -EINVAL, "a value of more than 65536 bytes, in");
    if (r->set->type == DATASET_STRING)
        memcpy(work, text, n);
    else
        e = decode(r, text, n, work, &len);
    if (e != 0)
        return e;
    if (r->o->remove_key)
        remove_at(object, r->o->value_key);
    char *json = json_dumps(object, JSON_COMPACT);
    if (!json)
        return wrong(r, -ENOMEM, "out of memory for");
    size_t json_len = strlen(json);
    e = json_len > DATASET_JSON_MAX ? wrong(r, -EINVAL, "an object of more than 16384 bytes, in")
                                    : insert(r, work, len, 0, json, json_len);
    free(json);
    return e;
}

static int json_line(const struct reading *r, const char *line, size_t n, uint8_t *work)
{
    json_error_t why;
    if (!n)
        return 0;
    json_t *object = json_loadb(line, n, JSON_REJECT_DUPLICATES, &why);
    int e = json_is_object(object) ? json_value(r, object, work) : wrong(r, -EINVAL, "no JSON object, in");
    json_decref(object);
    return e;
}

static int read_json(struct reading *r, FILE *f, uint8_t *work)
{
    struct stat st;
    json_error_t why;
    if (fstat(fileno(f), &st) != 0 || st.st_size > (off_t)JSON_FILE_MAX)
        return wrong(r, -EFBIG, "larger than 256 MB:");
    json_t *top = json_loadf(f, JSON_REJECT_DUPLICATES, &why), *list = top ? at_path(top, r->o->array_key) : NULL,
           *item;
    size_t i;
    int e = 0;
    if (!top) {
        r->line = why.line > 0 ? (unsigned)why.line : 0;
        return wrong(r, -EINVAL, "no JSON, for");
    }
    if (!json_is_array(list))
        e = wrong(r, -EINVAL, "no array where array_key says, or on top, for");
    json_array_foreach(list, i, item)
    {
        if (e == 0)
            e = json_is_object(item) ? json_value(r, item, work) : wrong(r, -EINVAL, "an item that is no object, in");
    }
    json_decref(top);
    return e;
}

static int read_lines(struct reading *r, FILE *f, uint8_t *work)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    int e = 0;
    while (e == 0 && (n = getline(&line, &room, f)) >= 0) {
        r->line++;
        while (n && (line[n - 1] == '\n' || line[n - 1] == '\r' || line[n - 1] == ' '))
            line[--n] = '\0';
        e = r->o->format == DATASET_NDJSON ? json_line(r, line, (size_t)n, work) : csv_line(r, line, (size_t)n, work);
    }
    free(line);
    return e;
}

int dataset_load(struct dataset *d, const struct dataset_options *o, char *error, size_t error_len)
{
    struct reading r = {.set = d, .o = o, .error = error, .error_len = error_len};
    struct stat st;
    FILE *f = fopen(o->load, "r");
    if (!f && errno == ENOENT && o->may_lack)
        return 0;
    if (!f || fstat(fileno(f), &st) != 0 || S_ISDIR(st.st_mode)) {
        int e = f ? EISDIR : errno;
        snprintf(error, error_len, "%s: can't be read: %s", o->load, strerror(e));
        if (f)
            fclose(f);
        return -e;
    }
    uint8_t *work = malloc(DATASET_VALUE_MAX + 8);
    int e = !work                       ? wrong(&r, -ENOMEM, "out of memory for")
            : o->format == DATASET_JSON ? read_json(&r, f, work)
                                        : read_lines(&r, f, work);
    free(work);
    fclose(f);
    return e;
}

static void print_base64(FILE *f, const uint8_t *p, size_t n)
{
    char out[BASE64_ENCODE_RAW_LENGTH(48)];
    for (size_t i = 0; i < n; i += 48) {
        size_t part = n - i < 48 ? n - i : 48;
        base64_encode_raw(out, part, p + i);
        fwrite(out, 1, BASE64_ENCODE_RAW_LENGTH(part), f);
    }
}

static void print_value(FILE *f, const struct dataset *d, const struct dataset_value *v)
{
    char text[ADDR_TEXT_MAX];
    struct addr a;
    switch (d->type) {
    case DATASET_STRING:
        print_base64(f, v->bytes, v->len);
        break;
    case DATASET_MD5:
    case DATASET_SHA256:
        for (uint32_t i = 0; i < v->len; i++)
            fprintf(f, "%02x", v->bytes[i]);
        break;
    default:
        a = v->len == 4 ? addr_v4(v->bytes) : addr_v6(v->bytes);
        addr_print(&a, true, text);
        fputs(text, f);
    }
    if (d->reputation)
        fprintf(f, ",%u", v->rep);
    fputc('\n', f);
}

/* Into a new file first, so that what was there is whole until the new one is. */
int dataset_save(struct dataset *d, char *error, size_t error_len)
{
    char path[4096];
    if (!d->save)
        return 0;
    int n = snprintf(path, sizeof path, "%s.new", d->save);
    FILE *f = n > 0 && (size_t)n < sizeof path ? fopen(path, "w") : NULL;
    bool ok = f != NULL;
    if (f) {
        pthread_rwlock_rdlock(&d->lock);
        for (const struct dataset_value *v = d->oldest; v; v = v->newer)
            print_value(f, d, v);
        pthread_rwlock_unlock(&d->lock);
        ok = !ferror(f);
        ok = fclose(f) == 0 && ok && rename(path, d->save) == 0;
    }
    int e = errno;
    if (ok)
        return 0;
    snprintf(error, error_len, "%s: dataset %s can't be written: %s", d->save, d->name, strerror(e));
    return e ? -e : -EIO;
}
