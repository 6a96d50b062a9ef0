#include "app/secrets.h"

#include <string.h>

#define MASK       'X'
#define PREFACE_NO 255u
#define SHORTEST   15u   /* bytes of a line's end, a name and its colon */
#define LONGEST    8190u /* bytes of a header line that servers take */
#define FILLER     64u   /* so many bytes of fewer than FEW letters are no secret's encoding */
#define FEW        8u
#define TEXT_MIN   32u /* lengths below it are no text */

enum state {
    AT_START, /* of a connection, or behind the empty line that ends a header */
    AT_LINE,  /* at a line's first byte */
    IN_LINE,
    AT_EMPTY, /* a CR was a line's first byte */
    IN_NAME,
    AT_COLON, /* the name was whole */
    AT_VALUE,
    IN_SCHEME,
    IN_VALUE,
    AT_FOLD, /* behind the value's line: a blank continues it (RFC 9112 5.2) */
    IN_UNKNOWN,
    IN_MIDDLE,   /* of a secret, perhaps */
    SOCKS_COUNT, /* RFC 1928 3 */
    SOCKS_METHODS,
    SOCKS_NEXT,
    SOCKS_USER_LEN, /* RFC 1929 2 */
    SOCKS_USER,
    SOCKS_PASSWORD_LEN,
    SOCKS_PASSWORD,
    SOCKS_REQUEST, /* RFC 1928 4 */
    SOCKS_COMMAND,
    SOCKS_RESERVED,
    SOCKS_TYPE,
    SOCKS_HOST_LEN,
    SOCKS_ADDRESS,
};

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"; /* RFC 9113 3.4 */
static const char *const names[] = {"authorization", "proxy-authorization"};
static const char *const schemes[] = {"basic ", "bearer ", "digest ", "negotiate ", "ntlm "};

#define SCHEMES (sizeof schemes / sizeof schemes[0])

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* Is c, behind the bytes that fitted so far, the next of a scheme that is known? */
static bool in_scheme(struct secrets *s, uint8_t c)
{
    for (; s->name < SCHEMES; s->name++) {
        const char *k = schemes[s->name];
        if (k[s->matched] == (char)lower(c))
            return true;
        /* Another one may begin with the same letters. */
        size_t next = s->name + 1u;
        if (next == SCHEMES || strncmp(k, schemes[next], s->matched) != 0)
            return false;
    }
    return false;
}

static void to_value(struct secrets *s, uint8_t *c)
{
    s->state = IN_VALUE;
    *c = MASK;
}

static void scheme(struct secrets *s, uint8_t *c)
{
    if (*c == '\r')
        return;
    if (*c == '\n') {
        s->state = AT_FOLD;
        return;
    }
    if (!in_scheme(s, *c)) {
        to_value(s, c);
        return;
    }
    s->matched++;
    if (!schemes[s->name][s->matched])
        s->state = IN_VALUE;
}

static void line_begin(struct secrets *s, uint8_t c)
{
    uint8_t l = lower(c);
    s->matched = 1;
    s->name = l == 'p';
    s->state = c == '\n' ? AT_START : c == '\r' ? AT_EMPTY : l == 'a' || l == 'p' ? IN_NAME : IN_LINE;
}

static bool is_token68(uint8_t c)
{
    uint8_t l = lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || (c && strchr("-._~+/", c));
}

/* Is text, in small letters, how p begins, in letters of any size? */
static bool begins(const uint8_t *p, size_t n, const char *text, size_t len)
{
    if (n < len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (lower(p[i]) != (uint8_t)text[i])
            return false;
    return true;
}

/* The bytes up to behind a colon, when they end the name of a header that holds credentials; else 0. */
static size_t name_end(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i]);
        for (const char *end = names[i]; end <= names[i] + len; end++) {
            size_t at = strlen(end);
            if (!begins(p, n, end, at))
                continue;
            while (at < n && (p[at] == ' ' || p[at] == '\t'))
                at++;
            if (at < n && p[at] == ':')
                return at + 1;
        }
    }
    return 0;
}

