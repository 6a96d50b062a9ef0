#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "output/output_private.h"
#include "output/record.h"

#define CHUNK_ROOM (OUTPUT_CHUNK + 16 * 1024) /* a usual record fits behind a chunk that is almost full */
#define WAIT_NS    50000

static bool wanted(const struct event_sink *face, const char *type)
{
    const struct output *o = ((const struct sink *)face)->output;
    return o->log_count && settings_eve_type_enabled(o->settings, type);
}

static bool has_type(const struct output_log *log, const char *type)
{
    const struct settings_eve_type *t = settings_eve_type(log->settings, type);
    return t && t->enabled;
}

/* Does one of several logs want the event? Records go by other names than some types. */
static bool log_wants(const struct output *o, unsigned log, const struct event *e)
{
    const struct output_log *l = &o->logs[log];
    if (e->not_in >> log & 1)
        return false;
    if (o->log_count == 1)
        return true;
    if (strcmp(e->type, "fileinfo") == 0)
        return has_type(l, "files");
    if (strcmp(e->type, "packet") == 0)
        return has_type(l, "alert");
    bool http2 = strcmp(e->type, "http") == 0 && e->app_proto && strcmp(e->app_proto, "http2") == 0;
    return has_type(l, e->type) || (http2 && has_type(l, "http2"));
}

static struct chunk *chunk_make(struct sink *s)
{
    struct chunk *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    s->made++;
    return c;
}

/* An empty chunk, NULL if there is none now. */
static struct chunk *chunk_get(struct sink *s)
{
    void *c;
    if (ring_pop(&s->empty, &c, 1) == 1)
        return c;
    return s->made < OUTPUT_CHUNKS ? chunk_make(s) : NULL;
}

static void wait_for_writer(void)
{
    struct timespec ts = {.tv_nsec = WAIT_NS};
    nanosleep(&ts, NULL);
}

/* Give the current chunk away. False: there is no other, and it stays. */
static bool hand_over(struct sink *s, bool wait)
{
    if (s->output->mode == OUTPUT_DIRECT) {
        output_write_chunk(s->output, s->current);
        return true;
    }
    struct chunk *next = chunk_get(s);
    while (!next && wait) {
        wait_for_writer();
        next = chunk_get(s);
    }
    if (!next)
        return false;
    void *full = s->current;
    ring_push(&s->full, &full, 1); /* never full: it holds all of the sink's chunks */
    s->current = next;
    return true;
}

/* For the closing summary, whether the record itself is wanted or not. */
static void note_tunnel_record(struct sink *s, const struct event *e)
{
    const struct flow_key *k = &e->flow->key;
    if (!s->summary && (s->summary = malloc(sizeof *s->summary)))
        summary_init(s->summary);
    if (s->summary)
        summary_tunnel(s->summary, e->tunnel->type, e->tunnel->status, e->tunnel->depth, &k->dst, k->dport,
                       e->tunnel->target, strlen(e->tunnel->target));
}

void output_summary(const struct output *o, struct summary *into)
{
    for (size_t i = 0; i < o->sink_count; i++)
        if (o->sinks[i]->summary)
            summary_merge(into, o->sinks[i]->summary);
}

static bool is_full(const struct chunk *c, unsigned logs)
{
    for (unsigned i = 0; i < logs; i++)
        if (c->text[i].len >= OUTPUT_CHUNK)
            return true;
    return c->fast.len >= OUTPUT_CHUNK;
}

static struct record_options record_options_of(const struct output *o, unsigned log)
{
    const struct settings_eve *eve = settings_eve_log(o->settings, log);
    return (struct record_options){
        .log = (uint8_t)log,
        .community_id = eve->community_id,
        .community_id_seed = eve->community_id_seed,
        .ethernet = eve->ethernet,
        .capture_name = eve->pcap_file ? atomic_load_explicit(&o->capture_name, memory_order_relaxed) : NULL,
    };
}

