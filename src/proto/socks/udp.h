/* Inside the SOCKS room: the datagrams between a client and its UDP relay (RFC 1928 section 7).
 *
 * Each has a header that says where its payload goes, or came from. A relay's flow carries a session for each such
 * target: a name or an address with a port. */
#ifndef BURROW_PROTO_SOCKS_UDP_H
#define BURROW_PROTO_SOCKS_UDP_H

#include "core/buf.h"
#include "proto/proto.h"
#include "proto/socks/address.h"

/* Targets of one flow that are followed: event too_many_targets at the limit, and what goes to others is not followed.
 * While it may be no relay at all there are fewer. */
#define SOCKS_TARGETS_MAX    512u
#define SOCKS_TARGETS_UNSURE 32u
#define SOCKS_TARGET_BUCKETS 32u

/* Payload of a datagram in fragments, and how long its fragments wait: the reassembly timer, no less than 5 s. */
#define SOCKS_FRAGMENTS_MAX 16384u
#define SOCKS_FRAGMENTS_NS  (10 * UINT64_C(1000000000))

/* FRAG: the high bit ends a sequence, the others are the position in it from 1 on; 0 stands alone. */
#define SOCKS_FRAG_END      0x80
#define SOCKS_FRAG_POSITION 0x7f

struct socks_datagram {
    uint8_t frag;
    struct socks_address target;
    const uint8_t *payload;
    size_t len;
};

/* Read a datagram. False: it has no such header. A name that is an address counts as that address, an IPv4 address
 * inside an IPv6 one as itself. */
bool socks_datagram_read(struct socks_datagram *d, const uint8_t *p, size_t len);

/* Could a client mean this target? */
bool socks_target_plausible(const struct socks_address *a);

/* Is this a host's full name, which no chance makes? */
bool socks_target_named(const struct socks_address *a);

/* Is the payload what a well-known protocol sends? Those that chance does not make. */
bool socks_payload_known(const uint8_t *p, size_t len, uint16_t port);

enum proto_probe_result socks_udp_probe(const struct proto_probe *p);

/* A session of the relay. */
struct socks_target {
    struct socks_target *next;       /* of all, the newest first */
    struct socks_target *next_named; /* of its bucket, if asked by name */
    struct socks_target *next_bound; /* of its bucket, once it has an address */
    uint32_t channel;
    uint16_t port;
    struct addr addr;  /* as asked; of a name: where its answers come from, ADDR_NONE until one came */
    uint64_t asked;    /* when it was asked last, in datagrams of the flow; 0: never */
    uint64_t answered; /* likewise */
    uint8_t host_len;  /* 0: asked by address */
    char host[];
};

/* Begins zeroed. */
struct socks_targets {
    struct socks_target *all;
    struct socks_target *named[SOCKS_TARGET_BUCKETS];
    struct socks_target *bound[SOCKS_TARGET_BUCKETS];
    uint32_t count; /* also the last channel */
    uint64_t clock; /* datagrams so far */
};

void socks_targets_fini(struct socks_targets *t);

/* Where a datagram of the client goes. NULL: a new one. */
struct socks_target *socks_targets_asked(struct socks_targets *t, const struct socks_address *a);

/* Whose answer a datagram of the relay is; a name that was asked and had no answer is bound to its address. NULL: it
 * answers nothing. */
struct socks_target *socks_targets_answering(struct socks_targets *t, const struct socks_address *a);

/* A new one. NULL: memory is short. */
struct socks_target *socks_targets_add(struct socks_targets *t, const struct socks_address *a);

/* The reassembly queue of one receiver. Begins zeroed. */
struct socks_queue {
    uint8_t highest; /* position of the last fragment; 0: the queue is empty */
    uint8_t atyp;
    uint8_t host_len;
    uint16_t port;
    struct addr addr;
    uint64_t since_ns;
    struct buf payload;
    char host[255];
};

enum socks_queued {
    SOCKS_QUEUE_WAIT,  /* more fragments must come */
    SOCKS_QUEUE_WHOLE, /* d is now the whole datagram; its bytes are the queue's until socks_queue_reset */
};

/* Take a datagram, standing alone or not. *dropped is set when fragments, these or earlier ones, are lost by it. */
enum socks_queued socks_queue_take(struct socks_queue *q, struct socks_datagram *d, uint64_t now_ns, bool *dropped);
void socks_queue_reset(struct socks_queue *q);

#endif
