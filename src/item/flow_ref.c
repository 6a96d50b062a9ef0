#include "item/flow_ref.h"

const char *address_source_name(enum address_source s)
{
    static const char *const names[ADDRESS_SOURCE_COUNT] = {"request", "passive-dns", "egress", "hosts",
                                                            "dns",     "placeholder", "carrier"};
    return s < ADDRESS_SOURCE_COUNT ? names[s] : "carrier";
}
