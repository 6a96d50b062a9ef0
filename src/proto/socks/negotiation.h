/* Inside the SOCKS room: the negotiation's state, and what its steps share.
 *
 * A step is one message of the handshake; it belongs to one side (GSSAPI messages: to both). Its function is given a
 * reader over the bytes not consumed so far and says how to go on. Whatever it took from the reader counts as consumed
 * unless it answers STEP_MORE or STEP_WAIT. */
#ifndef BURROW_PROTO_SOCKS_NEGOTIATION_H
#define BURROW_PROTO_SOCKS_NEGOTIATION_H

#include "core/bytes.h"
#include "proto/proto.h"
#include "proto/socks/address.h"

/* Bytes kept of each string. RFC 1928 and 1929 can't say more in their length octets; SOCKS4 strings can, and are cut.
 */
#define SOCKS_TEXT_MAX 255
/* A SOCKS4 string (user id, host) without an end after that many bytes breaks the negotiation. */
#define SOCKS4_TEXT_LIMIT 4096

enum socks_version { SOCKS_VERSION_4 = 4, SOCKS_VERSION_5 = 5 };

enum socks_command { SOCKS_CONNECT = 1, SOCKS_BIND = 2, SOCKS_UDP_ASSOCIATE = 3 };

/* RFC 1928 section 3 */
enum socks_method {
    SOCKS_METHOD_NONE = 0,
    SOCKS_METHOD_GSSAPI = 1,
    SOCKS_METHOD_USER = 2,
    SOCKS_METHOD_UNACCEPTABLE = 0xff,
};

/* SOCKS4 memo: reply codes 90 to 93 */
enum socks4_reply { SOCKS4_GRANTED = 0x5a, SOCKS4_REJECTED, SOCKS4_NO_IDENTD, SOCKS4_IDENTD_MISMATCH };

enum socks_event {
    SOCKS_INVALID_VERSION,
    SOCKS_INVALID_REPLY_VERSION,
    SOCKS_INVALID_AUTH_VERSION,
    SOCKS_INVALID_METHOD,
    SOCKS_INVALID_AUTH_MESSAGE,
    SOCKS_INVALID_COMMAND,
    SOCKS_INVALID_RESERVED,
    SOCKS_INVALID_ADDRESS_TYPE,
    SOCKS_INVALID_REPLY_CODE,
    SOCKS_EMPTY_HOST,
    SOCKS_USER_TOO_LONG,
    SOCKS_HOST_TOO_LONG,
    SOCKS_REPLY_WITHOUT_REQUEST,
    SOCKS_TRAILING_BYTES,
    SOCKS_NEGOTIATION_GAP,
    SOCKS_EVENT_COUNT
};

enum socks_side { SOCKS_CLIENT, SOCKS_SERVER, SOCKS_BOTH };

enum socks_step {
    SOCKS_START,
    SOCKS4_REQUEST,
    SOCKS4_USER,
    SOCKS4_HOST,
    SOCKS4_REPLY,
    SOCKS4_PEER, /* BIND's second reply */
    SOCKS5_GREETING,
    SOCKS5_METHOD,
    SOCKS5_AUTH,
    SOCKS5_AUTH_STATUS,
    SOCKS5_GSSAPI,
    SOCKS5_REQUEST,
    SOCKS5_REPLY,
    SOCKS5_PEER,
    SOCKS_ASSOCIATED, /* a UDP relay lives as long as this connection */
    SOCKS_CLOSED,     /* reported; nothing more to learn */
    SOCKS_STEP_COUNT
};

/* How a step's function wants to go on. */
enum socks_next {
    STEP_NEXT,   /* consumed what it took; step on in state->step */
    STEP_MORE,   /* the message is not whole yet */
    STEP_WAIT,   /* these bytes answer what the other side has not been heard to say yet */
    STEP_TUNNEL, /* established */
    STEP_DONE,   /* over, and understood */
    STEP_BROKEN, /* over, and not understood */
};

/* An address, or a name, with a port: a request's target, a reply's bound address. */
struct socks_endpoint {
    uint8_t atyp; /* enum socks_atyp; 0 until it was read */
    uint8_t host_len;
    uint16_t port;
    struct addr addr; /* ADDR_NONE if by name */
    char host[SOCKS_TEXT_MAX];
};

enum socks_auth { SOCKS_AUTH_NOT, SOCKS_AUTH_SUCCESS, SOCKS_AUTH_FAILURE };

