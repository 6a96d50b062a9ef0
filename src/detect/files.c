/* Keywords about files. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "detect/filehash.h"
#include "detect/load.h"

#define FILE_APPS                                                                                                      \
    (DETECT_APP_BIT(APP_HTTP) | DETECT_APP_BIT(APP_SMTP) | DETECT_APP_BIT(APP_FTP) | DETECT_APP_BIT(APP_FTP_DATA) |    \
     DETECT_APP_BIT(APP_SMB) | DETECT_APP_BIT(APP_NFS))

/* Digests of one list; more are not read. */
#define FILE_HASHES_MAX 4000000u

/* filename:"x", fileext:"pdf", filemagic:"PDF": a content of file.name or file.magic, of its own. */
static bool words(struct rule_build *b, char *arg)
{
    bool magic = b->keyword->param == 2, extension = b->keyword->param == 1;
    struct match_content *c = build_get(b, sizeof *c);
    if (!c)
        return false;
    if (extension) {
        char *dotted = build_get(b, strlen(arg) + 2);
        if (!dotted)
            return false;
        dotted[0] = '.';
        memcpy(dotted + 1, arg, strlen(arg));
        arg = dotted;
    }
    if (!(c->bytes = build_bytes(b, arg, strlen(arg), &c->len)))
        return false;
    c->nocase = true;
    c->negated = b->negated;
    c->endswith = extension;
    c->offset.var = c->depth.var = c->distance.var = c->within.var = -1;
    int before = b->current;
    struct build_place last = b->last_content;
    b->current = 0;
    bool ok = build_sticky(b, detect_buffer_find(magic ? "file_magic" : "file_name"), NULL) &&
              build_add_buffer(b, MATCH_CONTENT, c);
    b->current = before;
    b->last_content = last;
    return ok;
}

static bool filesize(struct rule_build *b, char *arg)
{
    struct uint_match u;
    char *rest = arg;
    uint8_t dir = 0;
    const char *word = text_next(&rest, ',');
    if (rest && !build_direction(b, word, &dir))
        return false;
    arg = rest ? text_trim(rest) : arg;
    return build_uint(b, text_unquote(arg), UINT64_MAX, &u) && build_field(b, FIELD_FILESIZE, dir, &u, 1);
}

/* One digest in hexadecimal, at the line's beginning. False: there is none. */
static bool read_digest(const char *line, uint8_t *out, unsigned len)
{
    for (unsigned i = 0; i < 2 * len; i++) {
        char c = line[i];
        int v = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
        if (v < 0)
            return false;
        out[i / 2] = (uint8_t)(i & 1 ? out[i / 2] << 4 | v : v);
    }
    return true;
}

static int by_md5(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

static int by_sha1(const void *a, const void *b)
{
    return memcmp(a, b, 20);
}

static int by_sha256(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

/* All digests of a file; its lines are counted first. */
static bool read_digests(struct rule_build *b, FILE *in, struct match_filehash *m)
{
    char line[256];
    uint8_t one[32];
    uint32_t lines = 0;
    while (lines < FILE_HASHES_MAX && fgets(line, sizeof line, in))
        lines += read_digest(line, one, m->len);
    uint8_t *digests = build_get(b, (size_t)lines * m->len + 1);
    if (!digests)
        return false;
    rewind(in);
    while (m->count < lines && fgets(line, sizeof line, in))
        m->count += read_digest(line, digests + (size_t)m->count * m->len, m->len);
    qsort(digests, m->count, m->len, m->kind == 0 ? by_md5 : m->kind == 1 ? by_sha1 : by_sha256);
    m->digests = digests;
    return true;
}

/* A list's name is relative to the file that the rule is in. */
static FILE *open_list(const struct rule_build *b, const char *name)
{
    char path[4096];
    const char *slash = b->file && name[0] != '/' ? strrchr(b->file, '/') : NULL;
    int n = slash ? snprintf(path, sizeof path, "%.*s/%s", (int)(slash - b->file), b->file, name)
                  : snprintf(path, sizeof path, "%s", name);
    int fd = n > 0 && (size_t)n < sizeof path ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
    struct stat st;
    FILE *in = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? fdopen(fd, "r") : NULL;
    if (!in && fd >= 0)
        close(fd);
    return in;
}

/* "!name" of a file of hashes, one a line. */
static bool filehash(struct rule_build *b, char *arg)
{
    static const uint8_t lens[] = {16, 20, 32};
    struct match_filehash *m = build_get(b, sizeof *m);
    if (!m)
        return false;
    m->kind = (uint8_t)b->keyword->param;
    m->len = lens[m->kind];
    m->negated = b->negated;
    FILE *in = open_list(b, arg);
    if (!in)
        return build_error(b, "list %.200s can't be read", arg);
    bool ok = read_digests(b, in, m);
    fclose(in);
    return ok && build_add_packet(b, MATCH_FILEHASH, m);
}

static bool filestore(struct rule_build *b, char *arg)
{
    static const char *const dirs[] = {"rule", "request", "response", "both", "to_server", "to_client"};
    static const uint8_t bits[] = {0,           DETECT_TO_SERVER, DETECT_TO_CLIENT,
                                   DETECT_BOTH, DETECT_TO_SERVER, DETECT_TO_CLIENT};
    static const char *const scopes[] = {"file", "tx", "ssn", "flow"};
    struct match_filestore *m = build_get(b, sizeof *m);
    char *rest = b->has_value ? arg : NULL;
    unsigned i;
    if (!m)
        return false;
    const char *dir = text_next(&rest, ','), *scope = text_next(&rest, ',');
    if (dir && !text_word(dir, dirs, 6, &i))
        return build_error(b, "\"%.20s\": use request, response or both", dir);
    if (dir)
        m->dir = bits[i];
    if (scope && !text_word(scope, scopes, 4, &i))
        return build_error(b, "\"%.20s\": use file, tx or ssn", scope);
    if (scope)
        m->scope = (uint8_t)(i > 2 ? 2 : i);
    return build_add_post(b, MATCH_FILESTORE, m);
}

const struct keyword keywords_files[] = {
    {"filename", NULL, words, KEYWORD_MAY_QUOTE | KEYWORD_NEGATION, 0, FILE_APPS, "part of the file's name"},
    {"fileext", NULL, words, KEYWORD_MAY_QUOTE | KEYWORD_NEGATION, 1, FILE_APPS, "end of the file's name"},
    {"filemagic", NULL, words, KEYWORD_MAY_QUOTE | KEYWORD_NEGATION, 2, FILE_APPS, "part of what libmagic says"},
    {"filesize", NULL, filesize, 0, 0, FILE_APPS, "bytes of the file"},
    {"filemd5", NULL, filehash, KEYWORD_MAY_QUOTE | KEYWORD_NEGATION, 0, FILE_APPS, "MD5 in a list"},
    {"filesha1", NULL, filehash, KEYWORD_MAY_QUOTE | KEYWORD_NEGATION, 1, FILE_APPS, "SHA-1 in a list"},
    {"filesha256", NULL, filehash, KEYWORD_MAY_QUOTE | KEYWORD_NEGATION, 2, FILE_APPS, "SHA-256 in a list"},
    {"filestore", NULL, filestore, KEYWORD_OPTIONAL_VALUE, 0, 0, "keep the file"},
    {0}};
