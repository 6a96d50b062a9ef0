#include "decap/lookup.h"

#include <stdlib.h>
#include <string.h>

void lookups_init(struct lookups *l, struct lanes_shared *lanes, uint32_t most, void (*wake)(struct lookups *l))
{
    *l = (struct lookups){.most = most, .lanes = lanes, .wake = wake};
    inbox_init(&l->questions);
    atomic_init(&l->out, 0);
}

#define HOST_NAME_MAX_LEN 253u
#define HOST_LABEL_MAX    63u

bool lookup_name_ok(const char *name, size_t len)
{
    size_t label = 0;
    if (len > HOST_NAME_MAX_LEN)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (c == '.' && label == 0)
            return false;
        if (c != '.' && !letter && c != '-' && c != '_')
            return false;
        label = c == '.' ? 0 : label + 1;
        if (label > HOST_LABEL_MAX)
            return false;
    }
    return label != 0;
}

/* One more is out, if that may be. */
static bool count_out(struct lookups *l)
{
    uint32_t out = atomic_load_explicit(&l->out, memory_order_relaxed);
    while (out < l->most)
        if (atomic_compare_exchange_weak_explicit(&l->out, &out, out + 1, memory_order_relaxed, memory_order_relaxed))
            return true;
    return false;
}

struct lookup *lookup_ask(struct lookups *l, unsigned lane, const char *name, size_t len, enum addr_family family,
                          enum lookup_result *result)
{
    char folded[NAME_LEN_MAX];
    len = names_fold(name, len, folded);
    *result = LOOKUP_NONE;
    if (!len || !lookup_name_ok(folded, len))
        return NULL;
    *result = LOOKUP_LIMIT;
    if (!count_out(l))
        return NULL;
    struct lookup *k = calloc(1, sizeof *k);
    if (!k) {
        atomic_fetch_sub_explicit(&l->out, 1, memory_order_relaxed);
        return NULL;
    }
    k->news.kind = NEWS_LOOKUP;
    k->lane = lane;
    k->family = (uint8_t)family;
    k->len = (uint8_t)len;
    memcpy(k->name, folded, len);
    inbox_push(&l->questions, &k->news.node);
    l->wake(l);
    return k;
}

void lookup_take(struct lookups *l, struct news *news)
{
    struct lookup *k = (struct lookup *)news;
    k->back = true;
    atomic_fetch_sub_explicit(&l->out, 1, memory_order_relaxed);
}

void lookup_answer(struct lookups *l, struct lookup *k)
{
    news_send(l->lanes, k->lane, &k->news);
}
