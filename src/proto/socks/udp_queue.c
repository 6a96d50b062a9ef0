/* Datagrams in fragments (RFC 1928 section 7). A fragment that is not the next one ends the sequence: what a receiver
 * would make of it is not said, and a datagram with a hole is none. */
#include "proto/socks/udp.h"

void socks_queue_reset(struct socks_queue *q)
{
    buf_fini(&q->payload);
    q->highest = 0;
}

static struct socks_address target_of(const struct socks_queue *q)
{
    return (struct socks_address){.atyp = q->atyp,
                                  .host_len = q->host_len,
                                  .port = q->port,
                                  .addr = q->addr,
                                  .host = q->host_len ? q->host : NULL};
}

static bool same_target(const struct socks_queue *q, const struct socks_address *a)
{
    return q->port == a->port && addr_equal(&q->addr, &a->addr) && q->host_len == a->host_len &&
           (a->host_len == 0 || memcmp(q->host, a->host, a->host_len) == 0);
}

static void begin(struct socks_queue *q, const struct socks_datagram *d, uint64_t now_ns)
{
    const struct socks_address *a = &d->target;
    q->atyp = a->atyp;
    q->port = a->port;
    q->addr = a->addr;
    q->host_len = a->host_len;
    if (a->host_len > 0)
        memcpy(q->host, a->host, a->host_len);
    q->since_ns = now_ns;
    buf_init(&q->payload, SOCKS_FRAGMENTS_MAX);
}

enum socks_queued socks_queue_take(struct socks_queue *q, struct socks_datagram *d, uint64_t now_ns, bool *dropped)
{
    uint8_t position = d->frag & SOCKS_FRAG_POSITION;
    bool late = q->highest != 0 && now_ns > q->since_ns && now_ns - q->since_ns > SOCKS_FRAGMENTS_NS;
    /* "a new datagram arrives carrying a FRAG field whose value is less than the highest": 0 is */
    if (q->highest != 0 && (late || position < q->highest)) {
        socks_queue_reset(q);
        *dropped = true;
    }
    if (d->frag == 0)
        return SOCKS_QUEUE_WHOLE;
    if (q->highest != 0 && position == q->highest) {
        *dropped = true;
        if (position > 1) /* the same once more */
            return SOCKS_QUEUE_WAIT;
        socks_queue_reset(q); /* the beginning of the next, if not this one's: then it is as good */
    }
    bool next = position == q->highest + 1 && (q->highest == 0 || same_target(q, &d->target));
    if (next && q->highest == 0)
        begin(q, d, now_ns);
    if (!next || !buf_add(&q->payload, d->payload, d->len)) {
        socks_queue_reset(q);
        *dropped = true;
        return SOCKS_QUEUE_WAIT;
    }
    q->highest = position;
    if (!(d->frag & SOCKS_FRAG_END))
        return SOCKS_QUEUE_WAIT;
    d->frag = 0;
    d->target = target_of(q);
    d->payload = q->payload.data;
    d->len = q->payload.len;
    return SOCKS_QUEUE_WHOLE;
}
