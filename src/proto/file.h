/* Files in transactions: bodies, parts of forms, attachments.
 *
 * A parser says where one begins, what is in it and where it ends; the app stage (app/files.c) keeps count, hashes,
 * keeps the first bytes for rules, and writes the record. A file belongs to its transaction and is freed with it.
 * Nobody may want any: then opening gives NULL, which all functions here take. Thread: the lane's app thread. */
#ifndef BURROW_PROTO_FILE_H
#define BURROW_PROTO_FILE_H

#include "proto/proto.h"

/* Bytes of a name; of longer ones the beginning. */
#define PROTO_FILE_NAME_MAX 4096u

enum proto_file_state {
    PROTO_FILE_OPEN,
    PROTO_FILE_CLOSED,
    PROTO_FILE_TRUNCATED, /* not all of it was seen, or wanted */
    PROTO_FILE_ERROR,
};

/* Digests that were made, or are to be. */
enum proto_file_hash { PROTO_FILE_MD5 = 1, PROTO_FILE_SHA1 = 2, PROTO_FILE_SHA256 = 4 };

struct proto_file {
    struct proto_file *next; /* of the same transaction, in order of their beginning */
    uint8_t role;            /* enum flow_dir: TO_SERVER: the protocol's client sent it */
    uint8_t state;           /* enum proto_file_state */
    uint8_t hashes;          /* enum proto_file_hash: those that are valid */
    bool gaps;
    bool logged;             /* the engine's */
    bool ranged;             /* only a range of the whole is here */
    uint64_t size;           /* bytes so far, missing ones with them */
    uint64_t start;          /* with ranged: first and last byte of the whole */
    uint64_t end;            /* */
    struct buf data;         /* the first bytes, for rules */
    size_t data_most;        /* of them */
    void *hash;              /* the engine's, while open */
    struct buf head;         /* the engine's: the first bytes, until libmagic was asked */
    struct app_range *range; /* the engine's: what it is a part of; NULL: nothing that is put together */
    struct proto_tx *tx;     /* with range: its transaction */
    bool asked;              /* libmagic was */
    char *magic;             /* what it said; NULL: it was not asked, or says nothing */
    bool store;              /* the engine's: is to be stored */
    bool stored;
    uint32_t file_id;            /* with stored: its number in the flow, from 1 */
    struct app_store_file *keep; /* the engine's: its bytes, as long as it may be stored */
    uint8_t md5[16];
    uint8_t sha1[20];
    uint8_t sha256[32];
    size_t name_len;
    uint8_t name[];
};

/* What a parser knows when a file begins. */
struct proto_file_begin {
    enum flow_dir role;
    const uint8_t *name;
    size_t name_len;
    size_t data_most; /* bytes that rules look at; 0: they have them from elsewhere */
    bool ranged;
    uint64_t start;
    uint64_t end;
    uint64_t total; /* bytes of the whole; 0: not known */
};

struct proto_file *proto_file_open(struct proto_io *io, struct proto_tx *tx, const struct proto_file_begin *b);
void proto_file_data(struct proto_io *io, struct proto_file *f, const uint8_t *p, size_t n);
void proto_file_gap(struct proto_io *io, struct proto_file *f, uint64_t n);
/* A file with gaps is truncated whatever the state. May be called again: only the first time counts. */
void proto_file_close(struct proto_io *io, struct proto_file *f, enum proto_file_state state);

/* The index-th file of that role; NULL: there are no more. */
const struct proto_file *proto_file_nth(const struct proto_tx *tx, enum flow_dir role, unsigned index);

/* Buffers and numbers of any protocol with files (struct proto_buffer, struct proto_number). */
bool proto_file_ask_data(const struct proto_ask *ask, struct proto_bytes *out);
bool proto_file_ask_magic(const struct proto_ask *ask, struct proto_bytes *out);
bool proto_file_ask_name(const struct proto_ask *ask, struct proto_bytes *out);

/* Is there anybody who wants files? Else bodies need not be decoded. */
bool proto_files_wanted(const struct settings *settings);

#endif
