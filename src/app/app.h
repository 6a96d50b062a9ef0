/* The app stage: what is spoken in a flow.
 *
 * Finds the protocol of each flow from its first bytes in either direction, runs its parser over the in-order bytes
 * that the flow stage gives, writes the records of its transactions, and tells decap (by notes and by `carried`) what a
 * tunnel is and which bytes are its own. Owns the parsers' states and the bytes they hold back, in each flow's app
 * slot. Must never touch the flow table. Thread: the lane's app thread. */
#ifndef BURROW_APP_APP_H
#define BURROW_APP_APP_H

#include "detect/apps.h"
#include "item/stage.h"

extern const struct stage_ops app_stage_ops;

/* When a buffer of this protocol is final, for the rules (a detect_ready_fn). */
uint8_t app_rules_ready(enum detect_app app, unsigned buffer);

/* What of rules the records of alerts have: RULESET_KEEP_* of detect/ruleset.h. */
struct settings;
unsigned app_rules_keep(const struct settings *s);

struct detect;
/* Is there a rule that rejects? */
bool app_rules_reject(const struct detect *d);

#endif