static bool format(struct event_sink *face, const struct event *e, struct buf *out)
{
    struct record_options options = record_options_of(((struct sink *)face)->output, 0);
    out->cap = out->len + OUTPUT_RECORD_MAX;
    return record_write(out, &options, e);
}

static void write_record(struct sink *s, const struct event *e, unsigned log)
{
    struct output *o = s->output;
    struct buf *text = &s->current->text[log];
    struct record_options options = record_options_of(o, log);
    text->cap = text->len + OUTPUT_RECORD_MAX;
    bool ok = buf_reserve(text, text->data ? 0 : CHUNK_ROOM) && record_write(text, &options, e);
    counter_add(s->counters, ok ? o->records_counter : o->too_long_counter, 1);
}

static void emit(struct event_sink *face, const struct event *e)
{
    struct sink *s = (struct sink *)face;
    struct output *o = s->output;
    if (e->tunnel)
        note_tunnel_record(s, e);
    bool record = o->log_count && ((!e->tunnel && !e->alert) || wanted(face, e->type));
    if (!record && !e->alert)
        return;
    if (is_full(s->current, o->log_count) &&
        !hand_over(s, o->mode == OUTPUT_WAIT)) { /* no other chunk when it became full */
        counter_add(s->counters, o->dropped_counter, 1);
        return;
    }
    if (e->alert)
        output_fast_add(s, e);
    for (unsigned i = 0; record && i < o->log_count; i++)
        if (log_wants(o, i, e))
            write_record(s, e, i);
    if (is_full(s->current, o->log_count))
        hand_over(s, o->mode == OUTPUT_WAIT);
}

void output_sink_flush(struct event_sink *face)
{
    struct sink *s = (struct sink *)face;
    bool any = s->current->fast.len;
    for (unsigned i = 0; i < s->output->log_count; i++)
        any |= s->current->text[i].len > 0;
    if (any)
        hand_over(s, s->output->mode == OUTPUT_WAIT);
}

struct event_sink *output_sink_create(struct output *o, struct counters *c)
{
    if (o->sink_count == OUTPUT_SINKS_MAX)
        return NULL;
    struct sink *s = aligned_alloc(CACHE_LINE, (sizeof *s + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE);
    if (!s)
        return NULL;
    memset(s, 0, sizeof *s);
    s->face = (struct event_sink){.wanted = wanted, .emit = emit, .format = format};
    s->output = o;
    s->counters = c;
    s->current = chunk_make(s);
    bool ok = s->current && ring_init(&s->full, OUTPUT_CHUNKS) == 0 && ring_init(&s->empty, OUTPUT_CHUNKS) == 0;
    if (!ok) {
        free(s->current);
        ring_fini(&s->full);
        ring_fini(&s->empty);
        free(s);
        return NULL;
    }
    o->sinks[o->sink_count++] = s;
    return &s->face;
}

static void forget(struct output *o, const struct sink *s)
{
    for (size_t i = 0; i < o->sink_count; i++) {
        if (o->sinks[i] == s) {
            memmove(&o->sinks[i], &o->sinks[i + 1], (o->sink_count - i - 1) * sizeof o->sinks[0]);
            o->sink_count--;
            return;
        }
    }
}

static void chunk_free(struct chunk *c)
{
    for (unsigned i = 0; i < SETTINGS_EVE_LOGS_MAX; i++)
        buf_fini(&c->text[i]);
    buf_fini(&c->fast);
    free(c);
}

void output_sink_destroy(struct event_sink **face)
{
    struct sink *s = (struct sink *)*face;
    if (!s)
        return;
    void *c;
    free(s->summary);
    while (ring_pop(&s->full, &c, 1) == 1) {
        output_write_chunk(s->output, c);
        chunk_free(c);
    }
    while (ring_pop(&s->empty, &c, 1) == 1)
        chunk_free(c);
    output_write_chunk(s->output, s->current);
    chunk_free(s->current);
    ring_fini(&s->full);
    ring_fini(&s->empty);
    forget(s->output, s);
    free(s);
    *face = NULL;
}
