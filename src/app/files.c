#include "app/session.h"

#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <strings.h>

#include "app/alert.h"
#include "config/conf.h"

struct file_hash {
    struct md5_ctx md5;
    struct sha1_ctx sha1;
    struct sha256_ctx sha256;
};

static uint8_t hash_of(const char *name)
{
    return strcasecmp(name, "md5") == 0      ? PROTO_FILE_MD5
           : strcasecmp(name, "sha1") == 0   ? PROTO_FILE_SHA1
           : strcasecmp(name, "sha256") == 0 ? PROTO_FILE_SHA256
                                             : 0;
}

/* force-hash: a list, or a text. */
static uint8_t hashes_of(const struct conf_node *options)
{
    uint8_t hashes = 0;
    const struct conf_node *list = options ? conf_find(options, "force-hash") : NULL;
    for (const struct conf_node *n = list ? list->first : NULL; n; n = n->next)
        hashes |= n->text ? hash_of(n->text) : 0;
    if (list && list->kind == CONF_SCALAR && list->text)
        hashes |= hash_of(list->text);
    return hashes;
}

/* What the record's type asks for. */
static void read_options(struct app_files *f, const struct settings *s)
{
    for (size_t i = 0; i < s->eve.type_count; i++) {
        const struct settings_eve_type *t = &s->eve.types[i];
        if (strcmp(t->name, "files") != 0)
            continue;
        f->hashes |= hashes_of(t->options);
        f->tell_magic |= conf_get_bool(t->options, "force-magic", false);
    }
}

static int init_store(struct app_files *f, struct stage *s)
{
    const struct settings_file_store *o = &s->settings->file_store;
    if (!o->enabled)
        return 0;
    f->store = true;
    f->store_all = o->force;
    f->tell_magic |= o->force_magic;
    f->hashes |= hashes_of(o->options);
    if (f->store_all)
        f->hashes |= PROTO_FILE_SHA256;
    return app_store_open(&f->place, s->settings, s->lane, s->lanes->count, s->counters);
}

int app_files_init(struct stage *s)
{
    struct app_stage *st = s->state;
    struct app_files *f = &st->files;
    f->record = s->sink->wanted(s->sink, "files");
    f->rules = s->settings->detection;
    f->wanted = f->record || f->rules || s->settings->file_store.enabled;
    f->opened = counter_id("app_layer.files");
    f->limited = counter_id("app_layer.files_limit");
    f->ranges = counter_id("app_layer.ranges");
    f->ranges_limit = counter_id("app_layer.ranges_limit");
    f->libmagic.file = s->settings->magic_file;
    if (f->record)
        read_options(f, s->settings);
    int rc = init_store(f, s);
    f->magic = f->tell_magic;
    return rc;
}

void app_files_fini(struct app_stage *st)
{
    app_magic_fini(&st->files.libmagic);
    app_store_close(&st->files.place);
}

void app_files_rules(struct app_stage *st, const struct detect *d)
{
    struct app_files *f = &st->files;
    f->hashes |= (uint8_t)detect_file_hashes(d);
    f->magic |= detect_uses(d, detect_buffer_find("file_magic"));
    f->bodies |= detect_wants_bodies(d) || st->rules->options.http_body || st->rules->options.http_body_printable;
    if (!detect_stores_files(d))
        return;
    f->store_rules = f->store;
    if (f->store)
        f->hashes |= PROTO_FILE_SHA256;
}

static struct app_call *call_of(struct proto_io *io)
{
    return io->engine_ctx;
}

static struct app_stage *stage_of(struct proto_io *io)
{
    return call_of(io)->stage->state;
}

static struct file_hash *hash_begin(uint8_t hashes)
{
    struct file_hash *h = hashes ? malloc(sizeof *h) : NULL;
    if (!h)
        return NULL;
    md5_init(&h->md5);
    sha1_init(&h->sha1);
    sha256_init(&h->sha256);
    return h;
}

