/* Files in transactions: counted, hashed, kept as far as rules look, and written as fileinfo. Private to the room. */
#ifndef BURROW_APP_FILES_H
#define BURROW_APP_FILES_H

#include "app/magic.h"
#include "app/store.h"
#include "detect/engine/engine.h"
#include "item/stage.h"
#include "proto/file.h"

/* Files of one transaction; more are not followed. */
#define APP_FILES_TX_MAX 256u
/* Bytes of files' beginnings that a lane keeps for rules; of more nothing. */
#define APP_FILES_KEPT_MAX (64u << 20)

struct app_call;
struct app_stage;

struct app_files {
    bool wanted; /* by records or rules */
    bool record;
    bool rules;
    uint8_t hashes;   /* enum proto_file_hash: to be made of every file */
    bool magic;       /* libmagic is asked of every file */
    bool tell_magic;  /* and what it says is in records */
    bool bodies;      /* HTTP's are kept */
    bool store;       /* files may be stored: outputs.file-store is on */
    bool store_rules; /* rules say which */
    bool store_all;
    uint64_t kept; /* bytes */
    struct app_magic libmagic;
    struct app_store place;
    unsigned opened, limited, ranges, ranges_limit;
};

/* Once the stage's protocols and its sink are known. */
int app_files_init(struct stage *s); /* 0 or -errno, said in the log */
void app_files_fini(struct app_stage *st);
/* What these rules ask of files is done from now on. */
void app_files_rules(struct app_stage *st, const struct detect *d);

/* Write the records of the transaction's files that are over; with `all` those that are open are ended first. */
void app_files_log(struct app_call *c, struct proto_tx *tx, bool all);
/* The files of that role as an alert's array. */
void app_files_put(const struct proto_tx *tx, enum flow_dir role, struct json *j);
void app_files_free(struct app_stage *st, struct proto_tx *tx);

/* The instance-th file of that role, for rules. */
bool app_files_ask(const struct proto_tx *tx, enum flow_dir role, unsigned instance, struct detect_file *out);

/* A rule wants files stored: as detect_tx.store. */
void app_files_store(struct app_call *c, struct proto_tx *tx, unsigned dirs, bool flow, int file);

/* The engine's part of proto/file.h. */
struct proto_file *app_file_open(struct proto_io *io, struct proto_tx *tx, const struct proto_file_begin *b);
void app_file_data(struct proto_io *io, struct proto_file *f, const uint8_t *p, size_t n);
/* A file that is no transaction's yet, one made so that becomes tx's (false: it has too many), and its end. */
struct proto_file *app_file_make(struct proto_io *io, struct proto_tx *tx, const struct proto_file_begin *b);
bool app_file_link(struct proto_io *io, struct proto_tx *tx, struct proto_file *f);
void app_file_free(struct app_stage *st, struct proto_file *f);
void app_file_close(struct proto_io *io, struct proto_file *f, unsigned state);

#endif
