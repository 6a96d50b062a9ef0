/* Passwords in payload that alerts show: found as the bytes pass, and overwritten.
 *
 * Masked with 'X', length for length, are the credentials of HTTP's Authorization and Proxy-Authorization (the name of
 * a known scheme stays), the header blocks that an HTTP/2 client sends (they are compressed: what is in them can't be
 * told by looking), and the password of SOCKS5's user name negotiation. A scan is of one direction of a connection and
 * may be cut anywhere: what was begun in one piece is masked on in the next. It looks at bytes alone, so that it sees
 * what is inside tunnels too. Private to the app stage; no allocation. */
#ifndef BURROW_APP_SECRETS_H
#define BURROW_APP_SECRETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed: at a connection's first byte. */
struct secrets {
    uint8_t state;   /* of lines and SOCKS */
    uint8_t matched; /* bytes of a name or scheme that fit; bytes of an address */
    uint8_t name;    /* which */
    uint8_t left;    /* bytes of a SOCKS field to come */
    uint8_t preface; /* bytes of HTTP/2's preface that fit; PREFACE_NO: it is not */
    uint8_t head;    /* bytes of a frame's header that were read */
    uint8_t type;    /* of the frame */
    bool http2;
    bool show_socks; /* the configuration lets SOCKS passwords be shown */
    uint16_t open;   /* bytes since some were missing that may all be one secret */
    uint32_t frame;  /* bytes of the frame to come */
};

/* The next bytes of the direction: mask what is secret in them. */
void secrets_mask(struct secrets *s, uint8_t *p, size_t n);

/* What follows begins anew: a tunnel's content. */
void secrets_restart(struct secrets *s);

/* Bytes are missing here, a secret's begin perhaps among them: up to the next line all is masked. */
void secrets_lost(struct secrets *s);

/* Bytes are missing of what is not known to be a protocol with secrets. Masked is what can be the rest of one in the
 * first line: what follows the end of a header's name or scheme; an encoded secret, whole up to the line's end; a line
 * with a parameter that answers a challenge; the end of SOCKS5's user name negotiation; a header frame of HTTP/2. All
 * but the last as long as the bytes end with it, 8,190 at most. */
void secrets_middle(struct secrets *s);

/* n bytes are missing of it. Where so few can't hide a header's name all goes on; else as secrets_middle. */
void secrets_skip(struct secrets *s, uint64_t n);

#endif
