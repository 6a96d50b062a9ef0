#include "flow/macs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct flow_macs *m, unsigned side, const uint8_t mac[6])
{
    for (unsigned i = 0; i < m->count[side]; i++)
        if (memcmp(m->mac[side][i], mac, 6) == 0)
            return;
    if (!m->count[side])
        memcpy(m->ends[side], mac, 6);
    if (m->count[side] < FLOW_MACS_MAX)
        memcpy(m->mac[side][m->count[side]++], mac, 6);
}

void flow_macs_note(struct flow_macs **macs, const struct packet *p)
{
    if (!p->d.has_mac)
        return;
    if (!*macs && !(*macs = calloc(1, sizeof **macs)))
        return;
    add(*macs, p->dir == TO_SERVER ? 0 : 1, p->d.src_mac);
    add(*macs, p->dir == TO_SERVER ? 1 : 0, p->d.dst_mac);
}

const uint8_t (*flow_macs_ends(const struct flow_macs *macs))[6]
{
    return macs && macs->count[0] && macs->count[1] ? macs->ends : NULL;
}

void flow_macs_copy(const struct flow_macs *macs, struct packet *p)
{
    const uint8_t(*ends)[6] = flow_macs_ends(macs);
    if (!ends)
        return;
    memcpy(p->d.src_mac, ends[0], sizeof p->d.src_mac);
    memcpy(p->d.dst_mac, ends[1], sizeof p->d.dst_mac);
    p->d.has_mac = true;
}

void flow_macs_write(const struct flow_macs *macs, struct json *j)
{
    static const char *const keys[2] = {"src_macs", "dest_macs"};
    if (!macs)
        return;
    json_open_object(j, "ether");
    for (unsigned side = 0; side < 2; side++) {
        json_open_array(j, keys[side]);
        for (unsigned i = 0; i < macs->count[side]; i++) {
            const uint8_t *m = macs->mac[side][i];
            char t[18];
            snprintf(t, sizeof t, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
            json_str(j, NULL, t);
        }
        json_end_array(j);
    }
    json_end_object(j);
}
