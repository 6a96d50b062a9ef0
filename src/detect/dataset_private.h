/* Between dataset.c and dataset_file.c. */
#ifndef BURROW_DETECT_DATASET_PRIVATE_H
#define BURROW_DETECT_DATASET_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "detect/dataset.h"

struct dataset_value {
    struct dataset_value *next; /* of its place in the table */
    struct dataset_value *older;
    struct dataset_value *newer;
    uint64_t hash;
    uint32_t len;
    uint32_t json_len;
    uint16_t rep;
    uint8_t bytes[]; /* the value, then the JSON text */
};

struct dataset {
    char *name;
    char *save;
    enum dataset_type type;
    bool reputation;
    bool changes;
    atomic_uint references;
    pthread_rwlock_t lock; /* of all below; taken when `changes` */
    struct dataset_value **table;
    size_t room; /* a power of two */
    uint64_t count;
    uint64_t used; /* bytes */
    uint64_t memcap;
    uint64_t seed;
    struct dataset_value *oldest;
    struct dataset_value *newest;
};

/* Without a lock: a value in its stored form. False: there is no room. One that is there stays as it is. */
bool dataset_insert(struct dataset *d, const uint8_t *p, size_t n, uint16_t rep, const char *json, size_t json_len);

/* dataset_file.c */
int dataset_load(struct dataset *d, const struct dataset_options *o, char *error, size_t error_len);

#endif
