#include "proto/socks/socks.h"

#include "proto/socks/negotiation.h"

static const struct proto_event_desc events[SOCKS_EVENT_COUNT] = {
    [SOCKS_INVALID_VERSION] = {"invalid_version", "SOCKS client message with another version than it should have"},
    [SOCKS_INVALID_REPLY_VERSION] = {"invalid_reply_version",
                                     "SOCKS server message with another version than it should "
                                     "have"},
    [SOCKS_INVALID_AUTH_VERSION] = {"invalid_auth_version", "SOCKS5 authentication message of an unknown version"},
    [SOCKS_INVALID_METHOD] = {"invalid_method", "SOCKS5 server chose a method that was not offered"},
    [SOCKS_INVALID_AUTH_MESSAGE] = {"invalid_auth_message", "SOCKS5 GSSAPI message of an unknown type"},
    [SOCKS_INVALID_COMMAND] = {"invalid_command", "SOCKS request with an unknown command"},
    [SOCKS_INVALID_RESERVED] = {"invalid_reserved", "SOCKS5 reserved octet is not zero"},
    [SOCKS_INVALID_ADDRESS_TYPE] = {"invalid_address_type", "SOCKS5 address type is unknown"},
    [SOCKS_INVALID_REPLY_CODE] = {"invalid_reply_code", "SOCKS4 reply code is unknown"},
    [SOCKS_EMPTY_HOST] = {"empty_host", "SOCKS request for a name without a character"},
    [SOCKS_USER_TOO_LONG] = {"user_too_long", "SOCKS4 user id is longer than 255 bytes"},
    [SOCKS_HOST_TOO_LONG] = {"host_too_long", "SOCKS4a host name is longer than 255 bytes"},
    [SOCKS_REPLY_WITHOUT_REQUEST] = {"reply_without_request", "SOCKS server spoke when it was the client's turn"},
    [SOCKS_TRAILING_BYTES] = {"trailing_bytes", "SOCKS server sent more after it had refused"},
    [SOCKS_NEGOTIATION_GAP] = {"negotiation_gap", "bytes are missing in the SOCKS negotiation"},
};

static enum socks_next start(struct socks_state *s, struct proto_io *io, struct reader *r);

static const struct {
    enum socks_side side; /* whose turn it is */
    socks_step_fn fn;     /* NULL: none */
} steps[SOCKS_STEP_COUNT] = {
    [SOCKS_START] = {SOCKS_CLIENT, start},
    [SOCKS4_REQUEST] = {SOCKS_CLIENT, socks4_request},
    [SOCKS4_USER] = {SOCKS_CLIENT, socks4_user},
    [SOCKS4_HOST] = {SOCKS_CLIENT, socks4_host},
    [SOCKS4_REPLY] = {SOCKS_SERVER, socks4_reply},
    [SOCKS4_PEER] = {SOCKS_SERVER, socks4_peer},
    [SOCKS5_GREETING] = {SOCKS_CLIENT, socks5_greeting},
    [SOCKS5_METHOD] = {SOCKS_SERVER, socks5_method},
    [SOCKS5_AUTH] = {SOCKS_CLIENT, socks5_auth},
    [SOCKS5_AUTH_STATUS] = {SOCKS_SERVER, socks5_auth_status},
    [SOCKS5_GSSAPI] = {SOCKS_BOTH, socks5_gssapi},
    [SOCKS5_REQUEST] = {SOCKS_CLIENT, socks5_request},
    [SOCKS5_REPLY] = {SOCKS_SERVER, socks5_reply},
    [SOCKS5_PEER] = {SOCKS_SERVER, socks5_peer},
    [SOCKS_ASSOCIATED] = {SOCKS_BOTH, socks_associated},
    [SOCKS_CLOSED] = {SOCKS_BOTH, NULL},
};

/* The first octet of both protocols is the version. */
static enum socks_next start(struct socks_state *s, struct proto_io *io, struct reader *r)
{
    switch (*r->p) {
    case SOCKS_VERSION_4:
        s->step = SOCKS4_REQUEST;
        return STEP_NEXT;
    case SOCKS_VERSION_5:
        s->step = SOCKS5_GREETING;
        return STEP_NEXT;
    default:
        socks_event(io, SOCKS_INVALID_VERSION);
        s->step = SOCKS_CLOSED;
        return STEP_BROKEN;
    }
}

