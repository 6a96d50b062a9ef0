/* Records of mails, and what rules look at. Private to the room. */
#ifndef BURROW_PROTO_SMTP_LOG_H
#define BURROW_PROTO_SMTP_LOG_H

#include "proto/smtp/smtp_state.h"

void smtp_log(const void *state, const struct proto_tx *tx, struct json *j);
/* The message. */
void smtp_log_beside(const void *state, const struct proto_tx *tx, bool own, struct json *j);

extern const struct proto_buffer smtp_buffers[];
extern const struct proto_ready smtp_ready[];

#endif
