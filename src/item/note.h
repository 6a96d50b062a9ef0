/* Notes: what app tells decap about a flow, in order, attached to the item that caused them.
 *
 * Heap-allocated by app, freed by decap. Few: a tunnel's opening, refusal or failure, bytes that waited in a parser's
 * buffer when a tunnel opened, and names learned from DNS. */
#ifndef BURROW_ITEM_NOTE_H
#define BURROW_ITEM_NOTE_H

#include "item/flow_ref.h"

enum note_kind { NOTE_TUNNEL, NOTE_BYTES, NOTE_NAME };

enum tunnel_status { TUNNEL_ESTABLISHED, TUNNEL_REFUSED, TUNNEL_INCOMPLETE };

/* What a parser reports of a tunnel that was asked for. Strings are copied by whoever keeps them. */
struct tunnel_offer {
    const char *type;    /* "socks5", "http-connect": a literal, as records have it */
    const char *payload; /* the decap.payload.* section it belongs to: "socks", "http-connect" */
    enum tunnel_status status;
    const char *reason; /* why incomplete: a literal, NULL if the status says enough */
    bool reverse;       /* the TCP responder plays the client */
    struct addr addr;   /* target, ADDR_NONE if asked by name */
    uint16_t port;
    const char *host; /* target's name; NULL if asked by address */
    size_t host_len;
    const char *user; /* NULL if none was given */
    size_t user_len;
    int reply_code;    /* SOCKS reply or HTTP status; -1: none was seen */
    const char *reply; /* its text; NULL: none */
    size_t reply_len;
    uint64_t start_ns; /* when it was asked for */
};

/* An address that a DNS answer gave for a name. Only from answers that match a query that was seen. */
struct name_answer {
    const char *name; /* as asked (a CNAME chain is followed by the parser), lower case, no final dot */
    size_t name_len;
    struct addr addr;
    uint32_t ttl; /* seconds, least of the chain */
};

struct note {
    struct note *next;
    enum note_kind kind;
    union {
        struct tunnel_offer tunnel; /* strings point into this allocation */
        struct {
            enum flow_dir dir;
            uint32_t gap; /* bytes missing before these */
            uint32_t len;
        } bytes; /* followed by the bytes: note_data */
        struct name_answer name;
    };
    uint8_t data[];
};

/* New notes, NULL when memory is short. */
struct note *note_tunnel(const struct tunnel_offer *offer);
struct note *note_bytes(enum flow_dir dir, uint32_t gap, const uint8_t *p, uint32_t len);
struct note *note_name(const struct name_answer *answer);

/* Append to an item's list (short: walked). */
void note_append(struct item *item, struct note *note);

void note_free_all(struct note *first);

#endif
