/* What rules noted of a flow, in its records: flowbits, flowints and variables, as in Suricata. */
#include <stdlib.h>

#include "app/alert.h"

#define TEXT_MOST (64u << 10) /* bytes of each member; a longer one is left out */

struct notes {
    struct json *j;
    enum detect_note_kind kind;
    const char *prefix; /* of bits that are meant; NULL: all others */
    bool any;
};

static const char *const prefixes[] = {"traffic/id/", "traffic/label/"};

/* A bit that is called so says what kind of traffic it is. */
static const char *traffic_of(const char *name)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return prefixes[i];
    return NULL;
}

static void open_member(struct notes *n, const char *key, bool object)
{
    if (!n->any && object)
        json_open_object(n->j, key);
    else if (!n->any)
        json_open_array(n->j, key);
    n->any = true;
}

static void put_note(void *arg, const struct detect_note *note)
{
    struct notes *n = arg;
    if (note->kind != n->kind)
        return;
    if (note->kind == DETECT_NOTE_BIT && traffic_of(note->name) == n->prefix) {
        open_member(n, !n->prefix ? "flowbits" : n->prefix == prefixes[0] ? "id" : "label", false);
        json_str(n->j, NULL, note->name + (n->prefix ? strlen(n->prefix) : 0));
    } else if (note->kind == DETECT_NOTE_INT && app_plain_key(note->name)) {
        open_member(n, "flowints", true);
        json_u64(n->j, note->name, note->value);
    }
}

static bool put_kind(const struct app_rules *r, const struct detect_flow *f, struct json *j, enum detect_note_kind kind,
                     const char *prefix)
{
    struct notes n = {.j = j, .kind = kind, .prefix = prefix};
    detect_each_note(detect_of(r->lane), f, put_note, &n);
    if (n.any && kind == DETECT_NOTE_INT)
        json_end_object(j);
    else if (n.any)
        json_end_array(j);
    return n.any;
}

static void put_var(const struct app_rules *r, const struct detect_var *v, struct json *j)
{
    const char *name = detect_var_name(detect_of(r->lane), v);
    if (!name || !app_plain_key(name))
        return;
    json_open_object(j, NULL);
    json_bytes(j, name, v->bytes, v->len);
    json_end_object(j);
}

/* What patterns captured for the flow, and for the packet that is looked at; in: NULL: there is none. */
static bool put_vars(const struct app_rules *r, const struct detect_flow *f, const struct detect_input *in,
                     struct json *j)
{
    const struct detect_var *v;
    bool flow = detect_flow_var(f, 0), packet = in && detect_packet_var(r->lane, in, 0);
    if (flow)
        json_open_array(j, "flowvars");
    for (unsigned i = 0; flow && (v = detect_flow_var(f, i)); i++)
        put_var(r, v, j);
    if (flow)
        json_end_array(j);
    if (packet)
        json_open_array(j, "pktvars");
    for (unsigned i = 0; packet && (v = detect_packet_var(r->lane, in, i)); i++)
        put_var(r, v, j);
    if (packet)
        json_end_array(j);
    return flow || packet;
}

/* The member's object; NULL: it would be empty. */
static char *object(const struct app_rules *r, const struct detect_flow *f, const struct detect_input *in, bool traffic)
{
    struct buf b;
    buf_init(&b, TEXT_MOST);
    struct json j = json_of(&b);
    json_open_object(&j, NULL);
    bool any = false;
    for (size_t i = 0; traffic && i < sizeof prefixes / sizeof prefixes[0]; i++)
        any |= put_kind(r, f, &j, DETECT_NOTE_BIT, prefixes[i]);
    if (!traffic) {
        any |= f && put_kind(r, f, &j, DETECT_NOTE_BIT, NULL);
        any |= f && put_kind(r, f, &j, DETECT_NOTE_INT, NULL);
        any |= put_vars(r, f, in, &j);
    }
    json_end_object(&j);
    if (any && !j.failed && buf_add_byte(&b, 0))
        return (char *)b.data;
    buf_fini(&b);
    return NULL;
}

struct app_vars app_vars_of(const struct app_stage *st, const struct app_session *as, const struct detect_input *in)
{
    const struct app_rules *r = st->rules;
    const struct detect_flow *f = as ? as->detect : NULL;
    struct app_vars v = {NULL, NULL};
    if (!r || !r->options.vars)
        return v;
    bool notes = detect_has_notes(f);
    if (notes || detect_flow_var(f, 0) || (in && detect_packet_var(r->lane, in, 0)))
        v.metadata = object(r, f, in, false);
    if (notes)
        v.traffic = object(r, f, in, true);
    return v;
}

void app_vars_free(struct app_vars *v)
{
    free(v->metadata);
    free(v->traffic);
}

void app_put_vars(const struct app_call *c, const struct detect_input *in, struct json *j)
{
    struct app_vars v = app_vars_of(c->stage->state, c->session, in);
    if (v.traffic)
        json_raw(j, "traffic", v.traffic, strlen(v.traffic));
    if (v.metadata)
        json_raw(j, "metadata", v.metadata, strlen(v.metadata));
    app_vars_free(&v);
}
