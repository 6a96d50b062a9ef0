/* Files of rules: lines to rules, rules to the set. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/hash.h"
#include "core/log.h"
#include "detect/load.h"

/* Read at once; a rule of one line that lies in it is not copied. */
#define BUFFER_BYTES ((size_t)128 << 10)

char *load_file(const char *path, size_t *len, char *error, size_t error_len)
{
    struct stat st;
    FILE *f = fopen(path, "rb");
    if (!f || fstat(fileno(f), &st) != 0 || S_ISDIR(st.st_mode)) {
        snprintf(error, error_len, "%s: can't be read: %s", path, f ? "not a file" : strerror(errno));
        if (f)
            fclose(f);
        return NULL;
    }
    size_t room = 1u << 16, n = 0;
    char *text = malloc(room);
    while (text) {
        n += fread(text + n, 1, room - 1 - n, f);
        if (n < room - 1 || room >= RULESET_FILE_MAX)
            break;
        char *more = realloc(text, room *= 2);
        if (!more)
            free(text);
        text = more;
    }
    if (!text || n == room - 1) {
        snprintf(error, error_len, "%s: %s", path, text ? "larger than 512 MB" : "out of memory");
        free(text);
        text = NULL;
    } else {
        text[n] = '\0';
        *len = n;
    }
    fclose(f);
    return text;
}

static void report(struct ruleset *set, const char *file, uint32_t line)
{
    const struct ruleset_options *o = set->loading->options;
    const struct rule_build *b = &set->loading->build;
    char text[RULE_ERROR_MAX + 1024];
    if (b->has_sid && b->rule->gid != 1)
        snprintf(text, sizeof text, "%.800s:%u: sid %u:%u: %s", file, line, b->rule->gid, b->rule->sid, b->error);
    else if (b->has_sid)
        snprintf(text, sizeof text, "%.800s:%u: sid %u: %s", file, line, b->rule->sid, b->error);
    else
        snprintf(text, sizeof text, "%.800s:%u: no sid: %s", file, line, b->error);
    set->refused++;
    if (o->refused)
        o->refused(o->arg, text);
    if (!o->quiet)
        log_write(o->strict ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, "%s", text);
}

/* An older version of the rule is there: the newer one takes its place. */
static bool replace(struct ruleset *set, struct rule **place, struct rule *r)
{
    struct rule *old = *place;
    if (old->rev >= r->rev)
        return build_error(&set->loading->build, "a rule of this sid with rev %u is there already: %s:%u", old->rev,
                           old->file, old->line);
    *place = r;
    r->index = old->index;
    set->replaced++;
    load_warn(set, "rev %u of sid %u, %s:%u, takes the place of rev %u, %s:%u", r->rev, r->sid, r->file, r->line,
              old->rev, old->file, old->line);
    return true;
}

/* Where the rule of a number is; NULL: there is none. */
static struct rule **find(struct ruleset *set, const struct rule *r, uint32_t hash)
{
    size_t at = 0;
    for (uint32_t i; hashes_next(&set->loading->sids, hash, &at, &i);)
        if (set->rules[i]->sid == r->sid && set->rules[i]->gid == r->gid)
            return &set->rules[i];
    return NULL;
}

/* Put the rule in its place: behind all, or where an older version of it is. */
static bool enter(struct ruleset *set, struct rule *r)
{
    struct ruleset_load *l = set->loading;
    struct rule_build *b = &l->build;
    uint32_t hash = (uint32_t)hash_mix((uint64_t)r->gid << 32 | r->sid, l->sids_seed);
    struct rule **place = find(set, r, hash);
    if (place)
        return replace(set, place, r);
    if (set->rule_count == RULESET_RULES_MAX)
        return build_error(b, "more than %u rules", RULESET_RULES_MAX);
    if (set->rule_count == l->rules_room) {
        uint32_t room = l->rules_room ? l->rules_room * 2 : 1024;
        struct rule **more = realloc(set->rules, room * sizeof *more);
        if (!more)
            return build_error(b, "out of memory");
        set->rules = more;
        l->rules_room = room;
    }
    if (!hashes_add(&l->sids, hash, set->rule_count))
        return build_error(b, "out of memory");
    r->index = set->rule_count;
    set->rules[set->rule_count++] = r;
    return true;
}