struct socks_tx *socks_begin(struct socks_state *s, const struct proto_io *io, uint8_t version)
{
    struct socks_tx *tx = proto_tx_add(&s->txs, sizeof *tx, io->time_ns);
    if (!tx)
        return NULL;
    tx->version = version;
    tx->reply_code = -1;
    tx->request_ns = io->time_ns;
    s->tx = tx;
    return tx;
}

void socks_requested(struct socks_state *s, const struct proto_io *io, enum socks_step reply)
{
    s->tx->requested = true;
    s->tx->tx.progress[TO_SERVER] = TX_DONE;
    s->tx->request_ns = io->time_ns;
    s->step = (uint8_t)reply;
}

static const char *tunnel_type(const struct socks_tx *tx)
{
    if (tx->version == SOCKS_VERSION_5)
        return "socks5";
    return tx->target.atyp == SOCKS_ATYP_DOMAIN ? "socks4a" : "socks4";
}

/* An unspecified address is the SOCKS server's own (RFC 1928 section 6, SOCKS4 memo). */
static struct addr specified(const struct socks_state *s, const struct proto_io *io, const struct addr *a)
{
    const struct flow_key *key = &io->flow->key;
    if (a->family == ADDR_NONE || !socks_unspecified(a))
        return *a;
    return s->reversed ? key->src : key->dst;
}

/* Some clients write an address into the name; that is an address asked for, not a name. */
static void lead_to(struct tunnel_offer *offer, const struct socks_endpoint *e)
{
    offer->addr = e->addr;
    offer->port = e->port;
    if (e->atyp != SOCKS_ATYP_DOMAIN || socks_literal(e->host, e->host_len, &offer->addr))
        return;
    offer->host = e->host;
    offer->host_len = e->host_len;
}

/* BIND: what the request names is only whom the client expects. Whoever comes in is the client, and where the proxy
 * listens the server; the proxy's bytes are the client's. */
static void offer_incoming(const struct socks_state *s, const struct proto_io *io, struct tunnel_offer *offer)
{
    const struct socks_tx *tx = s->tx;
    offer->swap = !s->reversed;
    if (!tx->listening)
        return;
    lead_to(offer, &tx->bound);
    offer->addr = specified(s, io, &offer->addr);
    if (offer->status != TUNNEL_ESTABLISHED)
        return;
    if (tx->peer.atyp == SOCKS_ATYP_DOMAIN)
        socks_literal(tx->peer.host, tx->peer.host_len, &offer->client);
    else
        offer->client = tx->peer.addr;
    offer->client = specified(s, io, &offer->client);
    offer->client_port = tx->peer.port;
}

/* Report the tunnel and be done with the negotiation. */
static void close_with(struct socks_state *s, struct proto_io *io, enum tunnel_status status, const char *reason,
                       const char *reply)
{
    struct socks_tx *tx = s->tx;
    struct tunnel_offer offer = {
        .type = tunnel_type(tx),
        .payload = "socks",
        .status = status,
        .reason = reason,
        .reverse = s->reversed,
        .swap = s->reversed,
        .user = tx->has_user ? tx->user : NULL,
        .user_len = tx->has_user ? tx->user_len : 0,
        .reply_code = tx->reply_code,
        .reply = reply,
        .reply_len = reply ? strlen(reply) : 0,
        .start_ns = tx->request_ns,
    };
    if (tx->requested && tx->command == SOCKS_BIND)
        offer_incoming(s, io, &offer);
    else if (tx->requested)
        lead_to(&offer, &tx->target);
    if (s->follow)
        io->engine->tunnel(io, &offer);
    tx->tx.complete = true;
    s->tx = NULL;
    s->step = SOCKS_CLOSED;
}

/* RFC 1928 section 7: datagrams go to the bound address, for as long as this connection lasts. A relay told by name
 * can't be announced. */
static enum socks_next associate(struct socks_state *s, struct proto_io *io)
{
    struct socks_tx *tx = s->tx;
    const struct flow_key *key = &io->flow->key;
    struct relay_offer offer = {
        .client = s->reversed ? key->dst : key->src,
        .relay = tx->bound.addr,
        .port = tx->bound.port,
        .user = tx->has_user ? tx->user : NULL,
        .user_len = tx->has_user ? tx->user_len : 0,
    };
    if (tx->bound.atyp == SOCKS_ATYP_DOMAIN)
        socks_literal(tx->bound.host, tx->bound.host_len, &offer.relay);
    offer.relay = specified(s, io, &offer.relay);
    if (offer.relay.family != ADDR_NONE && offer.port != 0)
        io->engine->relay(io, &offer);
    tx->tx.complete = true;
    s->tx = NULL;
    s->step = SOCKS_ASSOCIATED;
    return STEP_NEXT;
}

