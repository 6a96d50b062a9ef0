/* Keywords about files. */
#include <string.h>

#include "detect/load.h"

#define FILE_APPS                                                                                                      \
    (DETECT_APP_BIT(APP_HTTP) | DETECT_APP_BIT(APP_SMTP) | DETECT_APP_BIT(APP_FTP) | DETECT_APP_BIT(APP_FTP_DATA) |    \
     DETECT_APP_BIT(APP_SMB) | DETECT_APP_BIT(APP_NFS))

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
    if (!(c->bytes = build_bytes(b, arg, &c->len)))
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
    if (magic && !b->missing)
        b->missing = "file.magic";
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

/* "!name" of a file of hashes, one a line. */
static bool filehash(struct rule_build *b, char *arg)
{
    struct match_text *t = build_get(b, sizeof *t);
    const char **list = build_get(b, sizeof *list);
    if (!t || !list || !(list[0] = build_text(b, arg)))
        return false;
    *t = (struct match_text){.words = list, .count = 1, .negated = b->negated, .arg = b->keyword->param};
    return build_add_packet(b, MATCH_FILEHASH, t);
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
