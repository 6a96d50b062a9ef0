#include "export/ports.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

#define HINTS      4096u
#define FIRST_ROOM 1024u
#define NOBODY     UINT32_MAX
#define PORT_LEAST 1024u

/* The lower end first, so that both directions are one key. */
struct key {
    uint8_t a[16];
    uint8_t b[16];
    uint16_t a_port;
    uint16_t b_port;
    uint8_t proto;
    uint8_t family;
};

struct entry {
    struct key key;
    uint32_t next; /* in its bucket, NOBODY at the end */
};

struct ports {
    uint32_t most;
    uint32_t room;
    uint32_t count;
    uint32_t oldest; /* once full: the entry to be replaced next */
    struct entry *entries;
    uint32_t *heads; /* room of them, a power of two */
    uint64_t seed;
    uint64_t forgotten;
    uint16_t hint[HINTS]; /* the port to try next, by the ends without the source port; 0: from the top */
};

struct ports *ports_create(uint32_t most)
{
    struct ports *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->most = most;
    p->seed = hash_seed();
    return p;
}

void ports_destroy(struct ports **p)
{
    if (!*p)
        return;
    free((*p)->entries);
    free((*p)->heads);
    free(*p);
    *p = NULL;
}

static struct key key_of(const struct export_ends *e)
{
    struct key k;
    memset(&k, 0, sizeof k);
    int order = addr_compare(&e->src, &e->dst);
    bool swap = order > 0 || (order == 0 && e->sport > e->dport);
    memcpy(k.a, swap ? e->dst.b : e->src.b, 16);
    memcpy(k.b, swap ? e->src.b : e->dst.b, 16);
    k.a_port = swap ? e->dport : e->sport;
    k.b_port = swap ? e->sport : e->dport;
    k.proto = e->proto;
    k.family = e->src.family;
    return k;
}

static uint32_t *head_of(struct ports *p, const struct key *k)
{
    return &p->heads[hash_bytes(k, sizeof *k, p->seed) & (p->room - 1)];
}

static bool used(struct ports *p, const struct key *k)
{
    if (!p->room)
        return false;
    uint32_t at = *head_of(p, k);
    while (at != NOBODY && memcmp(&p->entries[at].key, k, sizeof *k) != 0)
        at = p->entries[at].next;
    return at != NOBODY;
}

static bool grow(struct ports *p)
{
    uint32_t room = p->room ? p->room * 2 : FIRST_ROOM;
    struct entry *entries = realloc(p->entries, room * sizeof *entries);
    if (entries)
        p->entries = entries;
    uint32_t *heads = entries ? malloc(room * sizeof *heads) : NULL;
    if (!heads)
        return false;
    free(p->heads);
    p->heads = heads;
    p->room = room;
    for (uint32_t i = 0; i < room; i++)
        heads[i] = NOBODY;
    for (uint32_t i = 0; i < p->count; i++) {
        uint32_t *head = head_of(p, &entries[i].key);
        entries[i].next = *head;
        *head = i;
    }
    return true;
}

static void forget(struct ports *p, uint32_t i)
{
    uint32_t *at = head_of(p, &p->entries[i].key);
    while (*at != i)
        at = &p->entries[*at].next;
    *at = p->entries[i].next;
    p->forgotten++;
}

static void add(struct ports *p, const struct key *k)
{
    uint32_t i;
    if (p->count < p->most && (p->count < p->room || grow(p))) {
        i = p->count++;
    } else if (p->count) {
        i = p->oldest < p->count ? p->oldest : 0;
        p->oldest = i + 1;
        forget(p, i);
    } else {
        p->forgotten++;
        return;
    }
    uint32_t *head = head_of(p, k);
    p->entries[i] = (struct entry){.key = *k, .next = *head};
    *head = i;
}

bool ports_note(struct ports *p, const struct export_ends *ends)
{
    struct key k = key_of(ends);
    if (used(p, &k))
        return false;
    add(p, &k);
    return true;
}

/* A slot may be shared by several ends, which changes what is tried first and nothing else: its hash has no seed, since
 * what comes of it is written. */
static uint16_t *hint_of(struct ports *p, const struct export_ends *e)
{
    struct export_ends rest = *e;
    rest.sport = 0;
    struct key k = key_of(&rest);
    return &p->hint[hash_bytes(&k, sizeof k, 0) % HINTS];
}

enum ports_result ports_take(struct ports *p, struct export_ends *ends)
{
    if (ports_note(p, ends))
        return PORTS_KEPT;
    uint16_t *hint = hint_of(p, ends);
    struct export_ends e = *ends;
    uint16_t port = *hint ? *hint : UINT16_MAX;
    for (unsigned i = 0; i < PORTS_TRIES; i++) {
        e.sport = port;
        port = port > PORT_LEAST ? (uint16_t)(port - 1) : UINT16_MAX;
        if (ports_note(p, &e)) {
            *hint = port;
            *ends = e;
            return PORTS_CHANGED;
        }
    }
    *hint = port;
    return PORTS_NONE;
}

uint64_t ports_forgotten(const struct ports *p)
{
    return p->forgotten;
}
