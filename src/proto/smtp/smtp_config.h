/* What app-layer.protocols.smtp and the options of the smtp records say. One for each lane, read only once made.
 * Private to the room. */
#ifndef BURROW_PROTO_SMTP_CONFIG_H
#define BURROW_PROTO_SMTP_CONFIG_H

#include "proto/mime/mime.h"
#include "proto/proto.h"

#define SMTP_SCHEMES_MAX 16u /* of extract-urls-schemes */
#define SMTP_SCHEME_LEN  32u /* bytes of one with what follows it */

struct smtp_config {
    bool decode;          /* messages */
    bool raw;             /* each message is a file, as it is */
    size_t content_limit; /* bytes of a file that rules look at */
    struct mime_config mime;
    const char *schemes[SMTP_SCHEMES_MAX];
    char scheme_texts[SMTP_SCHEMES_MAX][SMTP_SCHEME_LEN];
    /* records */
    uint32_t fields; /* bits of smtp_fields that the smtp record has beside those that all records have */
    bool body_md5;
    bool subject_md5;
};

/* Fields of messages that records can have. */
struct smtp_field {
    const char *key;  /* in records: "x_mailer" */
    const char *name; /* in messages: "X-Mailer" */
    bool extended;    /* with `extended: yes` */
    enum { SMTP_FIELD_TEXT, SMTP_FIELD_ADDRESSES, SMTP_FIELD_ALL } form;
};

#define SMTP_FIELD_COUNT 16u
extern const struct smtp_field smtp_fields[SMTP_FIELD_COUNT];

/* app_proto.configure and unconfigure. */
int smtp_configure(const struct settings *settings, void **out);
void smtp_unconfigure(void *config);

#endif
