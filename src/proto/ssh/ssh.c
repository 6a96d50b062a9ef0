#include "proto/ssh/ssh.h"

#include "core/bytes.h"
#include "proto/ssh/ssh_kex.h"

/* RFC 4253 4.2: at most 255 characters with CR and LF. */
#define BANNER_MAX 255
/* Lines that a server may send before its identification, and bytes of one of them. */
#define PRELUDE_LINES_MAX 64
#define PRELUDE_LINE_MAX  2048

/* Packets that may come before KEXINIT. */
#define PACKETS_MAX 16

enum ssh_event { SSH_INVALID_BANNER, SSH_LONG_BANNER, SSH_INVALID_RECORD, SSH_LONG_KEX, SSH_EVENT_COUNT };

static const struct proto_event_desc events[SSH_EVENT_COUNT] = {
    [SSH_INVALID_BANNER] = {"invalid_banner", "identification string can't be read"},
    [SSH_LONG_BANNER] = {"long_banner", "identification string over 255 bytes"},
    [SSH_INVALID_RECORD] = {"invalid_record", "no identification string came"},
    [SSH_LONG_KEX] = {"long_kex_record", "first packet over 35000 bytes"},
};

/* What one side said of itself; lengths 0 until it did. */
struct banner {
    char proto[BANNER_MAX];
    char software[BANNER_MAX];
    uint8_t proto_len;
    uint8_t software_len;
    uint8_t packets; /* before KEXINIT */
    bool seen;
    bool done;      /* nothing more of this side is read */
    struct buf kex; /* hassh's string; empty: none */
    char hash[SSH_HASH_SIZE];
};

struct ssh_state {
    struct proto_txs txs;
    struct banner side[2]; /* by role: TO_SERVER is the client's */
    unsigned prelude;      /* lines before the server's identification */
    bool reversed;
};

/* Can these bytes begin an identification string? None can. */
static bool can_be(const uint8_t *p, size_t n)
{
    return n == 0 || memcmp(p, "SSH-", n < 4 ? n : 4) == 0;
}

/* A server may begin with other lines: it is known by its client then. */
static enum proto_probe_result probe(const struct proto_probe *p)
{
    bool client = can_be(p->data[TO_SERVER], p->len[TO_SERVER]);
    bool server = can_be(p->data[TO_CLIENT], p->len[TO_CLIENT]);
    if ((client && p->len[TO_SERVER] >= 4) || (server && p->len[TO_CLIENT] >= 4))
        return PROBE_YES;
    return client ? PROBE_MORE : PROBE_NO;
}

static int init(void *state, const struct settings *settings, bool reversed)
{
    (void)settings;
    ((struct ssh_state *)state)->reversed = reversed;
    return 0;
}

/* p is the line without its end, after "SSH-". */
static bool parse_banner(const uint8_t *p, size_t n, struct banner *b)
{
    struct reader r = reader_of(p, n);
    const uint8_t *dash = n ? memchr(p, '-', n) : NULL;
    if (!dash || dash == p)
        return false;
    size_t proto = (size_t)(dash - p);
    reader_skip(&r, proto + 1);
    size_t left = reader_left(&r);
    const uint8_t *blank = left ? memchr(r.p, ' ', left) : NULL;
    size_t software = blank ? (size_t)(blank - r.p) : left;
    if (software == 0)
        return false;
    memcpy(b->proto, p, proto);
    memcpy(b->software, r.p, software);
    b->proto_len = (uint8_t)proto;
    b->software_len = (uint8_t)software;
    return true;
}

/* Done with the flow when both sides are. */
static enum proto_status side_done(struct ssh_state *s, enum flow_dir role)
{
    s->side[role].done = true;
    s->txs.first->progress[role] = TX_DONE;
    if (!s->side[flow_dir_other(role)].done)
        return PROTO_OK;
    s->txs.first->complete = true;
    return PROTO_DONE;
}

static enum proto_status take_banner(struct ssh_state *s, struct proto_io *io, enum flow_dir role, const uint8_t *p,
                                     size_t n)
{
    struct banner *b = &s->side[role];
    struct proto_tx *tx = s->txs.first;
    b->seen = true;
    if (!parse_banner(p + 4, n - 4, b)) {
        io->engine->event(io, SSH_INVALID_BANNER);
        return PROTO_BROKEN;
    }
    if (!tx && !(tx = proto_tx_add(&s->txs, sizeof *tx, io->time_ns)))
        return PROTO_BROKEN;
    tx->progress[role] = TX_LINE;
    /* SSH 1 has other packets; 1.99 speaks both (5.1). */
    if (b->proto_len && b->proto[0] == '1' && !(b->proto_len == 4 && memcmp(b->proto, "1.99", 4) == 0))
        return side_done(s, role);
    return PROTO_OK;
}

static bool take_kex(struct banner *b, const uint8_t *p, size_t n, bool server)
{
    if (!ssh_kex_string(p, n, server, &b->kex)) {
        buf_fini(&b->kex);
        return false;
    }
    ssh_kex_hash(&b->kex, b->hash);
    return true;
}

/* Binary packets up to KEXINIT. */
static enum proto_status take_packets(struct ssh_state *s, struct proto_io *io, enum flow_dir role)
{
    struct banner *b = &s->side[role];
    while (io->consumed < io->len) {
        const uint8_t *p = io->data + io->consumed;
        size_t n = io->len - io->consumed, len = 0;
        enum ssh_packet what = ssh_packet_next(p, n, &len);
        if (what == SSH_PACKET_MORE)
            return PROTO_OK;
        if (what == SSH_PACKET_LONG)
            io->engine->event(io, SSH_LONG_KEX);
        if (what == SSH_PACKET_OTHER && b->packets++ < PACKETS_MAX) {
            io->consumed += len;
            continue;
        }
        if (what == SSH_PACKET_KEX && !take_kex(b, p, len, role == TO_CLIENT))
            io->engine->event(io, SSH_INVALID_RECORD);
        io->consumed = io->len;
        return side_done(s, role);
    }
    return PROTO_OK;
}

