/* For tests: rules from a text, with a few variables. */
#ifndef BURROW_DETECT_LOAD_TEST_H
#define BURROW_DETECT_LOAD_TEST_H

#include "detect/ruleset.h"

/* Load, and expect so many rules. *why, if asked for, gets the last refused rule's line. The caller destroys. */
struct ruleset *load_some_test(const char *text, char why[1024]); /* however many are right */
struct ruleset *load_text_test(const char *text, unsigned rules, char why[1024]);

#endif
