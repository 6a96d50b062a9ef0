#include "item/note.h"

#include <stdlib.h>
#include <string.h>

static struct note *make(enum note_kind kind, size_t data)
{
    struct note *n = malloc(sizeof *n + data);
    if (!n)
        return NULL;
    memset(n, 0, sizeof *n);
    n->kind = kind;
    return n;
}

/* Copy len bytes and a zero to *at; the copy's place is returned, NULL stays NULL. */
static const char *keep(uint8_t **at, const char *p, size_t len)
{
    if (!p)
        return NULL;
    char *to = (char *)*at;
    memcpy(to, p, len);
    to[len] = 0;
    *at += len + 1;
    return to;
}

struct note *note_tunnel(const struct tunnel_offer *offer)
{
    struct note *n = make(NOTE_TUNNEL, offer->host_len + offer->user_len + offer->reply_len + offer->unique_id_len + 4);
    if (!n)
        return NULL;
    uint8_t *at = n->data;
    n->tunnel = *offer;
    n->tunnel.host = keep(&at, offer->host, offer->host_len);
    n->tunnel.user = keep(&at, offer->user, offer->user_len);
    n->tunnel.reply = keep(&at, offer->reply, offer->reply_len);
    n->tunnel.unique_id = keep(&at, offer->unique_id, offer->unique_id_len);
    return n;
}

struct note *note_bytes(uint32_t channel, enum flow_dir dir, const uint8_t *p, uint32_t len)
{
    struct note *n = make(NOTE_BYTES, len);
    if (!n)
        return NULL;
    n->bytes.channel = channel;
    n->bytes.dir = dir;
    n->bytes.len = len;
    if (len)
        memcpy(n->data, p, len);
    return n;
}

struct note *note_borrowed(uint32_t channel, enum flow_dir dir, const uint8_t *p, uint32_t len)
{
    struct note *n = make(NOTE_BYTES, 0);
    if (!n)
        return NULL;
    n->bytes.channel = channel;
    n->bytes.dir = dir;
    n->bytes.len = len;
    n->bytes.borrowed = p;
    return n;
}

struct note *note_close(uint32_t channel)
{
    struct note *n = make(NOTE_CLOSE, 0);
    if (n)
        n->channel = channel;
    return n;
}

struct note *note_relay(const struct relay_offer *offer)
{
    struct note *n = make(NOTE_RELAY, offer->user_len + 1);
    if (!n)
        return NULL;
    uint8_t *at = n->data;
    n->relay = *offer;
    n->relay.user = keep(&at, offer->user, offer->user_len);
    return n;
}

struct note *note_name(const struct name_answer *answer)
{
    struct note *n = make(NOTE_NAME, answer->name_len + 1);
    if (!n)
        return NULL;
    uint8_t *at = n->data;
    n->name = *answer;
    n->name.name = keep(&at, answer->name, answer->name_len);
    return n;
}

void note_append(struct item *item, struct note *note)
{
    note->next = NULL;
    if (item->notes)
        item->last_note->next = note;
    else
        item->notes = note;
    item->last_note = note;
}

void note_free_all(struct note *first)
{
    while (first) {
        struct note *next = first->next;
        free(first);
        first = next;
    }
}
