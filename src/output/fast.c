#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/log.h"
#include "output/output_private.h"
#include "output/record.h"

#define RAW_BYTES 32u

static int open_file(const char *path, bool append)
{
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (append ? 0 : O_TRUNC), 0640);
}

int output_fast_open(struct output *o, const char *log_dir, char *error, size_t n)
{
    const struct settings_fast *s = &o->settings->fast;
    bool absolute = s->filename && s->filename[0] == '/';
    o->fast_fd = -1;
    if (!s->enabled || !o->settings->detection)
        return 0;
    if (asprintf(&o->fast_path, "%s%s%s", absolute ? "" : log_dir, absolute ? "" : "/", s->filename) < 0) {
        o->fast_path = NULL;
        return -ENOMEM;
    }
    o->fast_fd = open_file(o->fast_path, s->append);
    int e = o->fast_fd < 0 ? -errno : 0;
    if (e)
        snprintf(error, n, "%s: can't write the log of alerts: %s", o->fast_path, strerror(-e));
    return e;
}

/* The old file stays in use if the new one can't be made. */
void output_fast_reopen(struct output *o)
{
    if (o->fast_fd < 0)
        return;
    int fd = open_file(o->fast_path, true);
    if (fd < 0) {
        log_error("%s: %s; the file that was open is still written to", o->fast_path, strerror(errno));
        return;
    }
    close(o->fast_fd);
    o->fast_fd = fd;
}

/* "11/22/2026-22:09:14.717399", UTC. */
static void put_time(struct buf *b, uint64_t ns)
{
    time_t s = (time_t)(ns / 1000000000u);
    struct tm t;
    gmtime_r(&s, &t);
    buf_printf(b, "%02d/%02d/%04d-%02d:%02d:%02d.%06u", t.tm_mon + 1, t.tm_mday, t.tm_year + 1900, t.tm_hour, t.tm_min,
               t.tm_sec, (unsigned)(ns % 1000000000u / 1000u));
}

struct ends {
    char src[ADDR_TEXT_MAX];
    char dst[ADDR_TEXT_MAX];
    uint16_t sport;
    uint16_t dport;
    uint8_t proto;
};

/* As the packet goes; of ICMP type and code stand where ports do. False: there are no addresses. */
static bool find_ends(const struct event *e, const struct decoded *d, struct ends *n)
{
    const struct flow_key *k = e->flow ? &e->flow->key : NULL;
    bool back = e->dir == TO_CLIENT, wire = d && d->layers & LAYER_IP;
    if (!k && !wire)
        return false;
    addr_print(k ? (back ? &k->dst : &k->src) : &d->src, true, n->src);
    addr_print(k ? (back ? &k->src : &k->dst) : &d->dst, true, n->dst);
    n->sport = k ? (back ? k->dport : k->sport) : d->sport;
    n->dport = k ? (back ? k->sport : k->dport) : d->dport;
    n->proto = k ? k->proto : d->ip_proto;
    if ((n->proto == 1 || n->proto == 58) && wire && d->ip_proto == n->proto) {
        n->sport = d->icmp.type;
        n->dport = d->icmp.code;
    }
    return true;
}

/* A packet without addresses is told by its first bytes. */
static void put_raw(struct buf *b, const struct packet *p, uint64_t number)
{
    buf_printf(b, " [**] [Raw pkt: ");
    for (uint32_t i = 0; p && p->frame && i < p->frame_len && i < RAW_BYTES; i++)
        buf_printf(b, "%02X ", p->frame[i]);
    buf_printf(b, "]");
    if (number)
        buf_printf(b, " [pcap file packet: %ju]", (uintmax_t)number);
}

void output_fast_add(struct sink *s, const struct event *e)
{
    const struct event_alert *a = e->alert;
    const struct packet *p = e->packet && e->packet->item.kind == ITEM_PACKET ? e->packet : NULL;
    struct buf *b = &s->current->fast;
    struct ends n;
    char number[8];
    if (s->output->fast_fd < 0)
        return;
    put_time(b, e->time_ns);
    buf_printf(b, "  %s[**] [%u:%u:%u] %s [**] [Classification: %s] [Priority: %u]", a->mark, a->gid, a->sid, a->rev,
               a->msg, a->category[0] ? a->category : "(null)", a->priority);
    if (find_ends(e, p ? &p->d : NULL, &n)) {
        snprintf(number, sizeof number, "%03u", n.proto);
        const char *name = record_proto_name(n.proto);
        buf_printf(b, " {%s} %s:%u -> %s:%u", name ? name : number, n.src, n.sport, n.dst, n.dport);
    } else {
        put_raw(b, p, e->number);
    }
    buf_add_byte(b, '\n');
}
