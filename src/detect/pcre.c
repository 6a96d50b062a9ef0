/* pcre: expressions, their modifiers and captures. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <ctype.h>
#include <string.h>

#include "detect/load.h"

#define CAPTURES_MAX 32u

static unsigned buffer_by_letter(char letter)
{
    for (unsigned id = BUFFER_FIRST; id < detect_buffer_count(); id++)
        if (detect_buffer(id)->pcre == letter)
            return id;
    return 0;
}

/* Letters after the pattern. *buffer becomes the one they select. */
static bool read_modifiers(struct rule_build *b, struct match_pcre *m, const char *letters, unsigned *buffer)
{
    for (; *letters; letters++) {
        unsigned id;
        switch (*letters) {
        case 'i':
            m->options |= PCRE2_CASELESS;
            break;
        case 'm':
            m->options |= PCRE2_MULTILINE;
            break;
        case 's':
            m->options |= PCRE2_DOTALL;
            break;
        case 'x':
            m->options |= PCRE2_EXTENDED;
            break;
        case 'A':
            m->options |= PCRE2_ANCHORED;
            break;
        case 'E':
            m->options |= PCRE2_DOLLAR_ENDONLY;
            break;
        case 'G':
            m->options |= PCRE2_UNGREEDY;
            break;
        case 'O': /* no match limit of its own: all have the same one */
            break;
        case 'R':
            m->relative = true;
            break;
        case 'B':
            m->rawbytes = true;
            break;
        default:
            id = buffer_by_letter(*letters);
            if (!id)
                return build_error(b, "unknown modifier '%c'", *letters);
            if (*buffer && *buffer != id)
                return build_error(b, "modifiers for two buffers");
            *buffer = id;
        }
    }
    return true;
}

/* The host name is in lower case: a pattern with upper case can't match. Escapes and classes are let be. */
static bool host_fits(struct rule_build *b, const char *pattern, const struct match_pcre *m)
{
    if (m->options & PCRE2_CASELESS)
        return true;
    for (const char *c = pattern; *c; c++) {
        if (*c == '\\' && c[1])
            c++;
        else if (isupper((unsigned char)*c))
            return build_error(b, "the host name is in lower case, the pattern has upper case");
    }
    return true;
}

static bool add_capture(struct rule_build *b, struct match_pcre *m, unsigned groups, unsigned group,
                        enum capture_kind kind, const char *name)
{
    uint32_t id;
    if (!*name || !group || group > groups || group > UINT8_MAX || m->capture_count == CAPTURES_MAX)
        return build_error(b, "more names than captures, or an empty one");
    id = build_name(b, kind == CAPTURE_TO_FLOW ? NAME_FLOWVAR : NAME_PKTVAR, name);
    m->captures[m->capture_count++] = (struct pcre_capture){kind, (uint8_t)group, id};
    return id != UINT32_MAX;
}

/* "flow:name, pkt:name, alert:name" behind the quoted pattern. */
static bool listed_captures(struct rule_build *b, struct match_pcre *m, unsigned groups, char *list)
{
    for (char *word; (word = text_next(&list, ','));) {
        char *name = strchr(word, ':');
        enum capture_kind kind = CAPTURE_TO_FLOW;
        if (!*word)
            continue;
        if (!name)
            return build_error(b, "capture \"%.40s\": use flow:name, pkt:name or alert:name", word);
        *name++ = '\0';
        if (strcmp(word, "pkt") == 0)
            kind = CAPTURE_TO_PACKET;
        else if (strcmp(word, "alert") == 0)
            kind = CAPTURE_TO_ALERT;
        else if (strcmp(word, "flow") != 0)
            return build_error(b, "capture \"%.40s\": use flow:name, pkt:name or alert:name", word);
        if (!add_capture(b, m, groups, m->capture_count + 1u, kind, name))
            return false;
    }
    return true;
}

static const char *const prefixes[] = {
    [CAPTURE_TO_FLOW] = "flow_", [CAPTURE_TO_PACKET] = "pkt_", [CAPTURE_TO_ALERT] = "alert_"};

