/* DNS messages (RFC 1035 4): read where they are, nothing is allocated and nothing is kept.
 *
 * A message is walked from front to back; names are expanded into a buffer of the caller's. Work is bounded whatever
 * the message says: a name by its labels, jumps and length, a message by its records and by the labels of all its
 * names. Two walks over the same message see the same. */
#ifndef BURROW_PROTO_DNS_MESSAGE_H
#define BURROW_PROTO_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

#define DNS_HEADER_LEN      12
#define DNS_NAME_MAX        1025  /* characters of a name that are kept, as in Suricata; RFC 1035 allows 255 */
#define DNS_NAME_LABELS_MAX 255   /* labels of a name that are kept */
#define DNS_NAME_JUMPS_MAX  64    /* compression pointers that are followed in a name */
#define DNS_LABELS_MAX      32768 /* labels of all names of a message: more and the rest is not read */
#define DNS_RECORDS_MAX     1024  /* entries of a section: more are not read, nor is what follows them */

enum dns_section { DNS_QUERIES, DNS_ANSWERS, DNS_AUTHORITIES, DNS_ADDITIONALS, DNS_SECTIONS };

/* Bits of the header's flags. */
enum { DNS_QR = 0x8000, DNS_AA = 0x0400, DNS_TC = 0x0200, DNS_RD = 0x0100, DNS_RA = 0x0080, DNS_Z = 0x0040 };

/* Types that are told apart; dns_text.h names the others. */
enum dns_type {
    DNS_A = 1,
    DNS_NS = 2,
    DNS_CNAME = 5,
    DNS_SOA = 6,
    DNS_NULL = 10,
    DNS_PTR = 12,
    DNS_MX = 15,
    DNS_TXT = 16,
    DNS_AAAA = 28,
    DNS_NB = 32, /* NetBIOS (RFC 1002), which has the same format */
    DNS_SRV = 33,
    DNS_OPT = 41,
    DNS_SSHFP = 44,
};

enum { DNS_CLASS_IN = 1, DNS_CLASS_CH = 3, DNS_CLASS_HS = 4, DNS_CLASS_ANY = 255 };

/* What is wrong with a message: bits. */
enum dns_flaw {
    DNS_FLAW_MALFORMED = 1, /* queries or answers can't be read */
    DNS_FLAW_AUTHORITIES = 2,
    DNS_FLAW_ADDITIONALS = 4,
    DNS_FLAW_NAME_TOO_LONG = 8,
    DNS_FLAW_LOOP = 16,
    DNS_FLAW_LABELS = 32,
    DNS_FLAW_RECORDS = 64,
};

struct dns_message {
    const uint8_t *data;
    size_t len;
    uint16_t id;
    uint16_t flags;
    uint16_t count[DNS_SECTIONS]; /* as the header says; after dns_check: as can be read */
};

/* Labels joined by dots, no final dot; the root is empty. Bytes as on the wire: print them as bytes. */
struct dns_name {
    uint16_t len;
    bool truncated; /* it was longer than DNS_NAME_MAX, or had more labels or jumps */
    bool plain;     /* printable ASCII without dots inside labels, at most 253 long: a host's name */
    char text[DNS_NAME_MAX];
};

struct dns_query {
    struct dns_name name;
    uint16_t type;
    uint16_t class;
};

struct dns_record {
    struct dns_name name;
    uint16_t type;
    uint16_t class;
    uint32_t ttl;       /* seconds */
    struct reader data; /* the record's data */
};

struct dns_walk {
    const struct dns_message *m;
    struct reader r;
    unsigned labels; /* that may still be read */
    unsigned flaws;  /* met so far */
};

/* Read the header. False if it is not whole. */
bool dns_open(struct dns_message *m, const uint8_t *data, size_t len);

/* Walk all sections. Returns the flaws, and lowers the counts to what can be read and is to be used. */
unsigned dns_check(struct dns_message *m);

/* A walk from the first query on. */
struct dns_walk dns_begin(const struct dns_message *m);

/* Read a name from r, which is the walk's own reader or that of a record's data. out NULL: skip it. */
bool dns_read_name(struct dns_walk *w, struct reader *r, struct dns_name *out);

/* Next entry of the walk. with_name false: the record's name is skipped. */
bool dns_read_query(struct dns_walk *w, struct dns_query *q);
bool dns_read_record(struct dns_walk *w, struct dns_record *rr, bool with_name);

/* ASCII letters to lower case (RFC 4343). */
void dns_name_lower(struct dns_name *n);

bool dns_name_equal(const struct dns_name *a, const struct dns_name *b);

static inline unsigned dns_opcode(uint16_t flags)
{
    return (flags >> 11) & 15u;
}

#endif
