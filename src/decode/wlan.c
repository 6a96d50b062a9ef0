/* IEEE 802.11 data frames, as captured in the air (with a radiotap header) or carried by an access point's tunnel. */
#include "decode/layers.h"

#define WLAN_HEADER_LEN  24
#define RADIOTAP_MIN_LEN 8
#define SUBFRAME_LEN     14

/* Frame control, first byte: type in bits 2 and 3, subtype above; second byte: flags. */
enum {
    TYPE_MASK = 0x0c,
    TYPE_DATA = 0x08,
    SUBTYPE_QOS = 0x80,
    SUBTYPE_NULL = 0x40, /* no data */
    FLAG_TO_DS = 0x01,
    FLAG_FROM_DS = 0x02,
    FLAG_PROTECTED = 0x40,
    FLAG_ORDER = 0x80, /* of QoS frames: an HT control field */
    QOS_AMSDU = 0x80,
};

/* What a data frame's body begins with: SNAP, or the first of several frames (A-MSDU), each with a header like
 * Ethernet's: the others are left. */
static void decode_body(struct decoded *d, struct reader *r, bool amsdu, unsigned how)
{
    if (amsdu) {
        const uint8_t *h = reader_take(r, SUBFRAME_LEN);
        if (h == NULL) {
            decode_event_add(d, DECODE_IEEE80211_PKT_TOO_SMALL);
            return;
        }
        uint32_t n = load_be16(h + 12);
        if (n <= reader_left(r))
            *r = reader_of(r->p, n);
    }
    if (!decode_snap(d, r->p, (uint32_t)reader_left(r), how))
        d->layers |= LAYER_OTHER;
}

void decode_wlan(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    struct reader r = reader_of(p, len);
    decode_header_seen(d, HEADER_WLAN);
    if (len >= 2 && (p[0] & TYPE_MASK) != TYPE_DATA) { /* management and control */
        d->layers |= LAYER_OTHER;
        return;
    }
    const uint8_t *h = reader_take(&r, WLAN_HEADER_LEN);
    bool qos = h != NULL && (h[0] & SUBTYPE_QOS);
    bool amsdu = false;
    if (h != NULL && (h[1] & FLAG_TO_DS) && (h[1] & FLAG_FROM_DS))
        reader_skip(&r, 6); /* a fourth address */
    if (qos) {
        const uint8_t *control = reader_take(&r, 2);
        amsdu = control != NULL && (control[0] & QOS_AMSDU);
        if (h[1] & FLAG_ORDER)
            reader_skip(&r, 4);
    }
    if (r.bad || h == NULL) {
        decode_event_add(d, DECODE_IEEE80211_PKT_TOO_SMALL);
        return;
    }
    bool nothing = (h[0] & SUBTYPE_NULL) || (h[1] & FLAG_PROTECTED);
    if (nothing)
        d->layers |= LAYER_OTHER;
    else
        decode_body(d, &r, amsdu, how);
}

/* Radiotap (radiotap.org): little-endian, its own length at 2. A frame check sequence at the end is beyond the packet's
 * own length. */
void decode_radiotap(struct decoded *d, const uint8_t *p, uint32_t len, unsigned how)
{
    uint32_t length = len >= RADIOTAP_MIN_LEN ? p[2] | (uint32_t)p[3] << 8 : 0;
    if (length < RADIOTAP_MIN_LEN || length > len || p[0] != 0)
        decode_event_add(d, DECODE_IEEE80211_PKT_TOO_SMALL);
    else
        decode_wlan(d, p + length, len - length, how);
}