/* The bytes that end a scheme and its blank; else 0. */
static size_t scheme_end(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < SCHEMES; i++)
        for (const char *end = schemes[i]; *end; end++)
            if (begins(p, n, end, strlen(end)))
                return strlen(end);
    return 0;
}

static bool is_filler(const uint8_t *p, size_t n)
{
    uint64_t seen[4] = {0};
    unsigned letters = 0;
    for (size_t i = 0; i < n; i++)
        seen[p[i] / 64u] |= 1ull << p[i] % 64u;
    for (size_t i = 0; i < 4; i++)
        letters += (unsigned)__builtin_popcountll(seen[i]);
    return n >= FILLER && letters < FEW;
}

/* The bytes of an encoded secret (token68: RFC 9110 11.2) that ends with the line's n bytes, or as a quoted value. */
static size_t token_end(const uint8_t *p, size_t n)
{
    size_t at = 0;
    while (at < n && is_token68(p[at]))
        at++;
    while (at < n && p[at] == '=')
        at++;
    size_t quote = at < n && p[at] == '"';
    bool ends = at + quote == n || (quote && p[at + 1] == ',');
    return ends && !is_filler(p, at) ? at : 0;
}

/* Is there a parameter that proves knowledge of a password, or the end of its name? RFC 7616 3.4 */
static bool has_proof(const uint8_t *p, size_t n)
{
    static const char *const proofs[] = {"response", "signature"};
    for (size_t at = 0; at < n; at++)
        for (size_t i = 0; p[at] == '=' && i < sizeof proofs / sizeof proofs[0]; i++) {
            size_t len = strlen(proofs[i]), have = at < len ? at : len;
            if (have && begins(p + at - have, have, proofs[i] + len - have, have))
                return true;
        }
    return false;
}

/* Where the password of SOCKS5's negotiation begins that ends with the bytes; else n. Of its user name some may be
 * missing. */
static size_t socks_password(const uint8_t *p, size_t n)
{
    if (n > 2 && p[0] == 1 && p[1] && 3u + p[1] <= n && 3u + p[1] + p[2u + p[1]] == n) /* RFC 1929 2 */
        return 3u + p[1];
    for (size_t at = 0; at < n && at <= UINT8_MAX; at++)
        if (p[at] < TEXT_MIN)
            return p[at] && at + 1u + p[at] == n ? at + 1u : n;
    return n;
}

/* Are the bytes one word, as the rest of a SOCKS password is? */
static bool is_word(const uint8_t *p, size_t n)
{
    for (size_t at = 0; at < n; at++)
        if (p[at] <= ' ' || p[at] >= 0x7f)
            return false;
    return n <= UINT8_MAX;
}

/* Do the bytes begin with an HTTP/2 frame that a client sends headers in? RFC 9113 6.2 */
static bool is_headers_frame(const uint8_t *p, size_t n)
{
    enum { END_STREAM = 0x1, END_HEADERS = 0x4, PADDED = 0x8, PRIORITY = 0x20 };
    if (n < 9 || p[3] != 1 || (p[4] & ~(END_STREAM | END_HEADERS | PADDED | PRIORITY)))
        return false;
    return !p[0] && p[1] < 0x80 && (p[1] || p[2]) && !(p[5] & 0x80) && p[8] & 1;
}

/* The line that may begin inside of a secret: mask what can be the rest of one, and return how many bytes are done
 * with. */
static size_t middle(struct secrets *s, uint8_t *p, size_t n)
{
    size_t line = 0, from;
    while (line < n && p[line] != '\r' && p[line] != '\n')
        line++;
    s->state = *p == 5 ? AT_START : IN_LINE;
    if (s->state == AT_START || s->open >= LONGEST)
        return 0;
    if ((from = name_end(p, line))) {
        s->state = AT_VALUE;
        return from;
    }
    from = scheme_end(p, line);
    size_t len = token_end(p + from, line - from);
    if (!len && has_proof(p, line))
        len = line - from;
    if (!len && !s->show_socks) {
        from = is_word(p, n) && !is_filler(p, n) ? 0 : socks_password(p, n);
        len = n - from;
    }
    if (!len)
        return 0;
    memset(p + from, MASK, len);
    s->open = (uint16_t)(n < LONGEST - s->open ? s->open + n : LONGEST);
    s->state = from + len == n ? IN_MIDDLE : IN_VALUE;
    return from + len;
}

