/* The folder of compiled pattern databases, so that only changed rules are compiled when the program starts again.
 * There is a file for each database, for rule sets that have some of them in common, and one with all of a rule set's.
 *
 * Files are named by what is in them, so that none is ever stale; those that no start used for a week go. They hold
 * databases as they lie in memory and are mapped, like the program itself: while it runs they may be removed, but not
 * written to. What is in them is trusted when its sum is right: the folder must belong to the user that runs the
 * program (or root), and nobody else may write to it. Main thread and the thread that loads rules. */
#ifndef BURROW_DETECT_ENGINE_CACHE_H
#define BURROW_DETECT_ENGINE_CACHE_H

#include <hs/hs.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the cache is when nobody said: /var/cache/burrow for root, else below the user's own cache folder (XDG Base
 * Directory Specification). False: there is no such place. */
bool detect_cache_default(char *out, size_t n);

/* Make the folder ready: it is made if it isn't there (its parent must be). False, with the reason in why: it can't be
 * used. */
bool detect_cache_open(const char *folder, char *why, size_t n);

/* Is it there, and can be used? */
bool detect_cache_usable(const char *folder, char *why, size_t n);

/* NULL: not there, damaged, or not for this machine or this Vectorscan. Scratch, which may be NULL, becomes large
 * enough for it; mapped is for detect_cache_free; *marked becomes true if this is its first use for a day. */
hs_database_t *detect_cache_read(const char *name, hs_scratch_t **scratch, size_t *mapped, bool *marked);

/* One that was read, or (mapped is 0) one that was made. NULL is none. */
void detect_cache_free(hs_database_t *db, size_t mapped);

/* That it can't be written is no error. */
void detect_cache_write(const char *name, const hs_database_t *db);

/* A database by what is in it, as two numbers. */
struct detect_cache_db {
    uint64_t a;
    uint64_t b;
    hs_database_t *db;
};

struct detect_cache_map {
    void *p;
    size_t n; /* 0: nothing is mapped */
};

/* All databases of a rule set from one file, which is read far faster than one for each. a and b of each are given.
 * They stay as long as map is there. False: as for detect_cache_read, or they are not these. */
bool detect_cache_read_set(const char *name, struct detect_cache_db *dbs, uint32_t count, hs_scratch_t **scratch,
                           struct detect_cache_map *map, bool *marked);
void detect_cache_write_set(const char *name, const struct detect_cache_db *dbs, uint32_t count);
void detect_cache_unmap(const struct detect_cache_map *map);

/* It is used, though not read. */
void detect_cache_mark(const char *name);

/* Remove what was not used for long. All files are looked at: a start that wrote none, and is not the day's first, need
 * not do it. */
void detect_cache_prune(const char *folder);

#endif
