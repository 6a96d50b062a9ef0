/* Sets of values that rules look into, add to and take from (dataset), with a number each (datarep), or with a JSON
 * object each that alerts carry.
 *
 * A set is its own: a rule set holds a reference on each it names. Sets that live longer than their rules (all but
 * those that are only loaded from a file) are in a `struct datasets`, by name, and stay over reloads; those that are
 * only loaded are made anew by each load of rules. Any thread: a set that rules change has a lock.
 *
 * Limits: each set's memcap, at which values are not added any more (counter detect.dataset_memcap), and
 * DATASET_VALUE_MAX. */
#ifndef BURROW_DETECT_DATASET_H
#define BURROW_DETECT_DATASET_H

#include "core/addr.h"
#include "core/buf.h"

/* Bytes of one value, and of the JSON that goes with it. */
#define DATASET_VALUE_MAX 65536u
#define DATASET_JSON_MAX  16384u
/* Bytes of a set where neither rule nor configuration says it. */
#define DATASET_MEMCAP (100ull << 20)
/* Sets of a run. */
#define DATASETS_MAX 65536u

enum dataset_type { DATASET_STRING, DATASET_MD5, DATASET_SHA256, DATASET_IPV4, DATASET_IP, DATASET_TYPES };

enum dataset_format { DATASET_CSV, DATASET_JSON, DATASET_NDJSON };

enum dataset_result { DATASET_NO, DATASET_YES, DATASET_FULL };

struct dataset;
struct datasets;

/* How a set is made. Texts are copied. */
struct dataset_options {
    const char *name;
    enum dataset_type type;
    uint64_t memcap;  /* 0: DATASET_MEMCAP */
    const char *load; /* path; NULL: it begins empty */
    const char *save; /* path; NULL: it is not kept */
    bool may_lack;    /* the file to load need not be there: a state that is not written yet */
    bool reputation;
    bool changes; /* some rule adds to it or takes from it */
    enum dataset_format format;
    const char *value_key; /* JSON: where the value is, "a.b" */
    const char *array_key; /* JSON: where the array is; NULL: on top */
    bool remove_key;
};

/* "string" ... "ip"; false: unknown. ipv6 and ip are the same: both take either family. */
bool dataset_type_find(const char *name, enum dataset_type *out);

/* Make a set and load its file. 0, or -errno with one line in error, which names file and line. */
int dataset_create(const struct dataset_options *o, struct dataset **out, char *error, size_t error_len);
struct dataset *dataset_get(struct dataset *d);
void dataset_put(struct dataset **d);

/* Some rule adds to it or takes from it. Only while nobody else has the set yet. */
void dataset_will_change(struct dataset *d);

const char *dataset_name(const struct dataset *d);
enum dataset_type dataset_type(const struct dataset *d);
uint64_t dataset_count(struct dataset *d);

/* Is it there? rep: its number; json: its object is put there (cleared before), NULL: not wanted. subdomain: or what
 * follows one of its dots, that dot included. */
bool dataset_has(struct dataset *d, const uint8_t *p, size_t n, bool subdomain, uint16_t *rep, struct buf *json);

/* YES: it was not there, and is now. */
enum dataset_result dataset_add(struct dataset *d, const uint8_t *p, size_t n);
/* YES: it was there. */
enum dataset_result dataset_remove(struct dataset *d, const uint8_t *p, size_t n);

/* Write it to where it is kept, if it is. 0, or -errno with one line in error. */
int dataset_save(struct dataset *d, char *error, size_t error_len);

/* Are there values with numbers in it? */
bool dataset_has_numbers(const struct dataset *d);

/* The sets of a run. NULL: no memory. */
struct datasets *datasets_create(void);
void datasets_destroy(struct datasets **sets);

/* Find one that is kept over reloads (a reference, NULL: there is none), or put one there (false: no room). */
struct dataset *datasets_find(struct datasets *sets, const char *name);
bool datasets_add(struct datasets *sets, struct dataset *d);

/* Write all that are to be kept; a line to the log for each that can't be. */
void datasets_save(struct datasets *sets);

#endif
