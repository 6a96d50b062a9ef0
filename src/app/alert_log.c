/* The record of an alert, in Suricata's form. */
#include "app/alert.h"

#define PACKET_MOST (1u << 20)
#define BODY_MOST   (100u << 10)
#define BODY_WORK   (4u << 20)
#define XFF_HEADERS 256u /* that are looked at */

static void put_end(struct json *j, const char *key, const struct addr *a, uint16_t port, bool ports)
{
    json_open_object(j, key);
    json_addr(j, "ip", a);
    if (ports)
        json_u64(j, "port", port);
    json_end_object(j);
}

/* Who is attacked and by whom, where the rule says it. */
static void put_target(const struct app_call *c, const struct rule *r, enum flow_dir dir, struct json *j)
{
    const struct flow_ref *f = c->flow;
    if (r->target == TARGET_NONE || !f)
        return;
    bool back = dir == TO_CLIENT;
    bool ports = f->key.proto == 6 || f->key.proto == 17;
    const struct addr *src = back ? &f->key.dst : &f->key.src, *dst = back ? &f->key.src : &f->key.dst;
    uint16_t sport = back ? f->key.dport : f->key.sport, dport = back ? f->key.sport : f->key.dport;
    bool to_dst = r->target == TARGET_DST;
    put_end(j, "source", to_dst ? src : dst, to_dst ? sport : dport, ports);
    put_end(j, "target", to_dst ? dst : src, to_dst ? dport : sport, ports);
}

/* The JSON writer takes keys as they are: one with a quote or control characters in it is left out. */
bool app_plain_key(const char *key)
{
    for (; *key; key++)
        if (*key == '"' || *key == '\\' || (unsigned char)*key < ' ' || (unsigned char)*key >= 0x7f)
            return false;
    return true;
}

