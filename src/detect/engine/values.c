/* Sets of values: looked into and changed by rules (dataset, datarep). */
#include "detect/engine/private.h"

/* The JSON of a value goes with the alert: kept for the rule that is looked at. */
static bool has_context(struct look *k, const struct ruleset_dataset *s, const struct match_dataset *m,
                        const uint8_t *p, size_t n)
{
    struct detect_lane *l = k->l;
    if (!dataset_has(s->set, p, n, m->subdomain, NULL, &l->json))
        return false;
    if (!l->json.len || l->context_count == DETECT_CONTEXTS_MAX ||
        l->context_text.len + l->json.len > DETECT_CONTEXT_BYTES)
        return true;
    struct detect_context c = {s->context_key, (uint32_t)l->context_text.len, (uint32_t)l->json.len};
    if (buf_add(&l->context_text, l->json.data, l->json.len))
        l->contexts[l->context_count++] = c;
    return true;
}

bool memory_dataset(struct look *k, const struct match_dataset *m, const uint8_t *p, size_t n)
{
    const struct ruleset_dataset *s = &k->l->d->set->datasets[m->set];
    enum dataset_result r;
    uint16_t rep = 0;
    if (!n)
        return false;
    switch (m->command) {
    case DATASET_IS_SET:
        return s->context_key ? has_context(k, s, m, p, n) : dataset_has(s->set, p, n, m->subdomain, NULL, NULL);
    case DATASET_IS_NOT_SET:
        return !dataset_has(s->set, p, n, m->subdomain, NULL, NULL);
    case DATASET_REP:
        return dataset_has(s->set, p, n, m->subdomain, &rep, NULL) && uint_matches(&m->rep, rep);
    case DATASET_SET:
        r = dataset_add(s->set, p, n);
        if (r == DATASET_FULL)
            counter_add(k->l->counters, detect_n.dataset_full, 1);
        return r == DATASET_YES;
    default:
        return dataset_remove(s->set, p, n) == DATASET_YES;
    }
}
