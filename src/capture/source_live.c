/* A live interface, through libpcap. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/source_private.h"

#define LIVE_WAIT_MS      50
#define LIVE_TIMEOUT_MS   10 /* how long the kernel may gather frames before it wakes us */
#define LIVE_BUFFER_BYTES (16 * 1024 * 1024)

struct live_source {
    struct capture_source base;
    pcap_t *pcap;
    int fd; /* to wait on; -1: libpcap can't say */
    int dlt;
    bool nanoseconds;
    char *iface;
};

static enum source_result live_wait(struct live_source *l)
{
    struct pollfd p = {.fd = l->fd, .events = POLLIN};
    (void)poll(&p, l->fd >= 0 ? 1 : 0, LIVE_WAIT_MS);
    return SOURCE_IDLE;
}

static enum source_result live_next(struct capture_source *s, struct capture_frame *out)
{
    struct live_source *l = (struct live_source *)s;
    struct pcap_pkthdr *h;
    const u_char *data;
    if (atomic_load_explicit(&s->stop, memory_order_relaxed))
        return SOURCE_END;
    int r = pcap_next_ex(l->pcap, &h, &data);
    if (r == 0)
        return live_wait(l);
    if (r == PCAP_ERROR_BREAK)
        return SOURCE_END;
    if (r < 0) {
        snprintf(s->error, sizeof s->error, "%s: %s", l->iface, pcap_geterr(l->pcap));
        return SOURCE_BROKEN;
    }
    out->data = data;
    out->caplen = h->caplen < SOURCE_FRAME_MAX ? h->caplen : SOURCE_FRAME_MAX;
    out->wirelen = h->len > h->caplen ? h->len : h->caplen;
    out->time_ns = (uint64_t)h->ts.tv_sec * 1000000000u + (uint64_t)h->ts.tv_usec * (l->nanoseconds ? 1 : 1000);
    out->dlt = l->dlt;
    out->stable = false;
    return SOURCE_FRAME;
}

static void live_stats(struct capture_source *s, struct source_stats *out)
{
    struct live_source *l = (struct live_source *)s;
    struct pcap_stat st;
    if (pcap_stats(l->pcap, &st) != 0)
        return;
    out->received = st.ps_recv;
    out->dropped = st.ps_drop;
    out->dropped_interface = st.ps_ifdrop;
}

/* pcap_breakloop is made to be called from handlers. */
static void live_interrupt(struct capture_source *s)
{
    pcap_breakloop(((struct live_source *)s)->pcap);
}

static void live_close(struct capture_source *s)
{
    struct live_source *l = (struct live_source *)s;
    if (l->pcap)
        pcap_close(l->pcap);
    free(l->iface);
}

static const struct source_ops live_ops = {
    .next = live_next, .stats = live_stats, .interrupt = live_interrupt, .close = live_close};

/* What went wrong, and for the usual case what would help. */
static int live_fail(const struct live_source *l, int code, const char *detail, char *error, size_t n)
{
    bool denied = code == PCAP_ERROR_PERM_DENIED || code == PCAP_ERROR_PROMISC_PERM_DENIED;
    snprintf(error, n, "%s: %s%s%s%s", l->iface, code < 0 ? pcap_statustostr(code) : "",
             detail && *detail ? (code < 0 ? ": " : "") : "", detail ? detail : "",
             denied ? " (run as root, or with CAP_NET_RAW)" : "");
    return denied ? -EPERM : -EIO;
}

static int activate(struct live_source *l, int snaplen, char *error, size_t n)
{
    char text[PCAP_ERRBUF_SIZE] = "";
    l->pcap = pcap_create(l->iface, text);
    if (!l->pcap)
        return live_fail(l, 0, text, error, n);
    pcap_set_snaplen(l->pcap, snaplen > 0 ? snaplen : (int)SOURCE_FRAME_MAX);
    pcap_set_promisc(l->pcap, 1);
    pcap_set_timeout(l->pcap, LIVE_TIMEOUT_MS);
    pcap_set_buffer_size(l->pcap, LIVE_BUFFER_BYTES);
    pcap_set_tstamp_precision(l->pcap, PCAP_TSTAMP_PRECISION_NANO); /* not all can: asked for below */
    int code = pcap_activate(l->pcap);
    if (code < 0)
        return live_fail(l, code, pcap_geterr(l->pcap), error, n);
    if (pcap_setnonblock(l->pcap, 1, text) != 0)
        return live_fail(l, 0, text, error, n);
    l->nanoseconds = pcap_get_tstamp_precision(l->pcap) == PCAP_TSTAMP_PRECISION_NANO;
    l->dlt = pcap_datalink(l->pcap);
    l->fd = pcap_get_selectable_fd(l->pcap);
    return 0;
}

static int set_filter(struct live_source *l, const char *bpf, char *error, size_t n)
{
    if (!bpf || !*bpf)
        return 0;
    struct bpf_program code;
    bool compiled = pcap_compile(l->pcap, &code, bpf, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (compiled && pcap_setfilter(l->pcap, &code) == 0) {
        pcap_freecode(&code);
        return 0;
    }
    snprintf(error, n, "filter \"%s\": %s", bpf, pcap_geterr(l->pcap));
    if (compiled)
        pcap_freecode(&code);
    return -EINVAL;
}

int source_open_live(const char *iface, int snaplen, const char *bpf, struct capture_source **out, char *error,
                     size_t n)
{
    *out = NULL;
    struct live_source *l = calloc(1, sizeof *l);
    if (!l) {
        snprintf(error, n, "%s: out of memory", iface);
        return -ENOMEM;
    }
    struct capture_source *s = &l->base;
    int code = source_init(s, &live_ops, "", error, n); /* the kernel filters */
    l->iface = strdup(iface);
    if (!l->iface)
        code = -ENOMEM;
    if (code == 0)
        code = activate(l, snaplen, error, n);
    if (code == 0)
        code = set_filter(l, bpf, error, n);
    if (code != 0) {
        source_close(&s);
        return code;
    }
    atomic_store(&s->file, l->iface);
    *out = s;
    return 0;
}