/* Values by key, in the order in which keys first appear. */
static void put_metadata(const struct rule *r, struct json *j)
{
    char text[RULE_TEXT_MAX];
    struct rule_metadata list[RULE_METADATA_MAX];
    uint32_t count = rule_metadata(r, text, list);
    if (!count)
        return;
    json_open_object(j, "metadata");
    for (uint32_t i = 0; i < count; i++) {
        bool told = false;
        for (uint32_t k = 0; k < i && !told; k++)
            told = strcmp(list[k].key, list[i].key) == 0;
        if (told || !app_plain_key(list[i].key))
            continue;
        json_open_array(j, list[i].key);
        for (uint32_t k = i; k < count; k++)
            if (strcmp(list[k].key, list[i].key) == 0)
                json_str(j, NULL, list[k].value);
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

/* What datasets know of the values that were found in them. */
static void put_known(const struct app_rules *r, const struct detect_alert *alert, struct json *j)
{
    for (unsigned i = 0; i < alert->context_count; i++) {
        const char *key, *before;
        size_t len;
        const char *text = detect_context(r->lane, alert, i, &key, &len);
        bool told = false;
        for (unsigned k = 0; k < i && !told; k++) {
            size_t other;
            detect_context(r->lane, alert, k, &before, &other);
            told = strcmp(before, key) == 0;
        }
        if (!told && app_plain_key(key))
            json_raw(j, key, text, len);
    }
}

/* What datasets know, and what patterns captured for the alert. */
static void put_context(const struct app_rules *r, const struct detect_alert *alert, struct json *j)
{
    const struct detect_var *v;
    const char *name;
    if (!alert || (!alert->context_count && !alert->var_count))
        return;
    json_open_object(j, "context");
    put_known(r, alert, j);
    for (unsigned i = 0; (v = detect_alert_var(r->lane, alert, i)); i++)
        if ((name = detect_var_name(detect_of(r->lane), v)) && app_plain_key(name))
            json_bytes(j, name, v->bytes, v->len);
    json_end_object(j);
}

void app_put_alert(const struct app_call *c, const struct rule *r, enum flow_dir dir, const struct detect_alert *alert,
                   struct json *j)
{
    const struct app_alert_options *o = &((const struct app_stage *)c->stage->state)->rules->logs[j->log];
    json_open_object(j, "alert");
    /* Without an alert of its own it is in the record of a packet that it dropped. */
    json_str(j, "action", app_alert_action(c, alert ? alert->action : r->action == RULE_ALERT ? RULE_DROP : r->action));
    json_u64(j, "gid", r->gid);
    json_u64(j, "signature_id", r->sid);
    json_u64(j, "rev", r->rev);
    json_str(j, "signature", r->msg);
    json_str(j, "category", r->class_type ? r->class_type->text : "");
    json_u64(j, "severity", r->priority);
    put_target(c, r, dir, j);
    put_context(((const struct app_stage *)c->stage->state)->rules, alert, j);
    if (o->metadata && r->metadata[0])
        put_metadata(r, j);
    if (o->references && r->reference_count)
        put_references(r, j);
    if (o->raw)
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

/* What of the payload may be shown is shown.h's business. */
static void put_payload(const struct app_alert *a, struct json *j)
{
    const struct app_alert_options *o = &a->rules->logs[j->log];
    const struct app_call *c = a->call;
    struct inspect_bytes b = {NULL, 0};
    if (a->in_stream || a->tx)
        b = app_shown_stream(c, (int)a->input->dir);
    bool stream = b.n > 0;
    if (!stream && c->packet)
        b = app_shown_payload(c);
    if (b.n > o->payload_most)
        b.n = o->payload_most;
    if (o->payload && b.n)
        json_base64(j, "payload", b.p, b.n);
    if (o->length)
        json_u64(j, "payload_length", b.n);
    if (o->printable && b.n)
        json_printable(j, "payload_printable", b.p, b.n);
    json_u64(j, "stream", stream);
}

void app_put_packet(const struct app_call *c, struct json *j)
{
    int dlt;
    struct inspect_bytes b = app_shown_frame(c, &dlt);
    if (!b.n || b.n > PACKET_MOST)
        return;
    const char *name = decode_link_name(dlt);
    json_base64(j, "packet", b.p, b.n);
    json_open_object(j, "packet_info");
    json_u64(j, "linktype", decode_link_number(dlt));
    if (name)
        json_str(j, "linktype_name", name);
    json_end_object(j);
}

static void write_tagged(const struct event *e, struct json *j)
{
    app_put_packet(e->arg, j);
}

void app_write_tagged(struct app_call *c)
{
    if (c->packet->item.kind != ITEM_PACKET || !c->stage->sink->wanted(c->stage->sink, "alert"))
        return;
    struct event e = {.type = "packet",
                      .time_ns = c->time_ns,
                      .number = c->number,
                      .flow = c->flow,
                      .packet = c->packet,
                      .follow_packet = true,
                      .dir = c->packet->dir,
                      .tx_id = -1,
                      .write = write_tagged,
                      .arg = c};
    c->stage->sink->emit(c->stage->sink, &e);
}

/* A buffer of the alert's transaction, by the key that rules' buffers have. */
static bool tx_buffer(const struct app_alert *a, const char *key, enum flow_dir dir, unsigned index, struct buf *work,
                      struct proto_bytes *out)
{
    const struct app_session *as = a->call->session;
    unsigned id = detect_buffer_find(key);
    const struct proto_buffer *b = id ? a->rules->buffers[as->proto_index][id] : NULL;
    struct proto_ask ask = {.state = as->state, .tx = a->tx, .dir = dir, .index = index, .work = work};
    buf_clear(work);
    return b && b->get(&ask, out) && out->n;
}

static void put_body(const struct app_alert *a, struct json *j, enum flow_dir dir, struct buf *work)
{
    static const char *const keys[] = {"http_request_body", "http_response_body"};
    static const char *const printable[] = {"http_request_body_printable", "http_response_body_printable"};
    const struct app_alert_options *o = &a->rules->logs[j->log];
    struct proto_bytes b;
    if (!tx_buffer(a, dir == TO_SERVER ? "http_client_body" : "file_data", dir, 0, work, &b))
        return;
    if (b.n > BODY_MOST)
        b.n = BODY_MOST;
    if (o->http_body_printable)
        json_printable(j, printable[dir], b.p, b.n);
    if (o->http_body)
        json_base64(j, keys[dir], b.p, b.n);
}

static void put_transaction(const struct app_alert *a, struct json *j)
{
    const struct app_alert_options *o = &a->rules->logs[j->log];
    const struct app_session *as = a->call->session;
    json_open_object(j, as->proto->record);
    (as->proto->log_alert ? as->proto->log_alert : as->proto->log)(as->state, a->tx, j);
    if ((o->http_body || o->http_body_printable) && strcmp(as->proto->record, "http") == 0) {
        struct buf work;
        buf_init(&work, BODY_WORK);
        put_body(a, j, TO_SERVER, &work);
        put_body(a, j, TO_CLIENT, &work);
        buf_fini(&work);
    }
    json_end_object(j);
    if (as->proto->log_beside)
        as->proto->log_beside(as->state, a->tx, false, j);
}

/* "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]:80" or "2001:db8::1". */
static bool address_of(const char *p, size_t n, struct addr *out)
{
    while (n && (*p == ' ' || *p == '\t' || *p == '"'))
        p++, n--;
    while (n && (p[n - 1] == ' ' || p[n - 1] == '\t' || p[n - 1] == '"'))
        n--;
    if (n && *p == '[') {
        const char *end = memchr(p, ']', n);
        return end && addr_parse(p + 1, (size_t)(end - p) - 1, out);
    }
    const char *colon = memchr(p, ':', n);
    if (colon && memchr(p, '.', (size_t)(colon - p)))
        n = (size_t)(colon - p);
    return addr_parse(p, n, out);
}

/* The client that a proxy's header names. */
static bool forwarded(const struct app_alert *a, const struct proto_bytes *line, struct addr *out)
{
    const struct app_alert_options *o = &a->rules->options;
    const char *p = (const char *)line->p;
    size_t name = strlen(o->xff_header);
    if (line->n <= name || strncasecmp(p, o->xff_header, name) != 0 || p[name] != ':')
        return false;
    const char *value = p + name + 1, *end = p + line->n;
    size_t n = (size_t)(end - value);
    const char *comma = o->xff_last ? memrchr(value, ',', n) : memchr(value, ',', n);
    if (comma && o->xff_last)
        value = comma + 1;
    else if (comma)
        end = comma;
    return address_of(value, (size_t)(end - value), out);
}

bool app_alert_xff(const struct app_alert *a, struct addr *out)
{
    struct buf work;
    struct proto_bytes line;
    bool found = false;
    if (!a->rules->options.xff || !a->tx)
        return false;
    buf_init(&work, BODY_WORK);
    for (unsigned i = 0; !found && i < XFF_HEADERS; i++) {
        if (!tx_buffer(a, "http_request_header", TO_SERVER, i, &work, &line))
            break;
        found = forwarded(a, &line, out);
    }
    buf_fini(&work);
    return found;
}

void app_alert_write(const struct event *e, struct json *j)
{
    const struct app_alert *a = e->arg;
    const struct app_session *as = a->call->session;
    const struct app_alert_options *o = &a->rules->logs[j->log];
    struct addr client;
    if (a->tx && !a->alert->tx)
        json_bool(j, "tx_guessed", true);
    app_put_alert(a->call, a->rule, a->input->dir, a->alert, j);
    if (o->xff && !a->rules->options.xff_overwrite && app_alert_xff(a, &client))
        json_addr(j, "xff", &client);
    if (a->tx && o->app_layer && as->proto->record)
        put_transaction(a, j);
    app_put_vars(a->call, a->input, j);
    if (a->tx && o->metadata)
        app_files_put(a->tx, as->reversed ? flow_dir_other(a->input->dir) : a->input->dir, j);
    if (a->call->flow && o->flow)
        put_flow(a, j);
    if (o->payload || o->printable || o->length)
        put_payload(a, j);
    if (o->packet && a->call->packet)
        app_put_packet(a->call, j);
    if (o->verdict)
        app_put_verdict(a->call, a->rules->alerts.action, j);
}