struct proto_file *app_file_make(struct proto_io *io, struct proto_tx *tx, const struct proto_file_begin *b)
{
    struct app_stage *st = stage_of(io);
    size_t n = b->name_len < PROTO_FILE_NAME_MAX ? b->name_len : PROTO_FILE_NAME_MAX;
    struct proto_file *f = calloc(1, sizeof *f + n);
    if (!f)
        return NULL;
    f->role = (uint8_t)b->role;
    f->ranged = b->ranged;
    f->start = b->start;
    f->end = b->end;
    f->data_most = st->files.rules ? b->data_most : 0;
    f->hash = hash_begin(st->files.hashes);
    f->store = st->files.store_all || ((tx->store | call_of(io)->session->store) & 1u << b->role);
    if (st->files.store && f->hash && (f->store || st->files.store_rules))
        f->keep = app_store_begin();
    f->name_len = n;
    if (n)
        memcpy(f->name, b->name, n);
    return f;
}

bool app_file_link(struct proto_io *io, struct proto_tx *tx, struct proto_file *f)
{
    struct app_stage *st = stage_of(io);
    struct counters *counters = call_of(io)->stage->counters;
    unsigned before = 0;
    struct proto_file **at = &tx->files;
    for (; *at; at = &(*at)->next)
        before++;
    bool room = before < APP_FILES_TX_MAX;
    counter_add(counters, room ? st->files.opened : st->files.limited, 1);
    if (room)
        *at = f;
    f->store |= f->keep && ((tx->store | call_of(io)->session->store) & 1u << f->role);
    return room;
}

struct proto_file *app_file_open(struct proto_io *io, struct proto_tx *tx, const struct proto_file_begin *b)
{
    struct app_stage *st = stage_of(io);
    struct proto_file *f = st->files.wanted ? app_file_make(io, tx, b) : NULL;
    if (f && !app_file_link(io, tx, f)) {
        app_file_free(st, f);
        return NULL;
    }
    if (f && b->ranged && b->total) {
        f->range = app_range_of(io, tx, f, b->total);
        f->tx = tx;
    }
    return f;
}

static void keep(struct app_stage *st, struct proto_file *f, const uint8_t *p, size_t n)
{
    if (n > f->data_most - f->data.len)
        n = f->data_most - f->data.len;
    if (n > APP_FILES_KEPT_MAX - st->files.kept)
        n = (size_t)(APP_FILES_KEPT_MAX - st->files.kept);
    if (n && buf_add(&f->data, p, n))
        st->files.kept += n;
}

static void ask_magic(struct app_stage *st, struct proto_file *f, const uint8_t *p, size_t n)
{
    f->magic = app_magic_ask(&st->files.libmagic, p, n);
    f->asked = true;
    st->files.kept -= f->head.len;
    buf_fini(&f->head);
}

/* libmagic is asked when it has what it looks at, or all. */
static void gather_head(struct app_stage *st, struct proto_file *f, const uint8_t *p, size_t n)
{
    if (!f->head.len && n >= APP_MAGIC_BYTES) {
        ask_magic(st, f, p, n);
        return;
    }
    if (n > APP_MAGIC_BYTES - f->head.len)
        n = APP_MAGIC_BYTES - f->head.len;
    if (n <= APP_FILES_KEPT_MAX - st->files.kept && buf_add(&f->head, p, n))
        st->files.kept += n;
    if (f->head.len == APP_MAGIC_BYTES)
        ask_magic(st, f, f->head.data, f->head.len);
}