/* A byte of what consists of lines. */
static void line_byte(struct secrets *s, uint8_t *c)
{
    switch ((enum state)s->state) {
    case AT_EMPTY:
        s->state = *c == '\n' ? AT_START : IN_LINE;
        return;
    case IN_NAME:
        if (*c == '\n')
            s->state = AT_LINE;
        else if (lower(*c) != (uint8_t)names[s->name][s->matched])
            s->state = IN_LINE;
        else if (!names[s->name][++s->matched])
            s->state = AT_COLON;
        return;
    case AT_COLON:
        s->state = *c == ':' ? AT_VALUE : *c == ' ' || *c == '\t' ? AT_COLON : *c == '\n' ? AT_LINE : IN_LINE;
        return;
    case AT_VALUE:
        if (*c == ' ' || *c == '\t')
            return;
        s->state = IN_SCHEME;
        s->matched = s->name = 0;
        scheme(s, c);
        return;
    case IN_SCHEME:
        scheme(s, c);
        return;
    case IN_VALUE:
        if (*c == '\n')
            s->state = AT_FOLD;
        else if (*c != '\r')
            *c = MASK;
        return;
    case AT_FOLD:
        if (*c == ' ' || *c == '\t')
            s->state = IN_VALUE;
        else
            line_begin(s, *c);
        return;
    case IN_UNKNOWN:
        if (*c == '\n')
            s->state = AT_LINE;
        else
            *c = MASK;
        return;
    default:
        if (*c == '\n')
            s->state = AT_LINE;
        return;
    }
}

/* Methods that are assigned, or private. */
static bool is_method(uint8_t c)
{
    return c <= 9 || c >= 0x80;
}

/* A field of `left` bytes comes, or nothing of it and what is behind. */
static void field(struct secrets *s, uint8_t len, enum state in, enum state behind)
{
    s->left = len;
    s->state = (uint8_t)(len ? in : behind);
}

static void socks_host(struct secrets *s, uint8_t type)
{
    static const uint8_t lens[] = {[1] = 6, [4] = 18}; /* with the port */
    if (type == 3)
        s->state = SOCKS_HOST_LEN;
    else if (type == 1 || type == 4)
        field(s, lens[type], SOCKS_ADDRESS, AT_START);
    else
        s->state = IN_LINE;
}

static void socks_byte(struct secrets *s, uint8_t *c)
{
    switch ((enum state)s->state) {
    case SOCKS_COUNT:
        field(s, *c, SOCKS_METHODS, SOCKS_NEXT);
        return;
    case SOCKS_METHODS:
        s->state = !is_method(*c) ? IN_LINE : --s->left ? SOCKS_METHODS : SOCKS_NEXT;
        return;
    case SOCKS_NEXT:
        s->state = *c == 1 ? SOCKS_USER_LEN : *c == 5 ? SOCKS_COMMAND : IN_LINE;
        return;
    case SOCKS_USER_LEN:
        field(s, *c, SOCKS_USER, SOCKS_PASSWORD_LEN);
        return;
    case SOCKS_USER:
        s->state = --s->left ? SOCKS_USER : SOCKS_PASSWORD_LEN;
        return;
    case SOCKS_PASSWORD_LEN:
        field(s, *c, SOCKS_PASSWORD, SOCKS_REQUEST);
        return;
    case SOCKS_PASSWORD:
        if (!s->show_socks)
            *c = MASK;
        s->state = --s->left ? SOCKS_PASSWORD : SOCKS_REQUEST;
        return;
    case SOCKS_REQUEST:
        s->state = *c == 5 ? SOCKS_COMMAND : IN_LINE;
        return;
    case SOCKS_COMMAND:
        s->state = SOCKS_RESERVED;
        return;
    case SOCKS_RESERVED:
        s->state = *c == 0 ? SOCKS_TYPE : IN_LINE;
        return;
    case SOCKS_TYPE:
        socks_host(s, *c);
        return;
    case SOCKS_HOST_LEN:
        /* The port's two bytes belong to it; no host is that long. */
        field(s, *c > 253 ? 255 : (uint8_t)(*c + 2), SOCKS_ADDRESS, AT_START);
        return;
    default:
        s->state = --s->left ? SOCKS_ADDRESS : AT_START;
        return;
    }
}

