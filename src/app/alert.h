/* Between the files of the app stage that have to do with rules. Private to the room. */
#ifndef BURROW_APP_ALERT_H
#define BURROW_APP_ALERT_H

#include "app/session.h"

/* What records of alerts have besides the alert, as the eve-log's options say. */
struct app_alert_options {
    bool payload;
    bool printable;
    bool packet;
    bool metadata; /* the transaction, the flow */
    bool references;
    bool raw; /* the rule's text */
    uint32_t payload_most;
};

struct app_rules {
    const struct detect *detect;
    struct detect_lane *lane;
    struct app_alert_options options;
    struct detect_alerts alerts; /* of the packet that is looked at */
    enum detect_app apps[APP_PROTO_MAX];
    const struct proto_buffer **buffers[APP_PROTO_MAX]; /* by buffer id */
    const struct proto_number *numbers[APP_PROTO_MAX][DETECT_FIELD_COUNT];
};

/* An alert that is being written. */
struct app_alert {
    const struct app_call *call;
    const struct rule *rule;
    const struct proto_tx *tx; /* NULL: of a packet or stream */
    const struct detect_input *input;
    const struct app_rules *rules;
    const struct detect_alert *alert;
    bool in_stream;
};

/* Keywords of enum detect_field. */
extern const char *const app_field_names[];

#endif