void app_file_data(struct proto_io *io, struct proto_file *f, const uint8_t *p, size_t n)
{
    struct app_stage *st = stage_of(io);
    struct file_hash *h = f->hash;
    if (f->range)
        app_range_data(io, f->range, f->start + f->size, p, n);
    f->size += n;
    keep(st, f, p, n);
    if (st->files.magic && !f->asked)
        gather_head(st, f, p, n);
    if (f->keep && !app_store_add(&st->files.place, &f->keep, p, n))
        f->store = false;
    if (!h)
        return;
    if (st->files.hashes & PROTO_FILE_MD5)
        md5_update(&h->md5, n, p);
    if (st->files.hashes & PROTO_FILE_SHA1)
        sha1_update(&h->sha1, n, p);
    if (st->files.hashes & PROTO_FILE_SHA256)
        sha256_update(&h->sha256, n, p);
}

static void end_file(struct app_stage *st, struct proto_file *f, unsigned state)
{
    struct file_hash *h = f->hash;
    f->state = (uint8_t)state;
    if (f->head.len)
        ask_magic(st, f, f->head.data, f->head.len);
    /* What is stored has a digest of what is there, though that isn't all. */
    if (h && state != PROTO_FILE_CLOSED && f->keep)
        sha256_digest(&h->sha256, sizeof f->sha256, f->sha256);
    if (h && state == PROTO_FILE_CLOSED) {
        f->hashes = st->files.hashes;
        md5_digest(&h->md5, sizeof f->md5, f->md5);
        sha1_digest(&h->sha1, sizeof f->sha1, f->sha1);
        sha256_digest(&h->sha256, sizeof f->sha256, f->sha256);
    }
    free(h);
    f->hash = NULL;
}

void app_file_close(struct proto_io *io, struct proto_file *f, unsigned state)
{
    end_file(stage_of(io), f, state);
    if (f->range)
        app_range_end(io, f->range, f->tx);
}

void app_file_free(struct app_stage *st, struct proto_file *f)
{
    if (!f)
        return;
    st->files.kept -= f->data.len + f->head.len;
    app_store_drop(&st->files.place, &f->keep);
    buf_fini(&f->data);
    buf_fini(&f->head);
    free(f->magic);
    free(f->hash);
    free(f);
}

void app_files_free(struct app_stage *st, struct proto_tx *tx)
{
    for (struct proto_file *f = tx->files, *next; f; f = next) {
        next = f->next;
        app_file_free(st, f);
    }
    tx->files = NULL;
}

bool app_files_ask(const struct proto_tx *tx, enum flow_dir role, unsigned instance, struct detect_file *out)
{
    const struct proto_file *f = proto_file_nth(tx, role, instance);
    if (!f)
        return false;
    *out = (struct detect_file){.size = f->size,
                                .digest = {f->hashes & PROTO_FILE_MD5 ? f->md5 : NULL,
                                           f->hashes & PROTO_FILE_SHA1 ? f->sha1 : NULL,
                                           f->hashes & PROTO_FILE_SHA256 ? f->sha256 : NULL}};
    return true;
}

struct written {
    const struct app_stage *stage;
    const struct app_session *session;
    const struct proto_tx *tx;
    const struct proto_file *file;
};

static void put_file(struct json *j, const struct proto_tx *tx, const struct proto_file *f, bool magic)
{
    static const char *const states[] = {"UNKNOWN", "CLOSED", "TRUNCATED", "ERROR"};
    json_bytes(j, "filename", f->name, f->name_len);
    if (magic && f->magic)
        json_bytes(j, "magic", f->magic, strlen(f->magic));
    json_bool(j, "gaps", f->gaps);
    json_str(j, "state", states[f->state]);
    if (f->hashes & PROTO_FILE_MD5)
        json_hex(j, "md5", f->md5, sizeof f->md5, 0);
    if (f->hashes & PROTO_FILE_SHA1)
        json_hex(j, "sha1", f->sha1, sizeof f->sha1, 0);
    if (f->hashes & PROTO_FILE_SHA256)
        json_hex(j, "sha256", f->sha256, sizeof f->sha256, 0);
    json_bool(j, "stored", f->stored);
    if (f->stored)
        json_u64(j, "file_id", f->file_id);
    else if (f->store && f->keep)
        json_bool(j, "storing", true);
    json_u64(j, "size", f->size);
    if (f->ranged) {
        json_u64(j, "start", f->start);
        json_u64(j, "end", f->end);
    }
    json_u64(j, "tx_id", tx->id);
}

