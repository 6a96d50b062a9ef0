#include "proto/deflate.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "proto/deflate_private.h"

#ifdef HAVE_ISAL
#define ISAL_HERE true
#else
#define ISAL_HERE false
#endif

/* Of all lanes. Those that are done are kept for the next; who finds another lane there goes without. */
static struct {
    atomic_uint open, open_isal;
    atomic_flag busy;
    unsigned count;
    struct deflate *first;
} kept = {.busy = ATOMIC_FLAG_INIT};

static struct deflate *take_kept(void)
{
    if (atomic_flag_test_and_set_explicit(&kept.busy, memory_order_acquire))
        return NULL;
    struct deflate *d = kept.first;
    if (d) {
        kept.first = d->next;
        kept.count--;
    }
    atomic_flag_clear_explicit(&kept.busy, memory_order_release);
    return d;
}

static bool keep(struct deflate *d)
{
    if (!d->isal != !ISAL_HERE || atomic_flag_test_and_set_explicit(&kept.busy, memory_order_acquire))
        return false;
    bool room = kept.count < DEFLATE_KEPT;
    if (room) {
        d->next = kept.first;
        kept.first = d;
        kept.count++;
    }
    atomic_flag_clear_explicit(&kept.busy, memory_order_release);
    return room;
}

/* One more of at most so many. */
static bool admit(atomic_uint *count, unsigned most)
{
    if (atomic_fetch_add_explicit(count, 1, memory_order_relaxed) < most)
        return true;
    atomic_fetch_sub_explicit(count, 1, memory_order_relaxed);
    return false;
}

static void leave(atomic_uint *count)
{
    atomic_fetch_sub_explicit(count, 1, memory_order_relaxed);
}

static bool open_isal(struct deflate *d)
{
#ifdef HAVE_ISAL
    return deflate_isal_open(d);
#else
    (void)d;
    return false;
#endif
}

static void release(struct deflate *d)
{
    inflateEnd(&d->zlib);
    free(d->isal);
    free(d);
}

static struct deflate *allocate(bool isal)
{
    struct deflate *d = isal == ISAL_HERE ? take_kept() : NULL;
    if (d)
        return d;
    d = malloc(sizeof *d);
    if (!d)
        return NULL;
    d->isal = NULL;
    if (!deflate_zlib_open(d)) {
        free(d);
        return NULL;
    }
    if (isal && !open_isal(d)) {
        release(d);
        return NULL;
    }
    return d;
}

struct deflate *deflate_create_by(enum deflate_wrap wrap, bool isal)
{
    if (!admit(&kept.open, DEFLATE_MOST))
        return NULL;
    bool admitted = !isal || admit(&kept.open_isal, DEFLATE_ISAL_MOST);
    struct deflate *d = admitted ? allocate(isal) : NULL;
    if (d) {
        deflate_begin(d, wrap);
        return d;
    }
    if (isal && admitted)
        leave(&kept.open_isal);
    leave(&kept.open);
    return NULL;
}

struct deflate *deflate_create(enum deflate_wrap wrap)
{
    struct deflate *d = ISAL_HERE ? deflate_create_by(wrap, true) : NULL;
    return d ? d : deflate_create_by(wrap, false);
}

void deflate_destroy(struct deflate **deflate)
{
    struct deflate *d = *deflate;
    *deflate = NULL;
    if (!d)
        return;
    if (d->isal)
        leave(&kept.open_isal);
    leave(&kept.open);
    if (!keep(d))
        release(d);
}

void deflate_begin(struct deflate *d, enum deflate_wrap wrap)
{
    d->result = DEFLATE_MORE;
    d->given = d->made = 0;
    d->stage = !d->isal ? STAGE_ZLIB : wrap == DEFLATE_RAW ? STAGE_FIRST : STAGE_HEAD;
    deflate_zlib_begin(d, wrap);
#ifdef HAVE_ISAL
    if (d->stage == STAGE_FIRST)
        deflate_isal_begin(d, DEFLATE_RAW);
#endif
}

size_t deflate_waiting(const struct deflate *d, const uint8_t **p)
{
    *p = d->piece + d->given;
    return d->made - d->given;
}

void deflate_taken(struct deflate *d, size_t n)
{
    d->given += (uint32_t)n;
}

static void make_room(struct deflate *d)
{
    if (!d->given)
        return;
    memmove(d->piece, d->piece + d->given, d->made - d->given);
    d->made -= d->given;
    d->given = 0;
}

#ifdef HAVE_ISAL
static void data_isal(struct deflate *d, const uint8_t **p, size_t *n)
{
    if (d->stage == STAGE_HEAD) {
        if (!deflate_zlib_head(d, p, n))
            return;
        /* A checksum of nothing: Adler-32 begins with 1, CRC-32 with 0. */
        deflate_isal_begin(d, d->zlib.adler == 1 ? DEFLATE_ZLIB : DEFLATE_GZIP);
        d->stage = STAGE_FIRST;
    }
    if (d->stage == STAGE_FIRST) {
        if (deflate_zlib_first(d, *p, *n)) {
            d->stage = STAGE_REST;
        } else if (d->result != DEFLATE_MORE) {
            return;
        }
    }
    deflate_isal_data(d, p, n);
    if (d->stage == STAGE_FIRST) {
        d->result = DEFLATE_MORE;
        d->made = 0;
    }
}
#endif

enum deflate_result deflate_data(struct deflate *d, const uint8_t **p, size_t *n)
{
    if (d->result == DEFLATE_END || d->result == DEFLATE_BAD)
        return d->result;
    make_room(d);
    if (d->made > DEFLATE_PIECE)
        return DEFLATE_FULL;
#ifdef HAVE_ISAL
    if (d->isal) {
        data_isal(d, p, n);
        return d->result;
    }
#endif
    deflate_zlib_data(d, p, n);
    return d->result;
}

void deflate_finish(struct deflate *d)
{
    if (d->result != DEFLATE_MORE)
        return;
    make_room(d);
#ifdef HAVE_ISAL
    if (d->stage == STAGE_REST)
        deflate_isal_finish(d);
#endif
    d->result = DEFLATE_END;
}
