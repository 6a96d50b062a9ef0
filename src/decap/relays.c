#include "decap/relays.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

struct relay_news {
    struct news news; /* first */
    bool over;
    bool carried;
    uint64_t now_ns; /* of the packet */
    uint64_t control_flow_id;
    uint64_t realm;
    struct addr client;
    struct addr server;
    struct addr relay;
    uint16_t port;
    uint8_t user_len;
    char user[];
};

void relays_init(struct relays *r, struct lanes_shared *lanes)
{
    *r = (struct relays){.lanes = lanes};
}

/* By the client, too: a server may announce one port to all. */
static struct relay **bucket_of(const struct relays *r, const struct addr *client, const struct addr *relay,
                                uint16_t port)
{
    uint64_t h = hash_mix(relay->q[0] ^ relay->q[1] ^ port, client->q[0] ^ client->q[1]);
    return (struct relay **)(uintptr_t)&r->buckets[h % RELAY_BUCKETS];
}

static void forget(struct relays *r, struct relay *e)
{
    struct relay **at = bucket_of(r, &e->client, &e->relay, e->port);
    while (*at != e)
        at = &(*at)->hash_next;
    *at = e->hash_next;
    if (e->older)
        e->older->newer = e->newer;
    else
        r->oldest = e->newer;
    if (e->newer)
        e->newer->older = e->older;
    else
        r->newest = e->older;
    r->count--;
    free(e);
}

void relays_fini(struct relays *r)
{
    while (r->oldest)
        forget(r, r->oldest);
}

static void tell(struct relays *r, const struct relay_offer *o, const struct flow_ref *control, uint64_t number,
                 uint64_t now_ns, bool over)
{
    size_t user_len = o->user_len > RELAY_USER_MAX ? RELAY_USER_MAX : o->user_len;
    for (unsigned i = 0; i < r->lanes->count; i++) {
        struct relay_news *n = calloc(1, sizeof *n + user_len + 1);
        if (!n)
            return;
        n->news = (struct news){.number = number, .kind = NEWS_RELAY};
        n->over = over;
        n->carried = control->link != NULL;
        n->now_ns = now_ns;
        n->control_flow_id = control->id;
        n->realm = flow_realm(control);
        n->server = control->key.dst;
        n->client = o->client;
        n->relay = o->relay;
        n->port = o->port;
        n->user_len = (uint8_t)user_len;
        if (user_len)
            memcpy(n->user, o->user, user_len);
        news_send(r->lanes, i, &n->news);
    }
}

void relays_learn(struct relays *r, const struct relay_offer *offer, const struct flow_ref *control, uint64_t number)
{
    tell(r, offer, control, number, 0, false);
}

void relays_end(struct relays *r, const struct relay_offer *offer, const struct flow_ref *control, uint64_t number,
                uint64_t now_ns)
{
    tell(r, offer, control, number, now_ns, true);
}

static void add(struct relays *r, const struct relay_news *n)
{
    struct relay *e = calloc(1, sizeof *e + n->user_len + 1);
    if (!e)
        return;
    e->number = n->news.number;
    e->until = UINT64_MAX;
    e->control_flow_id = n->control_flow_id;
    e->realm = n->realm;
    e->client = n->client;
    e->server = n->server;
    e->relay = n->relay;
    e->port = n->port;
    e->carried = n->carried;
    e->user_len = n->user_len;
    memcpy(e->user, n->user, n->user_len);
    struct relay **at = bucket_of(r, &e->client, &e->relay, e->port);
    e->hash_next = *at;
    *at = e;
    e->older = r->newest;
    if (r->newest)
        r->newest->newer = e;
    else
        r->oldest = e;
    r->newest = e;
    if (++r->count > RELAYS_MAX) {
        forget(r, r->oldest);
        r->evicted++;
    }
}

void relays_take(struct relays *r, const struct news *news)
{
    const struct relay_news *n = (const struct relay_news *)news;
    if (!n->over) {
        add(r, n);
        return;
    }
    for (struct relay *e = *bucket_of(r, &n->client, &n->relay, n->port); e; e = e->hash_next)
        if (e->control_flow_id == n->control_flow_id && addr_equal(&e->relay, &n->relay) && e->port == n->port) {
            e->until = n->news.number;
            e->until_now_ns = n->now_ns;
        }
}

static bool fits(const struct relay *e, uint64_t realm, const struct addr *client, const struct addr *relay,
                 uint16_t port, uint64_t number)
{
    return e->port == port && e->realm == realm && e->number < number && e->until >= number &&
           addr_equal(&e->relay, relay) && addr_equal(&e->client, client);
}

const struct relay *relays_find(const struct relays *r, uint64_t realm, const struct addr *client,
                                const struct addr *relay, uint16_t port, uint64_t number)
{
    const struct relay *best = NULL;
    for (const struct relay *e = *bucket_of(r, client, relay, port); e; e = e->hash_next)
        if (fits(e, realm, client, relay, port, number) && (!best || e->number > best->number))
            best = e;
    return best;
}

bool relay_same_pair(const struct relay *relay)
{
    return !relay->carried && addr_equal(&relay->server, &relay->relay);
}

const struct relay *relays_over(const struct relays *r, uint64_t realm, const struct addr *client,
                                const struct addr *relay, uint16_t port, uint64_t number)
{
    const struct relay *last = NULL;
    for (const struct relay *e = *bucket_of(r, client, relay, port); e; e = e->hash_next)
        if (relay_same_pair(e) && fits(e, realm, client, relay, port, number) && (!last || e->until > last->until))
            last = e;
    return last && last->until != UINT64_MAX ? last : NULL;
}
