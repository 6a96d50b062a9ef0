/* Fingerprints that were made lately: a network has few kinds of clients, and each comes again and again. */
#include <stdlib.h>

#include "core/hash.h"
#include "proto/tls/tls_session.h"

#define KEPT_MAX 128 /* places, each of one fingerprint: the newest */
#define KEY_MAX  1024
#define TEXT_MAX 2048 /* of JA3 texts that are kept */

struct kept {
    uint64_t hash;
    uint8_t *key; /* what the fingerprint is made of; NULL: the place is free. The text is behind it */
    size_t key_len;
    struct tls_print print;
};

struct tls_kept {
    uint64_t seed;
    struct kept kept[KEPT_MAX];
};

struct tls_kept *tls_kept_create(void)
{
    struct tls_kept *k = calloc(1, sizeof *k);
    if (k)
        k->seed = (uint64_t)(uintptr_t)k; /* random enough: who makes two collide makes them slow */
    return k;
}

void tls_kept_destroy(struct tls_kept **kept)
{
    struct tls_kept *k = *kept;
    *kept = NULL;
    for (unsigned i = 0; k && i < KEPT_MAX; i++)
        free(k->kept[i].key);
    free(k);
}

/* A key that is being put together, of parts of known length. */
struct key {
    uint8_t bytes[KEY_MAX];
    size_t len;
    bool full;
};

static void add(struct key *k, const void *p, size_t n)
{
    k->full = k->full || n > KEY_MAX - k->len;
    if (k->full || !n)
        return;
    memcpy(k->bytes + k->len, p, n);
    k->len += n;
}

static void add_span(struct key *k, const struct tls_span *s)
{
    uint32_t n = (uint32_t)s->len;
    add(k, &n, sizeof n);
    add(k, s->p, s->len);
}

static void add_types(struct key *k, const struct tls_hello *h)
{
    uint16_t types[TLS_HELLO_ITEMS_MAX];
    uint32_t n = tls_extension_types(h, types);
    add(k, &n, sizeof n);
    add(k, types, n * sizeof types[0]);
}

/* All that tls_ja3_text and tls_ja4, or tls_ja3s_text, look at. */
static void make_key(struct key *k, const struct tls_hello *h, bool client)
{
    const uint16_t head[] = {client, h->version, h->selected, h->cipher, h->has_sni};
    k->len = 0;
    k->full = false;
    add(k, head, sizeof head);
    add_types(k, h);
    if (!client)
        return;
    add_span(k, &h->ciphers);
    add_span(k, &h->groups);
    add_span(k, &h->formats);
    add_span(k, &h->sig_algs);
    add_span(k, &h->versions);
    add_span(k, &h->alpn);
}

/* Without one, ja3_len is 0. */
static void make_print(struct tls_print *p, const struct tls_hello *h, bool client, char text[TLS_JA3_MAX])
{
    p->ja3 = text;
    p->ja3_len = client ? tls_ja3_text(h, text) : tls_ja3s_text(h, text);
    p->ja3_hash[0] = p->ja4[0] = 0;
    if (p->ja3_len)
        tls_ja3_hash(text, p->ja3_len, p->ja3_hash);
    if (client)
        tls_ja4(h, p->ja4);
}

/* In place of what was there. Nothing without memory. */
static void keep(struct kept *to, uint64_t hash, const struct key *k, const struct tls_print *p)
{
    uint8_t *memory = malloc(k->len + p->ja3_len);
    if (!memory)
        return;
    memcpy(memory, k->bytes, k->len);
    memcpy(memory + k->len, p->ja3, p->ja3_len);
    free(to->key);
    *to = (struct kept){.hash = hash, .key = memory, .key_len = k->len, .print = *p};
    to->print.ja3 = (const char *)memory + k->len;
}

void tls_print_of(struct tls_kept *kept, const struct tls_hello *h, bool client, char text[TLS_JA3_MAX],
                  struct tls_print *out)
{
    struct key k;
    bool plain = kept && h->bytes && !h->sslv2 && !h->malformed && !h->too_many; /* others have no fingerprint */
    if (plain)
        make_key(&k, h, client);
    if (!plain || k.full) {
        make_print(out, h, client, text);
        return;
    }
    uint64_t hash = hash_bytes(k.bytes, k.len, kept->seed);
    struct kept *at = &kept->kept[hash % KEPT_MAX];
    if (at->key && at->hash == hash && at->key_len == k.len && memcmp(at->key, k.bytes, k.len) == 0) {
        *out = at->print;
        return;
    }
    make_print(out, h, client, text);
    if (out->ja3_len && out->ja3_len <= TEXT_MAX)
        keep(at, hash, &k, out);
}
