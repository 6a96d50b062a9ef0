/* Files that are kept on disk (outputs.file-store), named by their SHA-256: DIR/ab/abcd...
 *
 * A file's bytes are gathered in memory, and beyond a limit in DIR/tmp, until it is over and it is known whether a rule
 * wants it: then it gets its name, or is forgotten. Nothing of the traffic is in a path. Each lane writes by itself;
 * names in tmp have the process and the lane in them. An error of the disk costs the file, never more. Private to the
 * room. */
#ifndef BURROW_APP_STORE_H
#define BURROW_APP_STORE_H

#include "config/settings.h"
#include "core/buf.h"
#include "core/counters.h"

/* Bytes of one file that wait in memory, and of all files of a lane: more go to the disk. */
#define APP_STORE_HELD_MAX      (128u << 10)
#define APP_STORE_LANE_HELD_MAX (64u << 20)
#define APP_STORE_NAME_MAX      64u
/* Records of one file that are written beside it (write-fileinfo). */
#define APP_STORE_RECORDS_MAX 256u
/* Seconds after which a failing disk is told of again. */
#define APP_STORE_TELL_S 60

struct app_store {
    const struct settings_file_store *settings;
    struct counters *counters;
    int dir, tmp; /* folders; -1: not open */
    unsigned lane;
    uint64_t next;     /* of the names in tmp */
    uint64_t held;     /* bytes in memory */
    uint32_t open;     /* files of tmp that are kept open */
    uint32_t open_max; /* of this lane */
    uint64_t told_s;   /* when an error was told last; 0: never */
    unsigned stored, errors, hits, opened;
};

struct app_store_file {
    struct buf bytes;              /* not on disk yet */
    int fd;                        /* of the file in tmp, kept open; -1: it isn't */
    bool counted;                  /* was not kept open because too many are */
    char name[APP_STORE_NAME_MAX]; /* in tmp; "": there is none */
};

/* Make and open the folders. 0 or -errno, said in the log. s->file_store must be enabled. */
int app_store_open(struct app_store *st, const struct settings *s, unsigned lane, unsigned lanes, struct counters *c);
void app_store_close(struct app_store *st);

/* NULL: no memory. */
struct app_store_file *app_store_begin(void);
/* False: it can't be kept, and is gone (*f is NULL). */
bool app_store_add(struct app_store *st, struct app_store_file **f, const uint8_t *p, size_t n);
/* Give it its name. False: it could not be. Frees it. */
bool app_store_finish(struct app_store *st, struct app_store_file **f, const uint8_t sha256[32]);
/* Forget it. */
void app_store_drop(struct app_store *st, struct app_store_file **f);
/* Write a record beside the stored file: its name, seconds, and the first free number from `id` on. */
void app_store_record(struct app_store *st, const uint8_t sha256[32], uint64_t time_ns, uint32_t id,
                      const struct buf *text);

#endif
