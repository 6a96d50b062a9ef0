#include "export/pcapout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/fd.h"
#include "core/log.h"

#define MAGIC_MICROSECONDS 0xa1b2c3d4u /* in the machine's own order, as readers expect */
#define SNAPLEN            262144u
#define LINKTYPE_ETHERNET  1u
#define HOLD               (256u * 1024) /* bytes that are written together */

struct file_header {
    uint32_t magic;
    uint16_t major;
    uint16_t minor;
    uint32_t zone;
    uint32_t sigfigs;
    uint32_t snaplen;
    uint32_t linktype;
};

struct packet_header {
    uint32_t seconds;
    uint32_t microseconds;
    uint32_t len;
    uint32_t wire_len;
};

struct pcapout {
    char *path;
    int fd;
    bool regular; /* can be cut */
    bool failing; /* the log knows */
    bool broken;  /* a pipe that got half a packet: no more of it */
    off_t good;   /* bytes of whole packets */
    struct buf held;
    uint32_t held_packets;
    atomic_bool reopen;
};

static bool begin(struct pcapout *p)
{
    struct stat st;
    const struct file_header h = {MAGIC_MICROSECONDS, 2, 4, 0, 0, SNAPLEN, LINKTYPE_ETHERNET};
    p->regular = fstat(p->fd, &st) == 0 && S_ISREG(st.st_mode);
    p->good = sizeof h;
    return fd_write_all(p->fd, &h, sizeof h);
}

static int open_new(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}

int pcapout_open(const char *path, struct pcapout **out, char *error, size_t n)
{
    *out = NULL;
    struct pcapout *p = calloc(1, sizeof *p);
    if (p) {
        p->fd = -1;
        p->path = strdup(path);
        buf_init(&p->held, 0);
    }
    int code = 0;
    if (!p || !p->path)
        code = -ENOMEM;
    else if ((p->fd = open_new(path)) < 0 || !begin(p))
        code = errno ? -errno : -EIO;
    if (code != 0) {
        snprintf(error, n, "%.900s: can't write packets to it: %s", path, strerror(-code));
        if (p)
            pcapout_close(&p);
        return code;
    }
    *out = p;
    return 0;
}

/* The old file stays in use if it was not moved, or no new one can be made. */
static void take_new_file(struct pcapout *p)
{
    struct stat now, at_path;
    if (fstat(p->fd, &now) != 0)
        return;
    if (stat(p->path, &at_path) == 0 && at_path.st_dev == now.st_dev && at_path.st_ino == now.st_ino)
        return;
    int fd = open_new(p->path);
    if (fd < 0) {
        log_error("%s: %s; the file that was open is still written to", p->path, strerror(errno));
        return;
    }
    close(p->fd);
    p->fd = fd;
    if (!begin(p))
        log_error("%s: %s", p->path, strerror(errno));
}

static void failed(struct pcapout *p)
{
    if (!p->failing)
        log_error("%s: %s; packets are lost until it can be written to again", p->path, strerror(errno));
    p->failing = true;
    if (!p->regular || ftruncate(p->fd, p->good) != 0 || lseek(p->fd, p->good, SEEK_SET) < 0)
        p->broken = true;
}

uint32_t pcapout_flush(struct pcapout *p)
{
    uint32_t lost = 0;
    if (p->held.len && !p->broken && fd_write_all(p->fd, p->held.data, p->held.len)) {
        p->good += (off_t)p->held.len;
        p->failing = false;
    } else if (p->held.len) {
        lost = p->held_packets;
        if (!p->broken)
            failed(p);
    }
    buf_clear(&p->held);
    p->held_packets = 0;
    if (atomic_exchange_explicit(&p->reopen, false, memory_order_relaxed))
        take_new_file(p);
    return lost;
}

uint32_t pcapout_add(struct pcapout *p, uint64_t time_ns, const uint8_t *frame, uint32_t len, uint32_t wire_len)
{
    const struct packet_header h = {(uint32_t)(time_ns / NS_PER_S), (uint32_t)(time_ns % NS_PER_S / 1000), len,
                                    wire_len};
    if (!buf_reserve(&p->held, sizeof h + len))
        return 1;
    buf_add(&p->held, &h, sizeof h);
    buf_add(&p->held, frame, len);
    p->held_packets++;
    return p->held.len >= HOLD ? pcapout_flush(p) : 0;
}

void pcapout_reopen(struct pcapout *p)
{
    atomic_store_explicit(&p->reopen, true, memory_order_relaxed);
}

uint32_t pcapout_close(struct pcapout **out)
{
    struct pcapout *p = *out;
    uint32_t lost = 0;
    if (p->fd >= 0) {
        lost = pcapout_flush(p);
        if (close(p->fd) != 0)
            log_error("%s: %s", p->path, strerror(errno));
    }
    buf_fini(&p->held);
    free(p->path);
    free(p);
    *out = NULL;
    return lost;
}