enum socks_next socks_associated(struct socks_state *s, struct proto_io *io, struct reader *r)
{
    (void)s;
    (void)io;
    reader_skip(r, reader_left(r));
    return STEP_NEXT;
}

enum socks_next socks_replied(struct socks_state *s, struct proto_io *io, bool granted, enum socks_step peer)
{
    struct socks_tx *tx = s->tx;
    const char *reply = socks_reply_text(tx->version, tx->reply_code);
    if (!granted) {
        close_with(s, io, TUNNEL_REFUSED, NULL, reply);
        return STEP_DONE;
    }
    if (tx->command == SOCKS_BIND) {
        tx->listening = true;
        s->step = (uint8_t)peer;
        return STEP_NEXT;
    }
    if (tx->version == SOCKS_VERSION_5 && tx->command == SOCKS_UDP_ASSOCIATE && s->associate)
        return associate(s, io);
    if (tx->command != SOCKS_CONNECT) {
        close_with(s, io, TUNNEL_INCOMPLETE, "command not followed", reply);
        return STEP_DONE;
    }
    close_with(s, io, TUNNEL_ESTABLISHED, NULL, reply);
    return s->follow ? STEP_TUNNEL : STEP_DONE;
}

enum socks_next socks_peer_came(struct socks_state *s, struct proto_io *io, bool granted)
{
    const char *reply = socks_reply_text(s->tx->version, s->tx->reply_code);
    close_with(s, io, granted ? TUNNEL_ESTABLISHED : TUNNEL_REFUSED, NULL, reply);
    return granted && s->follow ? STEP_TUNNEL : STEP_DONE;
}

enum socks_next socks_refused(struct socks_state *s, struct proto_io *io, const char *why)
{
    close_with(s, io, TUNNEL_REFUSED, NULL, why);
    return STEP_DONE;
}

enum socks_next socks_incomplete(struct socks_state *s, struct proto_io *io, const char *reason, enum socks_next next)
{
    const char *reply = s->tx->reply_code < 0 ? NULL : socks_reply_text(s->tx->version, s->tx->reply_code);
    close_with(s, io, TUNNEL_INCOMPLETE, reason, reply);
    return next;
}

static int init(void *state, const struct settings *settings, bool reversed)
{
    struct socks_state *s = state;
    const struct settings_payload *payload = settings_payload(settings, "socks");
    s->reversed = reversed;
    s->log_passwords = payload && payload->log_passwords;
    s->follow = !reversed || !payload || payload->reverse;
    s->associate = s->follow && (!payload || payload->udp);
    return 0;
}

/* It is the other side's turn: its message must be understood before these bytes can be. */
static enum proto_status wait_for_other_side(struct socks_state *s, const struct proto_io *io, enum socks_side side)
{
    if (io->len == io->consumed)
        return PROTO_OK; /* so that what comes early is seen to */
    if (side == SOCKS_SERVER)
        s->server_early = true;
    return PROTO_OTHER_SIDE;
}

static enum proto_status parse(void *state, struct proto_io *io)
{
    struct socks_state *s = state;
    enum socks_side side = socks_side_of(s, io->dir);
    for (;;) {
        if (s->step == SOCKS_CLOSED)
            return PROTO_DONE;
        enum socks_side turn = steps[s->step].side;
        if (turn != SOCKS_BOTH && turn != side)
            return wait_for_other_side(s, io, side);
        if (io->len == io->consumed)
            return PROTO_OK;
        struct reader r = reader_of(io->data + io->consumed, io->len - io->consumed);
        enum socks_next next = steps[s->step].fn(s, io, &r);
        if (next == STEP_MORE)
            return PROTO_OK;
        if (next == STEP_WAIT)
            return wait_for_other_side(s, io, side);
        io->consumed = io->len - reader_left(&r);
        if (side == SOCKS_CLIENT)
            s->server_early = false;
        if (next == STEP_TUNNEL)
            return PROTO_TUNNEL;
        if (next == STEP_BROKEN)
            return PROTO_BROKEN;
        if (next == STEP_DONE)
            return PROTO_DONE;
    }
}

