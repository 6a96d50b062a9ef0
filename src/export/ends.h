/* The two ends of a session, as its exported packets have them. */
#ifndef BURROW_EXPORT_ENDS_H
#define BURROW_EXPORT_ENDS_H

#include "core/addr.h"

/* Addresses are of one family. */
struct export_ends {
    struct addr src; /* client */
    struct addr dst;
    uint16_t sport;
    uint16_t dport;
    uint8_t proto;
};

#endif
