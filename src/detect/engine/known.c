/* Conditions on what is known of addresses: iprep, geoip. */
#include "detect/engine/private.h"

static bool rep_of(const struct look *k, const struct match_iprep *m, const struct addr *a)
{
    int v = a ? reputation_find(k->l->d->set->reputation, a, m->number) : -1;
    if (m->isset || m->isnotset)
        return (v >= 0) == m->isset;
    return v >= 0 && uint_matches(&m->value, (uint64_t)v);
}

bool known_iprep(const struct look *k, const struct match_iprep *m)
{
    switch (m->side) {
    case MATCH_GEO_SRC:
        return rep_of(k, m, k->src);
    case MATCH_GEO_DST:
        return rep_of(k, m, k->dst);
    case MATCH_GEO_BOTH:
        return rep_of(k, m, k->src) && rep_of(k, m, k->dst);
    default:
        return rep_of(k, m, k->src) || rep_of(k, m, k->dst);
    }
}

static bool country_of(const struct look *k, const struct match_geoip *m, const struct addr *a)
{
    char country[3];
    if (!a || !geoip_country(k->l->d->set->geoip, a, country))
        return false;
    for (uint16_t i = 0; i < m->count; i++)
        if (strcmp(m->countries[i], country) == 0)
            return !m->negated;
    return m->negated;
}

bool known_geoip(const struct look *k, const struct match_geoip *m)
{
    switch (m->side) {
    case MATCH_GEO_SRC:
        return country_of(k, m, k->src);
    case MATCH_GEO_DST:
        return country_of(k, m, k->dst);
    case MATCH_GEO_BOTH:
        return country_of(k, m, k->src) && country_of(k, m, k->dst);
    default:
        return country_of(k, m, k->src) || country_of(k, m, k->dst);
    }
}
