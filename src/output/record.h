/* One event as one line of JSON. Private to output. */
#ifndef BURROW_OUTPUT_RECORD_H
#define BURROW_OUTPUT_RECORD_H

#include "core/buf.h"
#include "item/event.h"

struct record_options {
    uint8_t log; /* the EVE log's number */
    bool community_id;
    uint16_t community_id_seed;
    bool ethernet;            /* MAC addresses of records that have a packet */
    const char *capture_name; /* NULL: no pcap_filename */
};

/* Append the record and its newline. False: the buffer's cap was reached, and it is as it was. */
bool record_write(struct buf *out, const struct record_options *options, const struct event *e);

/* "TCP"; NULL for protocols that go by their number. */
const char *record_proto_name(uint8_t proto);

#endif
