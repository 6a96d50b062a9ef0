/* Conditions and actions of rules on what is kept between packets: bits and numbers of flows, hosts and host pairs. */
#ifndef BURROW_DETECT_STATE_H
#define BURROW_DETECT_STATE_H

#include <stdbool.h>
#include <stdint.h>

enum bits_command { BITS_SET, BITS_UNSET, BITS_TOGGLE, BITS_IS_SET, BITS_IS_NOT_SET };

/* Whose bit: xbits by source, destination, pair of addresses; hostbits by source, destination, both. */
enum bits_track { BITS_FLOW, BITS_SRC, BITS_DST, BITS_PAIR, BITS_EITHER, BITS_TX };

/* flowbits, xbits, hostbits. is (not) set: any of the names will do. */
struct match_bits {
    enum bits_command command;
    enum bits_track track;
    uint32_t expire; /* seconds; xbits and hostbits that are set */
    uint16_t count;
    uint32_t *names; /* of ruleset's names, of the kind of bit */
};

enum flowint_command {
    FLOWINT_SET,
    FLOWINT_ADD,
    FLOWINT_SUB,
    FLOWINT_LESS,
    FLOWINT_LESS_EQUAL,
    FLOWINT_EQUAL,
    FLOWINT_NOT_EQUAL,
    FLOWINT_GREATER_EQUAL,
    FLOWINT_GREATER,
    FLOWINT_IS_SET,
    FLOWINT_IS_NOT_SET,
};

struct match_flowint {
    enum flowint_command command;
    uint32_t name;
    bool by_name; /* compared with another flowint */
    uint32_t other;
    uint32_t value;
};

/* flowvar, pktvar: content of a variable that a pcre captured. */
struct match_var {
    uint32_t name;
    const uint8_t *bytes;
    uint16_t len;
    bool negated;
};

/* Names are numbers from 0 in each kind. */
enum name_kind { NAME_FLOWBIT, NAME_FLOWINT, NAME_XBIT, NAME_HOSTBIT, NAME_FLOWVAR, NAME_PKTVAR, NAME_KIND_COUNT };

#endif
