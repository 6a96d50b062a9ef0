/* The record of an alert, in Suricata's form. */
#include "app/alert.h"

#define HEX_MOST     65536u
#define LINKTYPE_RAW 101 /* packets from their IP header on (tcpdump.org's LINKTYPE registry) */

static void put_end(struct json *j, const char *key, const struct addr *a, uint16_t port, bool ports)
{
    json_open_object(j, key);
    json_addr(j, "ip", a);
    if (ports)
        json_u64(j, "port", port);
    json_end_object(j);
}

/* Who is attacked and by whom, where the rule says it. */
static void put_target(const struct app_alert *a, struct json *j)
{
    const struct flow_ref *f = a->call->flow;
    if (a->rule->target == TARGET_NONE || !f)
        return;
    bool back = a->input->dir == TO_CLIENT;
    bool ports = f->key.proto == 6 || f->key.proto == 17;
    const struct addr *src = back ? &f->key.dst : &f->key.src, *dst = back ? &f->key.src : &f->key.dst;
    uint16_t sport = back ? f->key.dport : f->key.sport, dport = back ? f->key.sport : f->key.dport;
    bool to_dst = a->rule->target == TARGET_DST;
    put_end(j, "source", to_dst ? src : dst, to_dst ? sport : dport, ports);
    put_end(j, "target", to_dst ? dst : src, to_dst ? dport : sport, ports);
}

/* The JSON writer takes keys as they are: one with a quote or control characters in it is left out. */
static bool plain_key(const char *key)
{
    for (; *key; key++)
        if (*key == '"' || *key == '\\' || (unsigned char)*key < ' ' || (unsigned char)*key >= 0x7f)
            return false;
    return true;
}

/* Values by key, in the order in which keys first appear. */
static void put_metadata(const struct rule *r, struct json *j)
{
    json_open_object(j, "metadata");
    for (uint32_t i = 0; i < r->metadata_count; i++) {
        bool told = false;
        for (uint32_t k = 0; k < i && !told; k++)
            told = strcmp(r->metadata[k].key, r->metadata[i].key) == 0;
        if (told || !plain_key(r->metadata[i].key))
            continue;
        json_open_array(j, r->metadata[i].key);
        for (uint32_t k = i; k < r->metadata_count; k++)
            if (strcmp(r->metadata[k].key, r->metadata[i].key) == 0)
                json_str(j, NULL, r->metadata[k].value);
        json_end_array(j);
    }
    json_end_object(j);
}

static void put_references(const struct rule *r, struct json *j)
{
    char url[1024];
    json_open_array(j, "references");
    for (uint32_t i = 0; i < r->reference_count; i++) {
        snprintf(url, sizeof url, "%s%s", r->references[i].url, r->references[i].id);
        json_str(j, NULL, url);
    }
    json_end_array(j);
}

static void put_alert(const struct app_alert *a, struct json *j)
{
    const struct rule *r = a->rule;
    json_open_object(j, "alert");
    json_str(j, "action", "allowed");
    json_u64(j, "gid", r->gid);
    json_u64(j, "signature_id", r->sid);
    json_u64(j, "rev", r->rev);
    json_str(j, "signature", r->msg);
    json_str(j, "category", r->class_type ? r->class_type->text : "");
    json_u64(j, "severity", r->priority);
    put_target(a, j);
    if (r->metadata_count)
        put_metadata(r, j);
    if (a->rules->options.references && r->reference_count)
        put_references(r, j);
    if (a->rules->options.raw)
        json_str(j, "rule", r->text);
    json_end_object(j);
}

static void put_flow(const struct app_alert *a, struct json *j)
{
    const struct flow_ref *f = a->call->flow;
    const struct packet *p = a->call->packet;
    json_open_object(j, "flow");
    if (p) {
        json_u64(j, "pkts_toserver", p->seen.packets[TO_SERVER]);
        json_u64(j, "pkts_toclient", p->seen.packets[TO_CLIENT]);
        json_u64(j, "bytes_toserver", p->seen.wire_bytes[TO_SERVER]);
        json_u64(j, "bytes_toclient", p->seen.wire_bytes[TO_CLIENT]);
    }
    json_time(j, "start", f->start_ns);
    json_addr(j, "src_ip", &f->key.src);
    json_addr(j, "dest_ip", &f->key.dst);
    if (f->key.proto == 6 || f->key.proto == 17) {
        json_u64(j, "src_port", f->key.sport);
        json_u64(j, "dest_port", f->key.dport);
    }
    json_end_object(j);
}

/* A SOCKS negotiation may have a password in it, which no record shows. */
static bool may_show(const struct app_alert *a)
{
    const struct app_session *as = a->call->session;
    return !as || !as->proto || strcmp(as->proto->name, "socks") != 0;
}

static void put_payload(const struct app_alert *a, struct json *j)
{
    const struct app_alert_options *o = &a->rules->options;
    const struct packet *p = a->call->packet;
    const struct app_session *as = a->call->session;
    struct inspect_bytes b = {NULL, 0};
    bool stream = (a->in_stream || a->tx) && as && as->detect && a->call->flow->key.proto == 6;
    if (stream)
        b = detect_stream(as->detect, a->input->dir);
    if (!b.n && p) {
        bool wire = p->item.kind == ITEM_PACKET;
        b = (struct inspect_bytes){wire ? p->d.payload : p->payload, wire ? p->d.payload_len : p->payload_len};
        stream = false;
    }
    if (b.n > o->payload_most)
        b.n = o->payload_most;
    if (o->payload && b.n)
        json_base64(j, "payload", b.p, b.n);
    if (o->printable && b.n)
        json_printable(j, "payload_printable", b.p, b.n);
    if (o->payload || o->printable)
        json_u64(j, "stream", stream);
}

static void put_packet(const struct packet *p, struct json *j)
{
    if (p->item.kind != ITEM_PACKET)
        return;
    /* What is in a tunnel is shown from its IP header on. */
    bool inner = p->link != NULL;
    const uint8_t *from = inner ? p->d.ip : p->frame;
    uint32_t len = inner ? p->d.ip_len : p->frame_len;
    const char *name = decode_link_name(inner ? LINKTYPE_RAW : p->dlt);
    if (!from || !len || len > HEX_MOST)
        return;
    json_base64(j, "packet", from, len);
    json_open_object(j, "packet_info");
    json_u64(j, "linktype", inner ? LINKTYPE_RAW : decode_link_number(p->dlt));
    if (name)
        json_str(j, "linktype_name", name);
    json_end_object(j);
}

void app_alert_write(const struct event *e, struct json *j)
{
    const struct app_alert *a = e->arg;
    const struct app_session *as = a->call->session;
    const struct app_alert_options *o = &a->rules->options;
    put_alert(a, j);
    if (a->tx && o->metadata)
        app_put_tx(as, a->tx, false, j);
    if (a->call->flow && o->metadata)
        put_flow(a, j);
    if (!may_show(a))
        return;
    if (o->payload || o->printable)
        put_payload(a, j);
    if (o->packet && a->call->packet)
        put_packet(a->call->packet, j);
}
