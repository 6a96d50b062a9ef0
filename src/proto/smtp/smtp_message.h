/* The message of a mail. Private to the room. */
#ifndef BURROW_PROTO_SMTP_MESSAGE_H
#define BURROW_PROTO_SMTP_MESSAGE_H

#include "proto/smtp/smtp_config.h"
#include "proto/smtp/smtp_state.h"

/* The current mail's message begins; nothing happens when it did already, or nobody wants it. */
void smtp_message_begin(struct smtp_state *s, struct proto_io *io);
/* Bytes of it, without what the transport added. */
void smtp_message_bytes(struct smtp_state *s, struct proto_io *io, const uint8_t *p, size_t n);
void smtp_message_gap(struct smtp_state *s, struct proto_io *io, uint64_t n);
/* It is over; whole: all of it was sent. */
void smtp_message_close(struct smtp_state *s, struct proto_io *io, bool whole);
void smtp_message_destroy(struct smtp_message **m);

/* What was read of it; NULL: it was not decoded. */
const struct mime *smtp_message_mime(const struct smtp_tx *tx);

#endif
