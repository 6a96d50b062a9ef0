/* What libmagic says of a file's first bytes. The lane's own: the database is loaded when the first file is asked
 * about. Private to the room. */
#ifndef BURROW_APP_MAGIC_H
#define BURROW_APP_MAGIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that are looked at. */
#define APP_MAGIC_BYTES 4096u
/* Bytes of a text; of longer ones the beginning. */
#define APP_MAGIC_TEXT_MAX 1024u

struct app_magic {
    void *cookie;     /* libmagic's; NULL: not loaded */
    const char *file; /* the database; "": the system's */
    bool failed;      /* it can't be loaded: was said */
};

/* On the heap; NULL: nothing is known. */
char *app_magic_ask(struct app_magic *m, const uint8_t *p, size_t n);
void app_magic_fini(struct app_magic *m);

#endif
