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

/* force-hash of the type `files`: a list, or a text with commas. */
static uint8_t forced_hashes(const struct settings *s)
{
    uint8_t hashes = 0;
    for (size_t i = 0; i < s->eve.type_count; i++) {
        const struct settings_eve_type *t = &s->eve.types[i];
        if (strcmp(t->name, "files") != 0 || !t->options)
            continue;
        const struct conf_node *list = conf_find(t->options, "force-hash");
        for (const struct conf_node *n = list ? list->first : NULL; n; n = n->next)
            hashes |= n->text ? hash_of(n->text) : 0;
        if (list && list->kind == CONF_SCALAR && list->text)
            hashes |= hash_of(list->text);
    }
    return hashes;
}

void app_files_init(struct stage *s)
{
    struct app_stage *st = s->state;
    struct app_files *f = &st->files;
    f->record = s->sink->wanted(s->sink, "files");
    f->rules = s->settings->detection;
    f->wanted = f->record || f->rules;
    f->hashes = f->record ? forced_hashes(s->settings) : 0;
    f->opened = counter_id("app_layer.files");
    f->limited = counter_id("app_layer.files_limit");
}

static struct app_stage *stage_of(struct proto_io *io)
{
    return ((struct app_call *)io->engine_ctx)->stage->state;
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

struct proto_file *app_file_open(struct proto_io *io, struct proto_tx *tx, const struct proto_file_begin *b)
{
    struct app_stage *st = stage_of(io);
    struct counters *counters = ((struct app_call *)io->engine_ctx)->stage->counters;
    if (!st->files.wanted)
        return NULL;
    unsigned before = 0;
    struct proto_file **at = &tx->files;
    for (; *at; at = &(*at)->next)
        before++;
    size_t n = b->name_len < PROTO_FILE_NAME_MAX ? b->name_len : PROTO_FILE_NAME_MAX;
    struct proto_file *f = before < APP_FILES_TX_MAX ? calloc(1, sizeof *f + n) : NULL;
    if (!f) {
        counter_add(counters, st->files.limited, 1);
        return NULL;
    }
    f->role = (uint8_t)b->role;
    f->ranged = b->ranged;
    f->start = b->start;
    f->end = b->end;
    f->data_most = st->files.rules ? b->data_most : 0;
    f->hash = hash_begin(st->files.hashes);
    f->name_len = n;
    if (n)
        memcpy(f->name, b->name, n);
    *at = f;
    counter_add(counters, st->files.opened, 1);
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

void app_file_data(struct proto_io *io, struct proto_file *f, const uint8_t *p, size_t n)
{
    struct app_stage *st = stage_of(io);
    struct file_hash *h = f->hash;
    f->size += n;
    keep(st, f, p, n);
    if (!h)
        return;
    if (st->files.hashes & PROTO_FILE_MD5)
        md5_update(&h->md5, n, p);
    if (st->files.hashes & PROTO_FILE_SHA1)
        sha1_update(&h->sha1, n, p);
    if (st->files.hashes & PROTO_FILE_SHA256)
        sha256_update(&h->sha256, n, p);
}

static void end_file(const struct app_stage *st, struct proto_file *f, unsigned state)
{
    struct file_hash *h = f->hash;
    f->state = (uint8_t)state;
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
}

void app_files_free(struct app_stage *st, struct proto_tx *tx)
{
    for (struct proto_file *f = tx->files, *next; f; f = next) {
        next = f->next;
        st->files.kept -= f->data.len;
        buf_fini(&f->data);
        free(f->hash);
        free(f);
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
    const struct app_session *session;
    const struct proto_tx *tx;
    const struct proto_file *file;
};

static void put_file(struct json *j, const struct proto_tx *tx, const struct proto_file *f)
{
    static const char *const states[] = {"UNKNOWN", "CLOSED", "TRUNCATED", "ERROR"};
    json_bytes(j, "filename", f->name, f->name_len);
    json_bool(j, "gaps", f->gaps);
    json_str(j, "state", states[f->state]);
    if (f->hashes & PROTO_FILE_MD5)
        json_hex(j, "md5", f->md5, sizeof f->md5, 0);
    if (f->hashes & PROTO_FILE_SHA1)
        json_hex(j, "sha1", f->sha1, sizeof f->sha1, 0);
    if (f->hashes & PROTO_FILE_SHA256)
        json_hex(j, "sha256", f->sha256, sizeof f->sha256, 0);
    json_bool(j, "stored", false);
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
            put_file(j, tx, f);
            json_end_object(j);
        }
    json_end_array(j);
}

static void write_file(const struct event *e, struct json *j)
{
    const struct written *w = e->arg;
    app_put_tx(w->session, w->tx, false, j);
    json_open_object(j, "fileinfo");
    put_file(j, w->tx, w->file);
    json_end_object(j);
}

static void log_file(struct app_call *c, const struct proto_tx *tx, const struct proto_file *f)
{
    struct app_session *as = c->session;
    struct written w = {as, tx, f};
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
    c->stage->sink->emit(c->stage->sink, &e);
}

void app_files_log(struct app_call *c, struct proto_tx *tx, bool all)
{
    struct app_stage *st = c->stage->state;
    for (struct proto_file *f = tx->files; f; f = f->next) {
        if (f->state == PROTO_FILE_OPEN && all)
            end_file(st, f, PROTO_FILE_TRUNCATED);
        if (f->state == PROTO_FILE_OPEN || f->logged)
            continue;
        f->logged = true;
        if (st->files.record)
            log_file(c, tx, f);
    }
}
