/* Variables that captures of patterns make: of the flow, of the packet, of the alert. */
#include <stdlib.h>

#include "detect/engine/private.h"

/* Names have numbers that stay the same over reloads. */
static uint32_t number_of(const struct look *k, bool flow, uint32_t name)
{
    return k->l->d->names[flow ? NAME_FLOWVAR : NAME_PKTVAR][name];
}

void vars_begin(struct look *k)
{
    k->l->vars_new.count = 0;
}

static void put(struct detect_vars *list, uint32_t most, const struct detect_var *v)
{
    uint32_t i = 0;
    while (i < list->count && (list->at[i].name != v->name || list->at[i].kind != v->kind))
        i++;
    if (i == most)
        return;
    list->at[i] = *v;
    list->count += i == list->count;
}

void vars_capture(struct look *k, const struct pcre_capture *to, const uint8_t *p, size_t n)
{
    struct detect_var v = {.kind = (uint8_t)to->kind, .name = number_of(k, to->kind == CAPTURE_TO_FLOW, to->name)};
    v.len = (uint16_t)(n < DETECT_VAR_LEN ? n : DETECT_VAR_LEN);
    memcpy(v.bytes, p, v.len);
    put(&k->l->vars_new, DETECT_VARS_MAX, &v);
}

/* Variables of a packet are forgotten with it. */
static struct detect_vars *of_packet(const struct look *k)
{
    struct detect_lane *l = k->l;
    const struct packet *p = k->in->packet;
    uint64_t number = p ? p->item.number : 0, flow = k->in->flow ? k->in->flow->id : 0;
    if (l->vars_number != number || l->vars_flow != flow)
        l->vars_packet.count = 0;
    l->vars_number = number;
    l->vars_flow = flow;
    return &l->vars_packet;
}

void vars_keep(struct look *k)
{
    const struct detect_vars *made = &k->l->vars_new;
    struct detect_flow *f = k->in->state;
    for (uint32_t i = 0; i < made->count; i++) {
        if (made->at[i].kind == CAPTURE_TO_PACKET)
            put(of_packet(k), DETECT_VARS_MAX, &made->at[i]);
        if (made->at[i].kind != CAPTURE_TO_FLOW || !f)
            continue;
        if (!f->vars && !(f->vars = calloc(1, sizeof *f->vars)))
            return;
        put(f->vars, DETECT_VARS_MAX, &made->at[i]);
    }
}

void vars_alert(struct look *k, struct detect_alert *alert, bool first)
{
    struct detect_lane *l = k->l;
    const struct detect_vars *made = &l->vars_new;
    if (first)
        l->vars_alert.count = 0;
    alert->first_var = l->vars_alert.count;
    for (uint32_t i = 0; i < made->count && l->vars_alert.count < DETECT_VARS_MAX; i++)
        if (made->at[i].kind == CAPTURE_TO_ALERT)
            l->vars_alert.at[l->vars_alert.count++] = made->at[i];
    alert->var_count = l->vars_alert.count - alert->first_var;
}

bool vars_match(const struct look *k, const struct match_var *m, bool packet)
{
    const struct detect_vars *list = packet ? of_packet(k) : k->in->state ? k->in->state->vars : NULL;
    uint32_t name = number_of(k, !packet, m->name);
    for (uint32_t i = 0; list && i < list->count; i++)
        if (list->at[i].name == name && list->at[i].kind != CAPTURE_TO_ALERT)
            return (m->len && memmem(list->at[i].bytes, list->at[i].len, m->bytes, m->len)) != m->negated;
    return false;
}

const struct detect_var *detect_flow_var(const struct detect_flow *f, unsigned i)
{
    return f && f->vars && i < f->vars->count ? &f->vars->at[i] : NULL;
}

const struct detect_var *detect_packet_var(const struct detect_lane *l, const struct detect_input *in, unsigned i)
{
    uint64_t number = in->packet ? in->packet->item.number : 0, flow = in->flow ? in->flow->id : 0;
    bool same = l->vars_number == number && l->vars_flow == flow;
    return same && i < l->vars_packet.count ? &l->vars_packet.at[i] : NULL;
}

const struct detect_var *detect_alert_var(const struct detect_lane *l, const struct detect_alert *a, unsigned i)
{
    return i < a->var_count ? &l->vars_alert.at[a->first_var + i] : NULL;
}

const char *detect_var_name(const struct detect *d, const struct detect_var *v)
{
    enum name_kind kind = v->kind == CAPTURE_TO_FLOW ? NAME_FLOWVAR : NAME_PKTVAR;
    for (uint32_t i = 0; i < d->set->name_count[kind]; i++)
        if (d->names[kind][i] == v->name)
            return d->set->names[kind][i];
    return NULL;
}