/* Missing bytes of a negotiation can't be made up for: lengths are in them. */
static enum proto_status gap(void *state, struct proto_io *io, uint64_t n)
{
    struct socks_state *s = state;
    (void)n;
    if (s->step == SOCKS_CLOSED)
        return PROTO_DONE;
    if (s->step == SOCKS_ASSOCIATED)
        return PROTO_OK;
    socks_event(io, SOCKS_NEGOTIATION_GAP);
    if (s->tx)
        socks_incomplete(s, io, "gap", STEP_BROKEN);
    s->step = SOCKS_CLOSED;
    return PROTO_BROKEN;
}

static void finish(void *state, struct proto_io *io)
{
    struct socks_state *s = state;
    struct socks_tx *tx = s->tx;
    if (s->server_early)
        socks_event(io, SOCKS_REPLY_WITHOUT_REQUEST);
    if (tx && !tx->requested)
        tx->tx.complete = true; /* nothing was asked for: a record, no tunnel */
    else if (tx && tx->reply_code < 0)
        socks_incomplete(s, io, "no answer", STEP_DONE);
    else if (tx && tx->listening && !tx->peer_told)
        socks_incomplete(s, io, "no peer", STEP_DONE);
    else if (tx && tx->reply_code == (tx->version == SOCKS_VERSION_4 ? SOCKS4_GRANTED : 0))
        socks_incomplete(s, io, "truncated reply", STEP_DONE);
    else if (tx) /* a refusal needs no bound address to be one */
        socks_refused(s, io, socks_reply_text(tx->version, tx->reply_code));
    s->tx = NULL;
    s->step = SOCKS_CLOSED;
}

static const struct socks_tx *tx_of(const struct proto_ask *a)
{
    return (const struct socks_tx *)a->tx;
}

/* The target as it was asked for: a name, or an address as text. */
static bool get_host(const struct proto_ask *a, struct proto_bytes *out)
{
    const struct socks_tx *t = tx_of(a);
    char text[ADDR_TEXT_MAX];
    if (a->dir != TO_SERVER || !t->requested)
        return false;
    *out = (struct proto_bytes){(const uint8_t *)t->target.host, t->target.host_len};
    if (t->target.host_len)
        return true;
    size_t n = addr_print(&t->target.addr, false, text);
    if (!n || !buf_add(a->work, text, n))
        return false;
    *out = (struct proto_bytes){a->work->data, n};
    return true;
}

static bool get_user(const struct proto_ask *a, struct proto_bytes *out)
{
    *out = (struct proto_bytes){(const uint8_t *)tx_of(a)->user, tx_of(a)->user_len};
    return a->dir == TO_SERVER && tx_of(a)->has_user;
}

static const struct proto_buffer buffers[] = {{"socks.host", get_host}, {"socks.user", get_user}, {NULL, NULL}};

static bool get_version(const struct proto_ask *a, uint64_t *out)
{
    *out = tx_of(a)->version;
    return a->index == 0 && a->dir == TO_SERVER;
}

static bool get_command(const struct proto_ask *a, uint64_t *out)
{
    *out = tx_of(a)->command;
    return a->index == 0 && a->dir == TO_SERVER && tx_of(a)->requested;
}

static bool get_type(const struct proto_ask *a, uint64_t *out)
{
    *out = tx_of(a)->target.atyp;
    return a->index == 0 && a->dir == TO_SERVER && tx_of(a)->requested;
}

static bool get_reply(const struct proto_ask *a, uint64_t *out)
{
    *out = (uint64_t)tx_of(a)->reply_code;
    return a->index == 0 && a->dir == TO_CLIENT && tx_of(a)->reply_code >= 0;
}

static const struct proto_number numbers[] = {{"socks.version", get_version},
                                              {"socks.command", get_command},
                                              {"socks.address_type", get_type},
                                              {"socks.reply", get_reply},
                                              {NULL, NULL}};

static bool idle(const void *state)
{
    const struct socks_state *s = state;
    return !s->tx && !s->server_early;
}

const struct app_proto proto_socks = {
    .name = "socks",
    .conf = "socks",
    .record = "socks",
    .transports = PROTO_TCP,
    .sure = true,
    .state_size = sizeof(struct socks_state),
    .probe = socks_probe,
    .init = init,
    .parse = parse,
    .gap = gap,
    .finish = finish,
    .idle = idle,
    .log = socks_log,
    .events = events,
    .buffers = buffers,
    .numbers = numbers,
    .event_count = SOCKS_EVENT_COUNT,
};