void app_files_put(const struct proto_tx *tx, enum flow_dir role, struct json *j)
{
    if (!proto_file_nth(tx, role, 0))
        return;
    json_open_array(j, "files");
    for (const struct proto_file *f = tx->files; f; f = f->next)
        if (f->role == role) {
            json_open_object(j, NULL);
            put_file(j, tx, f, false);
            json_end_object(j);
        }
    json_end_array(j);
}

static void write_file(const struct event *e, struct json *j)
{
    const struct written *w = e->arg;
    const struct app_stage *st = w->stage;
    app_put_tx(w->session, w->tx, false, j);
    json_open_object(j, "fileinfo");
    put_file(j, w->tx, w->file, st->files.tell_magic);
    json_end_object(j);
}

static void log_file(struct app_call *c, const struct proto_tx *tx, const struct proto_file *f)
{
    struct app_session *as = c->session;
    struct app_stage *st = c->stage->state;
    struct written w = {st, as, tx, f};
    struct event e = {.type = "fileinfo",
                      .time_ns = c->time_ns,
                      .number = c->number,
                      .flow = c->flow,
                      .packet = c->packet,
                      .macs = app_macs(c),
                      .follow_packet = true,
                      .dir = as->reversed ? flow_dir_other((enum flow_dir)f->role) : (enum flow_dir)f->role,
                      .app_proto = as->proto->name,
                      .tx_id = -1,
                      .write = write_file,
                      .arg = &w};
    if (st->files.record)
        c->stage->sink->emit(c->stage->sink, &e);
    struct buf text;
    buf_init(&text, 0);
    if (f->stored && st->files.place.settings->write_fileinfo && c->stage->sink->format &&
        c->stage->sink->format(c->stage->sink, &e, &text))
        app_store_record(&st->files.place, f->sha256, c->time_ns, f->file_id, &text);
    buf_fini(&text);
}

void app_files_store(struct app_call *c, struct proto_tx *tx, unsigned dirs, bool flow, int file)
{
    uint8_t roles =
        (uint8_t)((dirs & DETECT_TO_SERVER ? 1u << TO_SERVER : 0) | (dirs & DETECT_TO_CLIENT ? 1u << TO_CLIENT : 0));
    if (file < 0) {
        tx->store |= roles;
        c->session->store |= flow ? roles : 0;
    }
    int n[2] = {0, 0};
    for (struct proto_file *f = tx->files; f; f = f->next)
        if ((roles & 1u << f->role) && (file < 0 || n[f->role]++ == file) && f->keep)
            f->store = true;
}

/* A file that is over, if a rule wanted it, or it is not known yet that none will. True: it can be told of. */
static bool settle_store(struct app_call *c, const struct proto_tx *tx, struct proto_file *f)
{
    struct app_stage *st = c->stage->state;
    if (!f->keep)
        return true;
    if (!f->store)
        return tx->complete;
    f->stored = app_store_finish(&st->files.place, &f->keep, f->sha256);
    if (f->stored) {
        f->hashes |= PROTO_FILE_SHA256;
        f->file_id = ++c->session->stored;
    }
    return true;
}

void app_files_log(struct app_call *c, struct proto_tx *tx, bool all)
{
    struct app_stage *st = c->stage->state;
    for (struct proto_file *f = tx->files; f; f = f->next) {
        if (f->state == PROTO_FILE_OPEN && all)
            end_file(st, f, PROTO_FILE_TRUNCATED);
        if (f->state == PROTO_FILE_OPEN || f->logged)
            continue;
        if (!settle_store(c, tx, f) && !all)
            continue;
        f->logged = true;
        if (st->files.record || f->stored)
            log_file(c, tx, f);
    }
}