/* Header and options; false: refused, or (build.skip) not for this version. */
static bool read_rule(struct rule_build *b, char *text)
{
    char *open = strchr(text, '('), *close = strrchr(text, ')');
    if (!open || !close || close < open)
        return build_error(b, "this is no rule: it has no options in ( )");
    if (*text_trim(close + 1))
        return build_error(b, "something follows the closing bracket");
    if (b->set->loading->options->keep & RULESET_KEEP_TEXT)
        b->rule->text = build_text(b, text);
    *open = *close = '\0';
    bool split = build_split(b, open + 1, close);
    char why[RULE_ERROR_MAX];
    if (!split)
        memcpy(why, b->error, sizeof why);
    b->error[0] = '\0';
    if (!build_early(b) || b->skip)
        return false;
    if (!split)
        return build_error(b, "%s", why);
    return build_header(b, text, (size_t)(open - text)) && build_options(b) && build_finish(b);
}

bool load_rule(struct ruleset *set, char *text, const char *file, uint32_t line)
{
    struct rule_build *b = &set->loading->build;
    struct arena_mark mark = arena_mark(&set->arena);
    b->file = file;
    b->line = line;
    b->has_sid = false;
    bool ok = build_begin(b);
    if (ok) {
        b->rule->file = file;
        b->rule->line = line;
        ok = read_rule(b, text) && enter(set, b->rule);
    }
    if (ok) {
        set->cannot += b->rule->missing != NULL;
        return true;
    }
    if (b->skip)
        set->skipped++;
    else
        report(set, file, line);
    arena_return(&set->arena, mark);
    return false;
}

/* A line that is no more than text; a zero byte is none. */
static bool refuse_line(struct ruleset *set, const char *file, uint32_t line, const char *why)
{
    struct rule_build *b = &set->loading->build;
    b->has_sid = false;
    b->error[0] = '\0';
    build_error(b, "%s", why);
    report(set, file, line);
    return false;
}

/* A file as it is read: [begin, end) of the buffer is not used yet. */
struct lines {
    int fd;
    char *buffer;
    size_t begin;
    size_t end;
    uint64_t left; /* bytes that may still be read */
    int error;     /* errno; EFBIG: nothing is left */
    bool over;
};

/* Read more behind what is there. False: there is no more, or no room. */
static bool fill(struct lines *in)
{
    if (in->begin) {
        memmove(in->buffer, in->buffer + in->begin, in->end - in->begin);
        in->end -= in->begin;
        in->begin = 0;
    }
    if (in->over || in->end == BUFFER_BYTES)
        return false;
    ssize_t n = read(in->fd, in->buffer + in->end, BUFFER_BYTES - in->end);
    in->over = n <= 0;
    if (n < 0)
        in->error = errno;
    if (n <= 0)
        return false;
    if ((uint64_t)n > in->left) {
        in->error = EFBIG;
        in->over = true;
        return false;
    }
    in->left -= (uint64_t)n;
    in->end += (size_t)n;
    return true;
}

/* A line, or so much of it as there is room for. Behind its n bytes one more may be written. */
struct piece {
    char *at;
    size_t n;
    bool newline; /* the line ends here */
};

/* False: the file is over. */
static bool next_piece(struct lines *in, struct piece *p)
{
    size_t seen = 0;
    char *stop;
    while (!(stop = memchr(in->buffer + in->begin + seen, '\n', in->end - in->begin - seen))) {
        seen = in->end - in->begin;
        if (!fill(in))
            break;
    }
    p->at = in->buffer + in->begin;
    p->newline = stop != NULL;
    p->n = stop ? (size_t)(stop - p->at) : in->end - in->begin;
    in->begin += p->n + p->newline;
    return p->n || p->newline;
}