static void content(struct secrets *s, uint8_t *p, size_t n)
{
    for (uint8_t *end = p + n; p < end; p++) {
        if (s->state == IN_MIDDLE) {
            p += middle(s, p, (size_t)(end - p));
            if (p == end)
                return;
        }
        if (s->state == IN_LINE) {
            uint8_t *newline = memchr(p, '\n', (size_t)(end - p));
            if (!newline)
                return;
            p = newline;
            s->state = AT_LINE;
        } else if (s->state <= AT_LINE && *p == 5) { /* no text: something new begins */
            s->state = SOCKS_COUNT;
        } else if (s->state <= AT_LINE) {
            line_begin(s, *p);
        } else if (s->state >= SOCKS_COUNT) {
            socks_byte(s, p);
        } else {
            line_byte(s, p);
        }
    }
}

/* HTTP/2's frames: RFC 9113 4.1. Headers, promises and continuations are masked, data is looked through. */
static size_t frame_part(struct secrets *s, uint8_t *p, size_t n)
{
    enum { DATA = 0, HEADERS = 1, PUSH_PROMISE = 5, CONTINUATION = 9 };
    if (s->head < 9) {
        if (s->head < 3)
            s->frame = (s->head ? s->frame << 8 : 0) | *p;
        else if (s->head == 3)
            s->type = *p;
        s->head++;
        if (s->head == 9 && !s->frame)
            s->head = 0;
        return 1;
    }
    size_t part = s->frame < n ? s->frame : n;
    if (s->type == DATA)
        content(s, p, part);
    else if (s->type == HEADERS || s->type == PUSH_PROMISE || s->type == CONTINUATION)
        memset(p, MASK, part);
    s->frame -= (uint32_t)part;
    if (!s->frame)
        s->head = 0;
    return part;
}

void secrets_mask(struct secrets *s, uint8_t *p, size_t n)
{
    size_t at = 0;
    if (s->state == IN_MIDDLE && is_headers_frame(p, n)) {
        s->http2 = true;
        s->state = AT_START;
    }
    while (!s->http2 && s->preface < sizeof preface - 1 && at < n) {
        s->preface = p[at] == (uint8_t)preface[s->preface] ? (uint8_t)(s->preface + 1) : PREFACE_NO;
        if (s->preface == sizeof preface - 1)
            s->http2 = true;
        if (s->preface == PREFACE_NO)
            break;
        content(s, p + at++, 1);
    }
    if (s->http2 && s->state != AT_START && !s->head && at) /* just begun: frames, then their content, follow */
        s->state = AT_START;
    while (s->http2 && at < n)
        at += frame_part(s, p + at, n - at);
    if (at < n)
        content(s, p + at, n - at);
}

void secrets_restart(struct secrets *s)
{
    *s = (struct secrets){.show_socks = s->show_socks};
}

void secrets_skip(struct secrets *s, uint64_t n)
{
    bool quiet = !s->http2 && (s->state == IN_LINE || s->state == AT_START) && n < SHORTEST;
    if (!quiet) {
        secrets_middle(s);
        return;
    }
    s->state = IN_LINE;
    s->preface = PREFACE_NO;
}

void secrets_lost(struct secrets *s)
{
    *s = (struct secrets){.show_socks = s->show_socks, .state = IN_UNKNOWN, .preface = PREFACE_NO};
}

void secrets_middle(struct secrets *s)
{
    secrets_lost(s);
    s->state = IN_MIDDLE;
}
