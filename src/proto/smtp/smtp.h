/* SMTP (RFC 5321): who sends mail to whom. The message itself is stepped over, not read.
 *
 * A transaction is a mail: from MAIL to the reply that takes or refuses the message, or to RSET, a new HELO or the end.
 * The first command begins one too, so that a session without mail leaves a record (as in Suricata). Replies are
 * matched with commands in order (RFC 2920), which tells whether DATA was taken. After STARTTLS was granted the rest is
 * encrypted, and the flow is done with.
 *
 * Run by the lane's app thread; holds the envelope of the mails that are not answered yet, and no line longer than a
 * cap. Never keeps what AUTH says. */
#ifndef BURROW_PROTO_SMTP_H
#define BURROW_PROTO_SMTP_H

#include "proto/proto.h"

extern const struct app_proto proto_smtp;

#endif
