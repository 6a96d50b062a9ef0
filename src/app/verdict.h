/* What rules and policies do to packets: passed, dropped, rejected. Private to the app stage.
 *
 * A passive sensor drops nothing: rules that drop alert, and that is all. With --simulate-ips records say what an
 * inline sensor would have done: what comes of a flow that was dropped is neither parsed nor looked at, each dropped
 * packet may have a `drop` record, and packets are counted as accepted, blocked or rejected. */
#ifndef BURROW_APP_VERDICT_H
#define BURROW_APP_VERDICT_H

#include "app/session.h"

struct app_verdict {
    bool ips;
    bool want;     /* drop records */
    bool all;      /* of every packet of a dropped flow, not of the first in each direction */
    bool alerts;   /* with the alert */
    bool verdicts; /* with the verdict */
    unsigned accepted, blocked, rejected, reasons[PACKET_REASONS], flow_reason, rule_reason, rate_reason;
};

void app_verdict_init(struct app_verdict *v, const struct stage *s);

/* Was the packet dropped already, by its flow or by a policy? Then nothing is to be done with it. */
bool app_verdict_before(struct app_call *c);

/* All of the packet was looked at. */
void app_verdict_after(struct app_call *c, const struct detect_alerts *alerts);

/* The member `verdict`. */
void app_put_verdict(const struct app_call *c, uint8_t action, struct json *j);

/* "allowed" or "blocked". */
const char *app_alert_action(const struct app_call *c, enum rule_action a);

/* What the line-based log puts before an alert of a rule that drops. */
const char *app_alert_mark(const struct app_call *c, const struct rule *r);

#endif
