/* Notes: what app tells decap about a flow, in order, attached to the item that caused them.
 *
 * Heap-allocated by app, freed by decap: a tunnel's opening, refusal or failure, its bytes where the parser takes them
 * out of a framing of their own (else the packet has them: packet.carried), its end, names learned from DNS, and the
 * UDP relays that proxies announced. */
#ifndef BURROW_ITEM_NOTE_H
#define BURROW_ITEM_NOTE_H

#include "item/flow_ref.h"

enum note_kind { NOTE_TUNNEL, NOTE_BYTES, NOTE_CLOSE, NOTE_NAME, NOTE_RELAY };

enum tunnel_status { TUNNEL_ESTABLISHED, TUNNEL_REFUSED, TUNNEL_INCOMPLETE };

/* Is this UDP flow what its datagrams' headers say, a SOCKS relay's? */
enum relay_claim {
    RELAY_NOT,    /* the tunnel is not a relay's */
    RELAY_LIKELY, /* could be chance: believed only if a control connection announced the relay */
    RELAY_SURE,
};

/* What a parser reports of a tunnel that was asked for. Strings are copied by whoever keeps them. */
struct tunnel_offer {
    const char *type;    /* "socks5", "http-connect": a literal, as records have it */
    const char *payload; /* the decap.payload.* section it belongs to: "socks", "http-connect" */
    enum tunnel_status status;
    const char *reason; /* why incomplete: a literal, NULL if the status says enough */
    bool reverse;       /* the TCP responder plays the client */
    bool swap;          /* what the carrier's server sends is the child's client's (reverse, and BIND) */
    bool by_carrier;    /* the handshake names no target: the carrier's server stands in */
    bool rewritten;     /* the proxy's other leg has other bytes than the child: they can't be compared */
    uint8_t relay;      /* enum relay_claim */
    uint8_t proto;      /* of the child: 6, or 17 for datagrams; 0 is 6 */
    uint32_t channel;   /* which of the flow's tunnels: bytes and close name it. 0 where all bytes are the tunnel's */
    struct addr addr;   /* target, ADDR_NONE if asked by name */
    uint16_t port;
    struct addr client; /* the real client where a header names one; ADDR_NONE: the carrier's */
    uint16_t client_port;
    const char *host; /* target's name; NULL if asked by address */
    size_t host_len;
    const char *user; /* NULL if none was given */
    size_t user_len;
    int reply_code;    /* SOCKS reply or HTTP status; -1: none was seen */
    const char *reply; /* its text; NULL: none */
    size_t reply_len;
    uint64_t start_ns;     /* when it was asked for */
    const char *unique_id; /* what whoever sent a header calls the connection; NULL: nothing. Any bytes */
    size_t unique_id_len;
};

/* An address that a DNS answer gave for a name. Only from answers that match a query that was seen. */
struct name_answer {
    const char *name; /* as asked (a CNAME chain is followed by the parser), lower case, no final dot */
    size_t name_len;
    struct addr addr;
    uint32_t ttl; /* seconds, least of the chain */
};

/* A SOCKS server told a client where to send its datagrams (RFC 1928 section 7). */
struct relay_offer {
    struct addr client; /* who may use it */
    struct addr relay;
    uint16_t port;
    const char *user; /* NULL if none was given */
    size_t user_len;
};

struct note {
    struct note *next;
    enum note_kind kind;
    union {
        struct tunnel_offer tunnel; /* strings point into this allocation */
        struct {
            enum flow_dir dir; /* the carrier's */
            uint32_t channel;
            uint32_t gap; /* bytes missing before these */
            uint32_t len;
            bool eof;                /* no more will come in this direction */
            const uint8_t *borrowed; /* the bytes, inside the packet that has the note; NULL: they are in `data` */
        } bytes;
        uint32_t channel; /* NOTE_CLOSE: this tunnel is over, its carrier goes on */
        struct name_answer name;
        struct relay_offer relay;
    };
    uint8_t data[];
};

/* New notes, NULL when memory is short. */
struct note *note_tunnel(const struct tunnel_offer *offer);
struct note *note_bytes(uint32_t channel, enum flow_dir dir, const uint8_t *p, uint32_t len);
struct note *note_borrowed(uint32_t channel, enum flow_dir dir, const uint8_t *p, uint32_t len);
struct note *note_close(uint32_t channel);
struct note *note_name(const struct name_answer *answer);
struct note *note_relay(const struct relay_offer *offer);

/* Append to an item's list. */
void note_append(struct item *item, struct note *note);

void note_free_all(struct note *first);

#endif
