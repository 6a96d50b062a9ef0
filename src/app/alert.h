/* Between the files of the app stage that have to do with rules. Private to the room. */
#ifndef BURROW_APP_ALERT_H
#define BURROW_APP_ALERT_H

#include "app/session.h"
#include "app/shown.h"
#include "detect/engine/generation.h"
#include "app/verdict.h"

struct app_rules;

/* What records of alerts have besides the alert, as the eve-log's options say. */
struct app_alert_options {
    bool payload;
    bool printable;
    bool length;
    bool packet;
    bool tagged; /* packets that follow an alert whose rule says tag */
    bool http_body;
    bool http_body_printable;
    bool app_layer; /* the transaction */
    bool flow;
    bool metadata; /* the rule's */
    bool references;
    bool raw;  /* the rule's text */
    bool vars; /* flowbits, flowints and variables */
    bool verdict;
    bool show_socks; /* passwords of SOCKS */
    bool guess;      /* an alert on a stream or datagram shows the one transaction that it can be about */
    bool xff;
    bool xff_overwrite; /* src_ip or dest_ip are changed */
    bool xff_last;      /* of several addresses the last counts: it is the nearest proxy's */
    const char *xff_header;
    uint32_t payload_most;
};

/* eve: one log, or settings.eve. */
void app_alert_options_read(struct app_alert_options *o, const struct settings *s, const struct settings_eve *eve);
/* Those of each log, and what any of them wants. */
void app_alert_options_init(struct app_rules *r, const struct settings *s);

struct app_rules {
    struct detect_follow follow;
    const struct detect_generation *newest; /* whose wishes are known to the files */
    struct detect_windows windows;
    struct detect_lane *lane;         /* with the rules for what is looked at just now */
    uint64_t cursor[4];               /* proto_ask's */
    struct app_alert_options options; /* what any EVE log wants to have */
    struct app_alert_options logs[SETTINGS_EVE_LOGS_MAX];
    struct detect_alerts alerts; /* of the packet that is looked at */
    struct app_view view;
    struct app_verdict verdict;
    bool asked_all; /* each packet counts: for a verdict, or for what alerts show of payload */
    enum detect_app apps[APP_PROTO_MAX];
    const struct proto_buffer **buffers[APP_PROTO_MAX]; /* by buffer id */
    const struct proto_number *numbers[APP_PROTO_MAX][DETECT_FIELD_COUNT];
};

/* An alert that is being written. */
struct app_alert {
    const struct app_call *call;
    const struct rule *rule;
    const struct detect_alert *alert;
    const struct proto_tx *tx; /* NULL: of a packet or stream */
    const struct detect_input *input;
    const struct app_rules *rules;
    bool in_stream;
};

/* Can the JSON writer take this as a key as it is? */
bool app_plain_key(const char *key);

/* The member `alert` for a rule that matched in this direction; alert: what is known of the match, NULL: nothing. */
void app_put_alert(const struct app_call *c, const struct rule *r, enum flow_dir dir, const struct detect_alert *alert,
                   struct json *j);

/* The client that a proxy's header names, where that is asked for and there. */
bool app_alert_xff(const struct app_alert *a, struct addr *out);

/* The record of a packet that follows an alert. */
void app_write_tagged(struct app_call *c);

/* Members `packet` and `packet_info` of the packet at hand. */
void app_put_packet(const struct app_call *c, struct json *j);

/* Keywords of enum detect_field. */
extern const char *const app_field_names[];

#endif
