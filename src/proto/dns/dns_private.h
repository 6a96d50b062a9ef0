/* Between the files of this room. */
#ifndef BURROW_PROTO_DNS_PRIVATE_H
#define BURROW_PROTO_DNS_PRIVATE_H

#include "proto/dns/dns_message.h"
#include "proto/proto.h"

#define DNS_PENDING_MAX 64 /* queries of a flow that wait for their answer: of more the oldest is forgotten */
#define DNS_PENDING_FEW 2  /* of them most flows have no more */

/* Queries that were seen and not answered yet, as hashes of their id, name, type and class; 0: free. */
struct dns_pending {
    uint64_t few[DNS_PENDING_FEW];
    uint64_t *many; /* DNS_PENDING_MAX, in place of `few`; NULL: those are enough */
    uint64_t seed;  /* of the hashes */
    uint8_t next;   /* the oldest, overwritten next */
};

/* Where a direction of a TCP connection stands. */
struct dns_stream {
    uint32_t skip; /* bytes that are left of a message that can't be had */
    uint32_t held; /* bytes of the message that were seen and are offered again */
    uint32_t need; /* its whole length with its prefix, 0 while unknown */
    bool lost;     /* after a gap: where messages begin is unknown */
};

/* What the eve-log's options for dns say; see dns_options.c. */
struct dns_options {
    uint8_t logs;    /* how many there are */
    uint8_t version; /* 2 or 3 */
    bool requests;
    bool responses;
    bool detailed;                 /* the answers one by one */
    bool grouped;                  /* their values by type */
    const struct conf_node *types; /* types of questions that are of interest: a text or a list; NULL: all */
};

struct dns_state {
    struct proto_txs txs;
    const struct dns_options *options; /* of each EVE log; NULL until the first bytes */
    struct dns_options *own_options;   /* where there are none of the lane's */
    struct dns_stream stream[2];
    uint8_t malformed; /* messages so far */
    bool reversed;
    struct dns_pending pending;
};

/* A message: a request or a response, complete at once. */
struct dns_tx {
    struct proto_tx tx;
    uint16_t count[DNS_SECTIONS]; /* as dns_check left them */
    uint32_t len;
    uint8_t data[]; /* the message */
};

enum proto_probe_result dns_probe(const struct proto_probe *p);

/* Do these bytes of a TCP stream begin with a message, whose length comes first? As any port would be asked. */
enum proto_probe_result dns_probe_stream(const uint8_t *data, size_t len);

/* Those of one EVE log. */
struct dns_options dns_options(const struct settings *settings, unsigned log);
/* Those of a lane, of each EVE log, on the heap. 0 or -ENOMEM. */
int dns_configure(const struct settings *settings, void **out);

/* Is a question of this type of interest? */
bool dns_type_wanted(const struct dns_options *o, uint16_t type);

/* Is a record of this message wanted? The message was checked. */
bool dns_record_wanted(const struct dns_options *o, const struct dns_message *m);

extern const struct proto_buffer dns_buffers[];
extern const struct proto_number dns_numbers[];

void dns_log(const void *state, const struct proto_tx *tx, struct json *j);
/* As in Suricata, alerts have version 3. */
void dns_log_alert(const void *state, const struct proto_tx *tx, struct json *j);

/* Remember a query; report the addresses of a response that answers one. The message was checked. */
void dns_names_query(struct dns_pending *p, const struct dns_message *m);
void dns_names_response(struct dns_pending *p, const struct dns_message *m, struct proto_io *io);
void dns_names_fini(struct dns_pending *p);

#endif
