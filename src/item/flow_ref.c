#include "item/flow_ref.h"

#include <stdlib.h>

const char *address_source_name(enum address_source s)
{
    static const char *const names[ADDRESS_SOURCE_COUNT] = {"request", "passive-dns", "egress",  "hosts",
                                                            "dns",     "placeholder", "carrier", ""};
    return s < ADDRESS_SOURCE_COUNT ? names[s] : "carrier";
}

struct flow_more *flow_end_more(struct flow_end *end)
{
    if (!end->more)
        end->more = calloc(1, sizeof *end->more);
    return end->more;
}

void flow_end_free_more(struct flow_end *end)
{
    if (!end->more)
        return;
    free(end->more->inner_host);
    free(end->more->proxied_for);
    free(end->more->metadata);
    free(end->more->traffic);
    free(end->more);
    end->more = NULL;
}
