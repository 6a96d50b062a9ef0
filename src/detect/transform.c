/* Transforms: what is done to a buffer before it is looked into. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "detect/load.h"

/* The next transform of the buffer in force; NULL with an error. */
static struct transform *add(struct rule_build *b)
{
    struct build_buffer *use = &b->buffers[b->current];
    if (!b->current) {
        build_error(b, "needs a sticky buffer before it");
        return NULL;
    }
    /* What was looked for before is in the buffer as it was; from here on it is another one. */
    if (use->matches.count) {
        use = build_again(b);
        if (!use)
            return NULL;
    }
    if (use->transform_count == RULE_TRANSFORMS_MAX) {
        build_error(b, "more than %u transforms", RULE_TRANSFORMS_MAX);
        return NULL;
    }
    struct transform *t = &use->transforms[use->transform_count++];
    *t = (struct transform){.kind = (enum transform_kind)b->keyword->param};
    return t;
}

static bool plain(struct rule_build *b, char *arg)
{
    (void)arg;
    return add(b) != NULL;
}

static int nibble(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* "offset 2,extract 1 1": the key is in the buffer: bytes, where. */
static bool xor_extract(struct rule_build *b, struct transform *t, char *arg)
{
    for (char *word; (word = text_next(&arg, ','));) {
        int64_t n, at;
        char *blank;
        if (strncmp(word, "offset ", 7) == 0 && text_int(text_trim(word + 7), 0, UINT16_MAX, &n)) {
            t->offset = n;
            continue;
        }
        word = strncmp(word, "extract ", 8) == 0 ? text_trim(word + 8) : (char *)"";
        blank = strchr(word, ' ');
        if (blank)
            *blank++ = '\0';
        if (!blank || !text_int(word, 1, 255, &n) || !text_int(text_trim(blank), 0, UINT16_MAX, &at))
            return build_error(b, "use a key in hexadecimal, or offset N, extract BYTES AT");
        t->most = (uint32_t)n;
        t->has_most = true;
        t->key_at = (uint32_t)at;
    }
    return t->has_most || build_error(b, "offset without extract");
}

/* xor:"0d0ac8ff" */
static bool xor_key(struct rule_build *b, char *arg)
{
    struct transform *t = add(b);
    size_t n = strlen(arg);
    uint8_t *key = build_get(b, n / 2 + 1);
    if (!t || !key)
        return false;
    if (strstr(arg, "extract") || strstr(arg, "offset"))
        return xor_extract(b, t, arg);
    if (n == 0 || n % 2 || n / 2 > 255)
        return build_error(b, "the key is 1 to 255 bytes in hexadecimal");
    for (size_t i = 0; i < n / 2; i++) {
        int high = nibble(arg[2 * i]), low = nibble(arg[2 * i + 1]);
        if (high < 0 || low < 0)
            return build_error(b, "the key is not hexadecimal");
        key[i] = (uint8_t)(high << 4 | low);
    }
    t->bytes = key;
    t->len = (uint32_t)(n / 2);
    return true;
}

static bool pcrexform(struct rule_build *b, char *arg)
{
    struct transform *t = add(b);
    unsigned groups = 0;
    if (!t)
        return false;
    t->pcre_id = build_pcre(b, arg, 0, &groups);
    if (t->pcre_id == UINT32_MAX)
        return false;
    if (groups != 1)
        return build_error(b, "the pattern must have one capture, it has %u", groups);
    t->bytes = (const uint8_t *)b->set->pcres[t->pcre_id].pattern;
    t->len = (uint32_t)strlen(arg);
    return true;
}

static bool from_base64(struct rule_build *b, char *arg)
{
    static const char *const modes[] = {"rfc4648", "rfc2045", "strict"};
    struct transform *t = add(b);
    char *rest = b->has_value ? arg : NULL;
    unsigned seen = 0, i;
    int64_t v;
    if (!t)
        return false;
    for (char *word; (word = text_next(&rest, ','));) {
        unsigned bit = *word == 'm' ? 1 : *word == 'b' ? 2 : 4;
        if (seen & bit)
            return build_error(b, "\"%.40s\": given twice", word);
        seen |= bit;
        if (strncmp(word, "mode ", 5) == 0 && text_word(text_trim(word + 5), modes, 3, &i)) {
            t->mode = (uint8_t)i;
        } else if (strncmp(word, "bytes ", 6) == 0 && text_int(text_trim(word + 6), 1, UINT16_MAX, &v)) {
            t->most = (uint32_t)v;
            t->has_most = true;
        } else if (strncmp(word, "offset ", 7) == 0 && text_int(text_trim(word + 7), 0, UINT16_MAX, &v)) {
            t->offset = v;
        } else {
            return build_error(b, "\"%.40s\": use mode rfc4648, rfc2045 or strict, bytes N, offset N", word);
        }
    }
    return true;
}

/* subslice: offset [, nbytes [, truncate]] */
static bool subslice(struct rule_build *b, char *arg)
{
    struct transform *t = add(b);
    char *rest = arg, *word = text_next(&rest, ',');
    int64_t n;
    if (!t)
        return false;
    if (!text_int(word, -UINT16_MAX, UINT16_MAX, &t->offset))
        return build_error(b, "\"%.40s\" is no offset", word);
    while ((word = text_next(&rest, ','))) {
        if (strcmp(word, "truncate") == 0) {
            t->truncate = true;
        } else if (!t->has_most && text_int(word, -UINT16_MAX, UINT16_MAX, &n)) {
            if (n == 0)
                return build_error(b, "Invalid subslice options; nbytes value cannot be 0");
            t->most = (uint32_t)(int32_t)n;
            t->has_most = true;
        } else {
            return build_error(b, "Invalid subslice options; %.40s not recognized", word);
        }
    }
    return true;
}

/* gunzip, zlib_deflate: max-size N */
static bool inflate(struct rule_build *b, char *arg)
{
    struct transform *t = add(b);
    int64_t v;
    if (!t)
        return false;
    t->most = 1024;
    if (!b->has_value)
        return true;
    if (strncmp(arg, "max-size ", 9) != 0 || !text_int(text_trim(arg + 9), 1, 16 << 20, &v))
        return build_error(b, "\"%.40s\": use max-size N", arg);
    t->most = (uint32_t)v;
    t->has_most = true;
    return true;
}

static bool refused(struct rule_build *b, char *arg)
{
    (void)arg;
    return build_error(b, "%s", b->keyword->text);
}

#define PLAIN (KEYWORD_NO_VALUE | KEYWORD_TRANSFORM)

const struct keyword keywords_transform[] = {
    {"strip_whitespace", NULL, plain, PLAIN, TRANSFORM_STRIP_WHITESPACE, 0, "take all white space out"},
    {"compress_whitespace", NULL, plain, PLAIN, TRANSFORM_COMPRESS_WHITESPACE, 0, "make white space one blank"},
    {"to_lowercase", NULL, plain, PLAIN, TRANSFORM_TO_LOWER, 0, "to lower case"},
    {"to_uppercase", NULL, plain, PLAIN, TRANSFORM_TO_UPPER, 0, "to upper case"},
    {"to_md5", NULL, plain, PLAIN, TRANSFORM_MD5, 0, "its MD5, 16 bytes"},
    {"to_sha1", NULL, plain, PLAIN, TRANSFORM_SHA1, 0, "its SHA-1, 20 bytes"},
    {"to_sha256", NULL, plain, PLAIN, TRANSFORM_SHA256, 0, "its SHA-256, 32 bytes"},
    {"dotprefix", NULL, plain, PLAIN, TRANSFORM_DOTPREFIX, 0, "put a dot before it"},
    {"url_decode", NULL, plain, PLAIN, TRANSFORM_URL_DECODE, 0, "decode %xx and +"},
    {"header_lowercase", NULL, plain, PLAIN, TRANSFORM_HEADER_LOWER, 0, "names of headers to lower case"},
    {"strip_pseudo_headers", NULL, plain, PLAIN, TRANSFORM_STRIP_PSEUDO, 0, "take HTTP/2's pseudo-headers out"},
    {"domain", NULL, plain, PLAIN, TRANSFORM_DOMAIN, 0, "the registered domain of a name"},
    {"tld", NULL, plain, PLAIN, TRANSFORM_TLD, 0, "the top-level domain of a name"},
    {"xor", NULL, xor_key, KEYWORD_MAY_QUOTE | KEYWORD_TRANSFORM, TRANSFORM_XOR, 0,
     "exclusive or with a key in hexadecimal"},
    {"pcrexform", NULL, pcrexform, KEYWORD_QUOTES | KEYWORD_TRANSFORM, TRANSFORM_PCRE, 0, "what a pattern captures"},
    {"from_base64", NULL, from_base64, KEYWORD_OPTIONAL_VALUE | KEYWORD_TRANSFORM, TRANSFORM_FROM_BASE64, 0,
     "decode base64: mode, bytes, offset"},
    {"subslice", NULL, subslice, KEYWORD_TRANSFORM, TRANSFORM_SUBSLICE, 0, "a part: offset, bytes, truncate"},
    {"gunzip", NULL, inflate, KEYWORD_OPTIONAL_VALUE | KEYWORD_TRANSFORM, TRANSFORM_GUNZIP, 0, "unpack gzip: max-size"},
    {"zlib_deflate", NULL, inflate, KEYWORD_OPTIONAL_VALUE | KEYWORD_TRANSFORM, TRANSFORM_ZLIB_DEFLATE, 0,
     "unpack zlib: max-size"},
    {"luaxform", NULL, refused, KEYWORD_TRANSFORM | KEYWORD_REFUSED, 0, 0, "Lua is not supported"},
    {0}};