/* A line that is not whole after n bytes: wait, or too long? */
static enum proto_status unfinished(struct proto_io *io, const uint8_t *p, size_t n)
{
    bool banner = can_be(p, n);
    if (n < (banner ? BANNER_MAX : PRELUDE_LINE_MAX))
        return PROTO_OK;
    io->engine->event(io, banner ? SSH_LONG_BANNER : SSH_INVALID_RECORD);
    return PROTO_BROKEN;
}

static enum proto_status parse(void *state, struct proto_io *io)
{
    struct ssh_state *s = state;
    enum flow_dir role = s->reversed ? flow_dir_other(io->dir) : io->dir;
    while (io->consumed < io->len) {
        if (s->side[role].done) {
            io->consumed = io->len;
            return PROTO_OK;
        }
        if (s->side[role].seen)
            return take_packets(s, io, role);
        const uint8_t *p = io->data + io->consumed;
        size_t n = io->len - io->consumed;
        const uint8_t *nl = memchr(p, '\n', n);
        if (!nl)
            return unfinished(io, p, n);
        size_t line = (size_t)(nl - p);
        io->consumed += line + 1;
        if (line && p[line - 1] == '\r')
            line--;
        if (line >= 4 && memcmp(p, "SSH-", 4) == 0) {
            if (line > BANNER_MAX - 2) {
                io->engine->event(io, SSH_LONG_BANNER);
                return PROTO_BROKEN;
            }
            enum proto_status st = take_banner(s, io, role, p, line);
            if (st != PROTO_OK)
                return st;
        } else if (role == TO_SERVER || ++s->prelude > PRELUDE_LINES_MAX) {
            io->engine->event(io, SSH_INVALID_RECORD);
            return PROTO_BROKEN;
        }
    }
    return PROTO_OK;
}

static enum proto_status gap(void *state, struct proto_io *io, uint64_t n)
{
    (void)n;
    struct ssh_state *s = state;
    enum flow_dir role = s->reversed ? flow_dir_other(io->dir) : io->dir;
    if (!s->side[role].seen || !s->txs.first)
        return PROTO_BROKEN;
    return s->side[role].done ? PROTO_OK : side_done(s, role);
}

static void finish(void *state, struct proto_io *io)
{
    (void)io;
    struct ssh_state *s = state;
    if (s->txs.first)
        s->txs.first->complete = true;
}

static void fini(void *state)
{
    struct ssh_state *s = state;
    buf_fini(&s->side[0].kex);
    buf_fini(&s->side[1].kex);
}

static void put(struct json *j, const char *key, const struct banner *b)
{
    if (!b->software_len)
        return;
    json_open_object(j, key);
    json_bytes(j, "proto_version", b->proto, b->proto_len);
    json_bytes(j, "software_version", b->software, b->software_len);
    if (b->kex.len) {
        json_open_object(j, "hassh");
        json_str(j, "hash", b->hash);
        json_bytes(j, "string", b->kex.data, b->kex.len);
        json_end_object(j);
    }
    json_end_object(j);
}

static void log_tx(const void *state, const struct proto_tx *tx, struct json *j)
{
    (void)tx;
    const struct ssh_state *s = state;
    put(j, "client", &s->side[TO_SERVER]);
    put(j, "server", &s->side[TO_CLIENT]);
}

static const struct banner *banner_of(const struct proto_ask *a)
{
    return &((const struct ssh_state *)a->state)->side[a->dir];
}

static bool get_proto(const struct proto_ask *a, struct proto_bytes *out)
{
    *out = (struct proto_bytes){(const uint8_t *)banner_of(a)->proto, banner_of(a)->proto_len};
    return out->n > 0;
}

static bool get_software(const struct proto_ask *a, struct proto_bytes *out)
{
    *out = (struct proto_bytes){(const uint8_t *)banner_of(a)->software, banner_of(a)->software_len};
    return out->n > 0;
}

static bool get_hash(const struct proto_ask *a, struct proto_bytes *out)
{
    *out = (struct proto_bytes){(const uint8_t *)banner_of(a)->hash, SSH_HASH_SIZE - 1};
    return banner_of(a)->kex.len > 0;
}

static bool get_string(const struct proto_ask *a, struct proto_bytes *out)
{
    *out = (struct proto_bytes){banner_of(a)->kex.data, banner_of(a)->kex.len};
    return out->n > 0;
}

static const struct proto_buffer buffers[] = {{"ssh.proto", get_proto},
                                              {"ssh.software", get_software},
                                              {"ssh.hassh", get_hash},
                                              {"ssh.hassh.string", get_string},
                                              {"ssh.hassh.server", get_hash},
                                              {"ssh.hassh.server.string", get_string},
                                              {NULL, NULL}};

static const struct proto_ready ready[] = {{"ssh.proto", TX_LINE}, {"ssh.software", TX_LINE}, {NULL, TX_DONE}};

const struct app_proto proto_ssh = {
    .name = "ssh",
    .conf = "ssh",
    .record = "ssh",
    .transports = PROTO_TCP,
    .sure = true,
    .ciphers = true,
    .state_size = sizeof(struct ssh_state),
    .probe = probe,
    .init = init,
    .parse = parse,
    .gap = gap,
    .finish = finish,
    .fini = fini,
    .log = log_tx,
    .events = events,
    .buffers = buffers,
    .ready = ready,
    .event_count = SSH_EVENT_COUNT,
};
