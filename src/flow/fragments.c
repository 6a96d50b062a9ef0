/* Fragments, and the events and counters of what is odd about them. */
#include "flow/stage.h"

#include <stdlib.h>

static const enum decode_event event_of[2][FRAG_EVENT_COUNT] = {
    {DECODE_IPV4_FRAG_PKT_TOO_LARGE, DECODE_IPV4_FRAG_OVERLAP, DECODE_IPV4_FRAG_IGNORED},
    {DECODE_IPV6_FRAG_PKT_TOO_LARGE, DECODE_IPV6_FRAG_OVERLAP, DECODE_IPV6_FRAG_IGNORED}};

static void tell(struct stage *s, struct packet *p, unsigned did)
{
    static const struct {
        unsigned flag;
        enum frag_event event;
    } events[] = {{DEFRAG_TOO_LARGE, FRAG_TOO_LARGE}, {DEFRAG_OVERLAP, FRAG_OVERLAP}, {DEFRAG_IGNORED, FRAG_IGNORED}};
    struct flow_stage *fs = s->state;
    unsigned version = p->d.src.family == ADDR_V6;
    const struct {
        unsigned flag;
        unsigned id;
    } counts[] = {{DEFRAG_MEMCAP, fs->n.frag_memcap},
                  {DEFRAG_EVICTED, fs->n.frag_evicted},
                  {DEFRAG_EXPIRED, fs->n.frag_expired},
                  {DEFRAG_OVERLAP, fs->n.frag_overlap},
                  {DEFRAG_DIFFERS, fs->n.frag_differs}};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (did & events[i].flag) {
            counter_add(s->counters, fs->n.frag_event[version][events[i].event], 1);
            flow_log_anomaly(fs, p, "decode", decode_event_name(event_of[version][events[i].event]));
            decode_event_add(&p->d, event_of[version][events[i].event]); /* for rules */
        }
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        if (did & counts[i].flag)
            counter_add(s->counters, counts[i].id, 1);
}

bool flow_defragment(struct stage *s, struct packet *p)
{
    struct flow_stage *fs = s->state;
    struct defrag_result r;
    unsigned version = p->d.src.family == ADDR_V6;
    counter_add(s->counters, fs->n.frag_seen[version], 1);
    defrag_packet(&fs->defrag, p, &r);
    if (r.did)
        tell(s, p, r.did);
    if (r.did & DEFRAG_MEMCAP)
        flow_apply_policy(s, NULL, p, ON_DEFRAG_MEMCAP);
    if (r.outcome == DEFRAG_DROPPED)
        counter_add(s->counters, fs->n.frag_dropped, 1);
    if (r.outcome != DEFRAG_WHOLE)
        return false;
    counter_add(s->counters, fs->n.frag_whole[version], 1);
    free(p->own); /* an outer packet that had been in fragments, too */
    p->own = r.bytes;
    p->d.ip = r.head ? r.bytes + r.ip_at : NULL;
    p->d.ip_len = r.head ? r.head - r.ip_at + r.len : 0;
    if (r.head && !p->link) {
        p->frame = r.bytes;
        p->frame_len = r.head + r.len;
    }
    if (r.head)
        p->wire_len = r.head + r.len; /* the datagram counts, not its last fragment */
    decode_transport(&p->d, r.bytes + r.head, r.len, false);
    return true;
}

void flow_fragment_counters(struct flow_counters *n)
{
    n->frag_seen[0] = counter_id("defrag.ipv4.fragments");
    n->frag_seen[1] = counter_id("defrag.ipv6.fragments");
    n->frag_whole[0] = counter_id("defrag.ipv4.reassembled");
    n->frag_whole[1] = counter_id("defrag.ipv6.reassembled");
    n->frag_dropped = counter_id("defrag.dropped");
    n->frag_memcap = counter_id("defrag.memcap_drop");
    n->frag_evicted = counter_id("defrag.max_trackers_reached");
    n->frag_expired = counter_id("defrag.timeouts");
    n->frag_overlap = counter_id("defrag.overlap");
    n->frag_differs = counter_id("defrag.overlap_diff_data");
    n->frag_memuse = counter_id("defrag.memuse");
    static const char *const events[2][FRAG_EVENT_COUNT] = {
        {"decoder.event.ipv4.frag_pkt_too_large", "decoder.event.ipv4.frag_overlap", "decoder.event.ipv4.frag_ignored"},
        {"decoder.event.ipv6.frag_pkt_too_large", "decoder.event.ipv6.frag_overlap",
         "decoder.event.ipv6.frag_ignored"}};
    for (unsigned v = 0; v < 2; v++)
        for (unsigned i = 0; i < FRAG_EVENT_COUNT; i++)
            n->frag_event[v][i] = counter_id(events[v][i]);
}