struct socks_tx {
    struct proto_tx tx; /* first member */
    uint8_t version;
    uint8_t command;
    bool requested; /* the request is whole */
    bool method_chosen;
    uint8_t method;
    uint8_t auth; /* enum socks_auth */
    bool has_user;
    bool has_password;
    bool listening; /* BIND: the first reply said where */
    bool peer_told; /* BIND: the second reply's code was heard */
    uint8_t user_len;
    uint8_t password_len;
    int16_t reply_code;  /* -1: none was seen */
    uint64_t request_ns; /* time of the request */
    uint8_t methods[32]; /* offered: a bit for each */
    struct socks_endpoint target;
    struct socks_endpoint bound;
    struct socks_endpoint peer; /* BIND: who came in */
    char user[SOCKS_TEXT_MAX];
    char password[SOCKS_TEXT_MAX]; /* only with log-passwords */
};

struct socks_state {
    struct proto_txs txs; /* first member */
    struct socks_tx *tx;  /* the negotiation; NULL before it and once it is complete (the engine frees it then) */
    uint8_t step;         /* enum socks_step */
    bool reversed;        /* the flow's server is the SOCKS client */
    bool log_passwords;
    bool follow;       /* false: the settings don't want reversed negotiations to be more than recorded */
    bool associate;    /* UDP relays are announced */
    bool server_early; /* the server speaks although it is the client's turn */
    uint16_t text_len; /* bytes of the SOCKS4 string that is being read */
    uint32_t skip[2];  /* by enum socks_side: bytes of a GSSAPI token still to come */
};

typedef enum socks_next (*socks_step_fn)(struct socks_state *s, struct proto_io *io, struct reader *r);

/* One function for each step; r holds one byte at least. */
enum socks_next socks4_request(struct socks_state *s, struct proto_io *io, struct reader *r);
enum socks_next socks4_user(struct socks_state *s, struct proto_io *io, struct reader *r);
enum socks_next socks4_host(struct socks_state *s, struct proto_io *io, struct reader *r);
enum socks_next socks4_reply(struct socks_state *s, struct proto_io *io, struct reader *r);
enum socks_next socks4_peer(struct socks_state *s, struct proto_io *io, struct reader *r);
enum socks_next socks5_greeting(struct socks_state *s, struct proto_io *io, struct reader *r);
enum socks_next socks5_method(struct socks_state *s, struct proto_io *io, struct reader *r);
enum socks_next socks5_auth(struct socks_state *s, struct proto_io *io, struct reader *r);
enum socks_next socks5_auth_status(struct socks_state *s, struct proto_io *io, struct reader *r);
enum socks_next socks5_gssapi(struct socks_state *s, struct proto_io *io, struct reader *r);
enum socks_next socks5_request(struct socks_state *s, struct proto_io *io, struct reader *r);
enum socks_next socks5_reply(struct socks_state *s, struct proto_io *io, struct reader *r);
enum socks_next socks5_peer(struct socks_state *s, struct proto_io *io, struct reader *r);
/* Whatever is said on it: the connection stands for its relay and carries nothing. */
enum socks_next socks_associated(struct socks_state *s, struct proto_io *io, struct reader *r);

enum proto_probe_result socks_probe(const struct proto_probe *p);

void socks_log(const void *state, const struct proto_tx *tx, struct json *j);

/* Text of a reply code; NULL for codes without one. */
const char *socks_reply_text(uint8_t version, int code);

/* Which side of the negotiation the bytes come from. */
static inline enum socks_side socks_side_of(const struct socks_state *s, enum flow_dir dir)
{
    return (dir == TO_SERVER) == s->reversed ? SOCKS_SERVER : SOCKS_CLIENT;
}

static inline void socks_event(struct proto_io *io, enum socks_event event)
{
    io->engine->event(io, event);
}

/* Begin the negotiation's transaction. NULL when memory is short. */
struct socks_tx *socks_begin(struct socks_state *s, const struct proto_io *io, uint8_t version);

/* The request is whole: from now on it is the server's turn. */
void socks_requested(struct socks_state *s, const struct proto_io *io, enum socks_step reply);

/* The reply is whole and stands in the transaction. BIND that was granted waits for its second reply in step `peer`;
 * all else is over: established, associated, refused, or granted but not followed. */
enum socks_next socks_replied(struct socks_state *s, struct proto_io *io, bool granted, enum socks_step peer);

/* Each of these reports the tunnel, completes the transaction and closes the negotiation: s->tx is gone afterwards. */

/* BIND's second reply is whole: somebody came in, or nobody did. */
enum socks_next socks_peer_came(struct socks_state *s, struct proto_io *io, bool granted);
/* The server said no before it was asked for a target; why: the record's reply. */
enum socks_next socks_refused(struct socks_state *s, struct proto_io *io, const char *why);
/* It never comes to a tunnel that can be read. next: STEP_DONE or STEP_BROKEN. */
enum socks_next socks_incomplete(struct socks_state *s, struct proto_io *io, const char *reason, enum socks_next next);

#endif
