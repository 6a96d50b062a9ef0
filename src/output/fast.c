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

#define FAST_FLUSH 32768u /* bytes of lines that wait at most */

int output_fast_open(struct output *o, const char *log_dir, char *error, size_t n)
{
    const struct settings_fast *s = &o->settings->fast;
    char *path = NULL;
    o->fast_fd = -1;
    if (!s->enabled || !o->settings->detection)
        return 0;
    if (asprintf(&path, "%s%s%s", s->filename[0] == '/' ? "" : log_dir, s->filename[0] == '/' ? "" : "/", s->filename) <
        0)
        return -ENOMEM;
    o->fast_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (s->append ? 0 : O_TRUNC), 0640);
    int e = o->fast_fd < 0 ? -errno : 0;
    if (e)
        snprintf(error, n, "%s: can't write the log of alerts: %s", path, strerror(-e));
    free(path);
    return e;
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

void output_fast_add(struct sink *s, const struct event *e)
{
    const struct event_alert *a = e->alert;
    const struct flow_key *k = e->flow ? &e->flow->key : NULL;
    const struct decoded *d = e->packet && e->packet->item.kind == ITEM_PACKET ? &e->packet->d : NULL;
    bool back = e->dir == TO_CLIENT;
    char src[ADDR_TEXT_MAX] = "", dst[ADDR_TEXT_MAX] = "", number[8];
    uint16_t sport = 0, dport = 0;
    uint8_t proto = k ? k->proto : d ? d->ip_proto : 0;
    if (s->output->fast_fd < 0)
        return;
    if (k) {
        addr_print(back ? &k->dst : &k->src, true, src);
        addr_print(back ? &k->src : &k->dst, true, dst);
        sport = back ? k->dport : k->sport;
        dport = back ? k->sport : k->dport;
    } else if (d && (d->layers & LAYER_IP)) {
        addr_print(&d->src, true, src);
        addr_print(&d->dst, true, dst);
        sport = d->sport;
        dport = d->dport;
    }
    snprintf(number, sizeof number, "%03u", proto);
    const char *name = record_proto_name(proto);
    put_time(&s->fast, e->time_ns);
    buf_printf(&s->fast, "  [**] [%u:%u:%u] %s [**] [Classification: %s] [Priority: %u] {%s} %s:%u -> %s:%u\n", a->gid,
               a->sid, a->rev, a->msg, a->category[0] ? a->category : "(null)", a->priority, name ? name : number, src,
               sport, dst, dport);
    if (s->fast.len >= FAST_FLUSH)
        output_fast_flush(s);
}

void output_fast_flush(struct sink *s)
{
    size_t done = 0;
    while (done < s->fast.len) {
        ssize_t n = write(s->output->fast_fd, s->fast.data + done, s->fast.len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            counter_add(s->counters, s->output->errors_counter, 1);
            break;
        }
        done += (size_t)n;
    }
    buf_clear(&s->fast);
}
