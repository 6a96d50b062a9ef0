#include "decap/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/hash.h"

#define NAMES_BUCKETS 4096u

/* A TTL of less than this is taken as this: the connection comes after the answer, if only by a moment. */
#define TTL_LEAST_S 1u

/* One answer, on its way to a lane. */
struct name_news {
    struct news news; /* first */
    uint64_t time_ns;
    uint32_t ttl;
    struct addr addr;
    struct addr client;
    uint64_t realm;
    uint16_t len;
    char name[];
};

struct name_version {
    struct name_version *older;
    uint64_t number;
    uint64_t until_ns;
    struct addr addr;
};

/* What is known of one name by one client (ADDR_NONE: by anyone), in one family. */
struct name_entry {
    struct name_entry *hash_next;
    struct name_entry *older;
    struct name_entry *newer;
    struct name_version *newest;
    uint64_t hash;
    struct addr client;
    uint64_t realm;
    uint8_t family;
    uint16_t len;
    char name[];
};

int names_init(struct names *n, struct lanes_shared *lanes, unsigned lane, uint64_t memcap, uint64_t seed)
{
    *n = (struct names){.lanes = lanes, .lane = lane, .memcap = memcap, .seed = seed};
    n->buckets = calloc(NAMES_BUCKETS, sizeof *n->buckets);
    return n->buckets ? 0 : -ENOMEM;
}

static void unlink_age(struct names *n, struct name_entry *e)
{
    if (e->older)
        e->older->newer = e->newer;
    else
        n->oldest = e->newer;
    if (e->newer)
        e->newer->older = e->older;
    else
        n->newest = e->older;
}

static void link_newest(struct names *n, struct name_entry *e)
{
    e->older = n->newest;
    e->newer = NULL;
    if (n->newest)
        n->newest->newer = e;
    else
        n->oldest = e;
    n->newest = e;
}

static void free_versions(struct names *n, struct name_version *v)
{
    while (v) {
        struct name_version *older = v->older;
        n->memory -= sizeof *v;
        free(v);
        v = older;
    }
}

static void forget(struct names *n, struct name_entry *e)
{
    struct name_entry **at = &n->buckets[e->hash % NAMES_BUCKETS];
    while (*at != e)
        at = &(*at)->hash_next;
    *at = e->hash_next;
    unlink_age(n, e);
    free_versions(n, e->newest);
    n->memory -= sizeof *e + e->len;
    n->count--;
    free(e);
}

void names_fini(struct names *n)
{
    if (!n->buckets)
        return;
    while (n->oldest)
        forget(n, n->oldest);
    free(n->buckets);
    n->buckets = NULL;
}

/* Whose answer: of a client, or of anyone (ADDR_NONE), in a realm, and of which family. */
struct asker {
    const struct addr *client;
    uint64_t realm;
    uint8_t family;
};

static uint64_t hash_of(const struct names *n, const char *name, size_t len, const struct asker *a)
{
    uint64_t h = hash_bytes(name, len, n->seed ^ a->family ^ a->realm);
    return hash_mix(h ^ a->client->q[0], a->client->q[1] ^ a->client->family);
}

static struct name_entry *find(const struct names *n, const char *name, size_t len, const struct asker *a)
{
    uint64_t h = hash_of(n, name, len, a);
    for (struct name_entry *e = n->buckets[h % NAMES_BUCKETS]; e; e = e->hash_next)
        if (e->hash == h && e->len == len && e->family == a->family && e->realm == a->realm &&
            addr_equal(&e->client, a->client) && memcmp(e->name, name, len) == 0)
            return e;
    return NULL;
}

static struct name_entry *find_or_make(struct names *n, const char *name, size_t len, const struct asker *a)
{
    struct name_entry *e = find(n, name, len, a);
    if (e) {
        unlink_age(n, e);
        link_newest(n, e);
        return e;
    }
    size_t need = sizeof *e + len + sizeof(struct name_version);
    while (n->oldest && n->memory + need > n->memcap) {
        forget(n, n->oldest);
        n->evicted++;
    }
    if (n->memory + need > n->memcap)
        return NULL;
    e = calloc(1, sizeof *e + len);
    if (!e)
        return NULL;
    e->hash = hash_of(n, name, len, a);
    e->client = *a->client;
    e->realm = a->realm;
    e->family = a->family;
    e->len = (uint16_t)len;
    memcpy(e->name, name, len);
    e->hash_next = n->buckets[e->hash % NAMES_BUCKETS];
    n->buckets[e->hash % NAMES_BUCKETS] = e;
    link_newest(n, e);
    n->memory += sizeof *e + len;
    n->count++;
    return e;
}

bool names_at_once(const struct flow_key *key, uint32_t depth)
{
    return depth == 0 || (depth == 1 && key->dport == 53);
}

