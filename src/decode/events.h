/* Decoder events: what is wrong with a packet below its application, with Suricata's names. */
#ifndef BURROW_DECODE_EVENTS_H
#define BURROW_DECODE_EVENTS_H

/* X(identifier, "name"): the name is that of decode-event and of anomaly records. */
#define DECODE_EVENTS(X) X(IPV4_PKT_TOO_SMALL, "decoder.ipv4.pkt_too_small")

#define DECODE_EVENT_ENUM(id, name) DECODE_##id,
enum decode_event { DECODE_EVENTS(DECODE_EVENT_ENUM) DECODE_EVENT_COUNT };
#undef DECODE_EVENT_ENUM

/* "decoder.ipv4.pkt_too_small" */
const char *decode_event_name(enum decode_event e);

#endif