/* The next rule's text, of *len bytes, and zero-terminated if these are below RULE_TEXT_MAX: a line where it was read,
 * or several, joined. NULL: the file is over. */
static char *next_rule(struct lines *in, char *joined, size_t *len, uint32_t *lines)
{
    bool more = true;
    char *text = NULL;
    struct piece p;
    *len = 0;
    while (more && next_piece(in, &p)) {
        size_t used = p.n && p.at[p.n - 1] == '\r' ? p.n - 1 : p.n;
        bool continued = p.newline && used && p.at[used - 1] == '\\', part = !p.newline && !in->over;
        used -= continued;
        *lines += !part;
        char first = text ? *joined : used ? *p.at : '\0';
        /* A comment's backslash continues nothing. */
        more = part || (continued && first != '#' && first != ';');
        if (!text && !more) {
            p.at[used] = '\0';
            *len = used;
            return p.at;
        }
        text = joined;
        *joined = first;
        if (*len + used < RULE_TEXT_MAX) {
            memcpy(joined + *len, p.at, used);
            joined[*len + used] = '\0';
        }
        *len += used;
    }
    return text;
}

static void load_lines(struct ruleset *set, struct lines *in, char *joined, const char *file)
{
    uint32_t line = 0, first = 1;
    size_t n;
    for (char *rule; (rule = next_rule(in, joined, &n, &line)); first = line + 1) {
        if (n >= RULE_TEXT_MAX) {
            refuse_line(set, file, first, "longer than 65535 bytes");
            continue;
        }
        char *trimmed = rule + strspn(rule, " \t");
        if (memchr(rule, '\0', n))
            refuse_line(set, file, first, "a zero byte");
        else if (*trimmed && *trimmed != '#' && *trimmed != ';')
            load_rule(set, text_trim(trimmed), file, first);
    }
}

/* One file. False: it can't be read, or not all of it. */
static bool load_one(struct ruleset *set, const char *path)
{
    if (set->file_count == RULESET_FILES_MAX) {
        load_warn(set, "%s: more than %u files of rules: not read", path, RULESET_FILES_MAX);
        return false;
    }
    struct lines in = {.fd = open(path, O_RDONLY | O_CLOEXEC), .left = RULESET_FILE_MAX};
    struct stat st;
    bool file = in.fd >= 0 && fstat(in.fd, &st) == 0 && !S_ISDIR(st.st_mode);
    bool fits = !file || !S_ISREG(st.st_mode) || st.st_size < (off_t)RULESET_FILE_MAX;
    int why = errno;
    in.buffer = malloc(BUFFER_BYTES + 1);
    char *joined = malloc(RULE_TEXT_MAX);
    const char *kept = arena_text(&set->shared, path, strlen(path));
    bool memory = in.buffer && joined && kept;
    if (file && fits && memory)
        load_lines(set, &in, joined, kept);
    if (!file)
        load_warn(set, "%s: can't be read: %s", path, in.fd >= 0 ? "not a file" : strerror(why));
    else if (!memory)
        load_warn(set, "%s: out of memory", path);
    else if (!fits || in.error == EFBIG)
        load_warn(set, "%s: larger than 512 MB", path);
    else if (in.error)
        load_warn(set, "%s: can't be read: %s", path, strerror(in.error));
    bool whole = file && fits && memory && !in.error;
    set->unread += !whole;
    set->file_count += whole;
    free(in.buffer);
    free(joined);
    if (in.fd >= 0)
        close(in.fd);
    return whole;
}

void load_rules(struct ruleset *set, const char *pattern)
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0) {
        load_warn(set, "%s: no such file of rules", pattern);
        set->unread++;
        return;
    }
    for (size_t i = 0; i < found.gl_pathc; i++)
        load_one(set, found.gl_pathv[i]);
    globfree(&found);
}