/* Versions are kept by number, newest first; the first address that a packet gave counts. What no question to come can
 * reach (an older one is done everywhere) goes. */
static void add_version(struct names *n, struct name_entry *e, const struct name_news *news, uint64_t low)
{
    struct name_version **at = &e->newest;
    while (*at && (*at)->number > news->news.number)
        at = &(*at)->older;
    if (*at && (*at)->number == news->news.number)
        return;
    while (n->memory + sizeof(struct name_version) > n->memcap && n->oldest != e) {
        forget(n, n->oldest);
        n->evicted++;
    }
    struct name_version *v = malloc(sizeof *v);
    if (!v)
        return;
    uint32_t ttl = news->ttl > TTL_LEAST_S ? news->ttl : TTL_LEAST_S;
    *v = (struct name_version){
        .older = *at, .number = news->news.number, .until_ns = news->time_ns + ttl * NS_PER_S, .addr = news->addr};
    *at = v;
    n->memory += sizeof *v;
    for (v = e->newest; v; v = v->older)
        if (v->number <= low) {
            free_versions(n, v->older);
            v->older = NULL;
            break;
        }
}

void names_take(struct names *n, const struct news *from, uint64_t low)
{
    static const struct addr anyone = {.family = ADDR_NONE};
    const struct name_news *news = (const struct name_news *)from;
    const struct asker client = {&news->client, news->realm, news->addr.family};
    const struct asker others = {&anyone, news->realm, news->addr.family};
    struct name_entry *e = find_or_make(n, news->name, news->len, &client);
    if (e)
        add_version(n, e, news, low);
    e = find_or_make(n, news->name, news->len, &others);
    if (e)
        add_version(n, e, news, low);
}

size_t names_fold(const char *name, size_t len, char out[NAME_LEN_MAX])
{
    if (len && name[len - 1] == '.')
        len--;
    if (len > NAME_LEN_MAX)
        return 0;
    for (size_t i = 0; i < len; i++)
        out[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + 32) : name[i];
    return len;
}

void names_learn(struct names *n, const struct name_answer *answer, const struct addr *client, uint64_t realm,
                 uint64_t number, uint64_t time_ns)
{
    char name[NAME_LEN_MAX];
    size_t len = names_fold(answer->name, answer->name_len, name);
    if (!len)
        return;
    for (unsigned i = 0; i < n->lanes->count; i++) {
        struct name_news *news = calloc(1, sizeof *news + len);
        if (!news)
            return;
        news->news = (struct news){.number = number, .kind = NEWS_NAME};
        news->time_ns = time_ns;
        news->ttl = answer->ttl;
        news->addr = answer->addr;
        news->client = *client;
        news->realm = realm;
        news->len = (uint16_t)len;
        memcpy(news->name, name, len);
        news_send(n->lanes, i, &news->news);
    }
}

static bool valid(const struct name_entry *e, uint64_t number, uint64_t time_ns, struct addr *out)
{
    if (!e)
        return false;
    const struct name_version *v = e->newest;
    while (v && v->number >= number)
        v = v->older;
    if (!v || time_ns > v->until_ns)
        return false;
    *out = v->addr;
    return true;
}

bool names_find(const struct names *n, const char *text, size_t text_len, const struct addr *client, uint64_t realm,
                uint64_t number, uint64_t time_ns, struct addr *out)
{
    static const struct addr anyone = {.family = ADDR_NONE};
    char name[NAME_LEN_MAX];
    size_t len = names_fold(text, text_len, name);
    if (!len)
        return false;
    const struct asker own = {client, realm, client->family}, others = {&anyone, realm, client->family};
    return valid(find(n, name, len, &own), number, time_ns, out) ||
           valid(find(n, name, len, &others), number, time_ns, out);
}

struct addr names_placeholder(const char *text, size_t text_len, const struct addr *prefix, unsigned bits)
{
    char name[NAME_LEN_MAX];
    size_t len = names_fold(text, text_len, name);
    uint64_t h[2] = {hash_bytes(name, len, 0), hash_bytes(name, len, 1)};
    struct addr a = *prefix;
    unsigned all = prefix->family == ADDR_V4 ? 32 : 128;
    const uint8_t *noise = (const uint8_t *)h;
    for (unsigned bit = bits; bit < all; bit++) {
        uint8_t mask = (uint8_t)(0x80 >> (bit & 7));
        a.b[bit / 8] = (uint8_t)((a.b[bit / 8] & ~mask) | (noise[bit / 8] & mask));
    }
    /* Neither the network nor the broadcast address of its last octet. */
    uint8_t *last = &a.b[all / 8 - 1];
    if (bits <= all - 8 && (*last == 0 || *last == 255))
        *last = 1;
    return a;
}