/* Most named groups are named for people, and need no look at what PCRE2 makes of the pattern. */
static bool may_name_captures(const char *pattern)
{
    static const char group[] = "(?P<";
    for (const char *at = pattern; (at = strstr(at, group)); at += sizeof group - 1)
        for (unsigned kind = 0; kind < 3; kind++)
            if (strncmp(at + sizeof group - 1, prefixes[kind], strlen(prefixes[kind])) == 0)
                return true;
    return false;
}

/* A group by its name in the pattern, which begins with what the capture is for; the name goes on behind it. */
static bool named_capture(struct rule_build *b, struct match_pcre *m, unsigned groups, const pcre2_code *re,
                          const char *whole)
{
    for (unsigned kind = 0; kind < 3; kind++) {
        size_t n = strlen(prefixes[kind]);
        if (strncmp(whole, prefixes[kind], n) != 0)
            continue;
        int group = pcre2_substring_number_from_name(re, (PCRE2_SPTR)whole);
        return add_capture(b, m, groups, group > 0 ? (unsigned)group : 0, (enum capture_kind)kind, whole + n);
    }
    return true;
}

/* (?P<flow_name>...) in the pattern itself. */
static bool named_captures(struct rule_build *b, struct match_pcre *m, unsigned groups)
{
    const uint8_t *table = NULL;
    uint32_t count = 0, size = 0;
    int error;
    PCRE2_SIZE at;
    bool ok = true;
    if (!groups || !may_name_captures(m->pattern))
        return true;
    pcre2_code *re = pcre2_compile((PCRE2_SPTR)m->pattern, PCRE2_ZERO_TERMINATED, m->options, &error, &at, NULL);
    if (!re)
        return build_error(b, "out of memory");
    pcre2_pattern_info(re, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(re, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(re, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < count && ok; i++) /* two bytes of number, then the name */
        ok = named_capture(b, m, groups, re, (const char *)table + (size_t)i * size + 2);
    pcre2_code_free(re);
    return ok;
}

static bool captures(struct rule_build *b, struct match_pcre *m, char *list)
{
    unsigned groups = 0;
    m->id = build_pcre(b, m->pattern, m->options, &groups);
    if (m->id == UINT32_MAX)
        return false;
    m->captures = build_get(b, (groups < CAPTURES_MAX ? groups : CAPTURES_MAX) * sizeof *m->captures + 1);
    return m->captures && listed_captures(b, m, groups, list) && named_captures(b, m, groups);
}

/* Which buffer it goes to: the sticky one, or the one of its letter. */
static struct build_list *destination(struct rule_build *b, unsigned buffer)
{
    if (!buffer)
        return build_current(b);
    if (b->current && b->buffers[b->current].id != buffer) {
        build_error(b, "a modifier for a buffer after a sticky buffer: say pkt_data before it");
        return NULL;
    }
    if (b->current)
        return build_current(b);
    struct build_buffer *use = build_modified(b, buffer);
    return use && build_apps(b, DETECT_APP_BIT(APP_HTTP1)) ? &use->matches : NULL;
}

static bool pcre(struct rule_build *b, char *arg)
{
    struct match_pcre *m = build_get(b, sizeof *m);
    unsigned buffer = 0;
    if (!m)
        return false;
    m->negated = b->negated;
    if (*arg == '!') {
        m->negated = !m->negated;
        arg++;
    }
    char *slash = strrchr(arg, '/');
    if (*arg != '/' || slash == arg)
        return build_error(b, "use \"/pattern/modifiers\"");
    *slash = '\0';
    char *list = strchr(slash + 1, ',');
    if (list)
        *list++ = '\0';
    if (!read_modifiers(b, m, text_trim(slash + 1), &buffer))
        return false;
    m->pattern = arg + 1;
    if (buffer && detect_buffer(buffer)->flags & BUFFER_HOST && !host_fits(b, m->pattern, m))
        return false;
    if (m->rawbytes && (buffer || b->current))
        return build_error(b, "modifier B only for payload");
    if (!captures(b, m, list))
        return false;
    m->pattern = b->set->pcres[m->id].pattern;
    struct build_list *to = destination(b, buffer);
    return to && build_add(b, to, MATCH_PCRE, m);
}

const struct keyword keywords_pcre[] = {{"pcre", NULL, pcre, KEYWORD_MAY_QUOTE | KEYWORD_NEGATION, 0, 0,
                                         "a Perl-compatible expression: \"/pattern/modifiers\""},
                                        {0}};
