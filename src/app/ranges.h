/* Files that come in ranges (RFC 9110 14.4), put together: the responses of one connection for the same name and size.
 *
 * Bytes that continue what is there go to the whole file at once; others wait. When it is complete it is one more file
 * of the transaction that completed it, beside that one's own. Only one connection's ranges: what other lanes see of
 * others depends on the order of threads. Private to the room. */
#ifndef BURROW_APP_RANGES_H
#define BURROW_APP_RANGES_H

#include "proto/file.h"

/* Files of one connection; of one file, pieces that wait for what is before them; of one connection, their bytes. */
#define APP_RANGES_MAX      64u
#define APP_RANGE_PARTS_MAX 64u
#define APP_RANGE_HELD_MAX  (8u << 20)
/* Bytes of the whole's beginning, for rules. */
#define APP_RANGE_DATA_MAX (100u << 10)

struct app_call;
struct app_range;
struct app_session;
struct app_stage;

/* The file that f, of tx, is a part of; NULL: it is not known, or there are too many. */
struct app_range *app_range_of(struct proto_io *io, struct proto_tx *tx, const struct proto_file *f, uint64_t total);
/* Bytes of a part, which begin at `at` of the whole. */
void app_range_data(struct proto_io *io, struct app_range *r, uint64_t at, const uint8_t *p, size_t n);
/* A part is over: the whole, if it is complete, becomes a file of tx. */
void app_range_end(struct proto_io *io, struct app_range *r, struct proto_tx *tx);
void app_ranges_free(struct app_stage *st, struct app_session *as);

#endif
