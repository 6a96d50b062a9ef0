/* Which rule each operating system follows, for TCP segments and for fragments. */
#ifndef BURROW_FLOW_OVERLAP_H
#define BURROW_FLOW_OVERLAP_H

#include "config/settings.h"
#include "flow/pieces.h"

overlap_rule overlap_of_segments(enum settings_os os);
overlap_rule overlap_of_fragments(enum settings_os os);

#endif
