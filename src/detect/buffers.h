/* Buffers: the parts of traffic that content, pcre and the like look into.
 *
 * One entry for each, whatever the number of names it goes by: the sticky buffer ("http.uri"), its older sticky name,
 * the content modifier ("http_uri") and the letter of pcre's modifier. Constant tables, any thread. */
#ifndef BURROW_DETECT_BUFFERS_H
#define BURROW_DETECT_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "detect/apps.h"

/* Directions, as bits. */
enum { DETECT_TO_SERVER = 1, DETECT_TO_CLIENT = 2, DETECT_BOTH = 3 };

/* Properties of a buffer, as bits. */
enum {
    BUFFER_MULTI = 1 << 0,    /* a transaction may have several; each use of it in a rule needs one of them to match */
    BUFFER_PACKET = 1 << 1,   /* of a packet, not of a transaction */
    BUFFER_FILE = 1 << 2,     /* of files that a transaction carries */
    BUFFER_PROVIDED = 1 << 3, /* a parser of this version provides it; else a rule that needs it can't match */
    BUFFER_NO_FAST = 1 << 4,  /* is no place for a fast pattern */
    BUFFER_FLOW = 1 << 5,     /* of the flow: of its addresses, its tunnel */
    /* What is in it: */
    BUFFER_HOST = 1 << 6, /* a host name in lower case */
    BUFFER_METHOD = 1 << 7,
    BUFFER_MD5 = 1 << 8,         /* in lower case, as the next */
    BUFFER_FINGERPRINT = 1 << 9, /* of a certificate */
    BUFFER_STATUS = 1 << 10,     /* a number */
    BUFFER_STATUS_TEXT = 1 << 11,
};

/* Reserved identities; those of the table follow. */
enum {
    BUFFER_PAYLOAD = 0, /* no buffer: the packet's payload and the reassembled stream */
    BUFFER_BASE64 = 1,  /* base64_data: what base64_decode made */
    BUFFER_FIRST = 2,
};

struct detect_buffer {
    const char *name;     /* "http.uri": the sticky buffer; NULL: there is none by that name */
    const char *key;      /* "http_uri": in analyses, and the key of the buffer for the engine */
    const char *old;      /* a second name of the sticky buffer, "dns_query", "tls_sni"; NULL: none */
    const char *modifier; /* content modifier "http_uri", which stands after its content; NULL: none */
    char pcre;            /* the letter of pcre's modifiers that selects it ('U'); 0: none */
    uint8_t dirs;         /* DETECT_* */
    uint16_t flags;       /* BUFFER_* */
    uint64_t apps;        /* DETECT_APP_BITs; 0: any, or a packet's */
    const char *text;     /* one line for people */
};

/* An id is an index, below this. */
size_t detect_buffer_count(void);

const struct detect_buffer *detect_buffer(unsigned id);

/* By key, "http_uri"; 0: there is none. */
unsigned detect_buffer_find(const char *key);

#endif
