#include "capture/capfile.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* draft-ietf-opsawg-pcap 4: the magic numbers as they lie in a big-endian file. */
#define MAGIC_US       0xa1b2c3d4u
#define MAGIC_NS       0xa1b23c4du
#define MAGIC_MODIFIED 0xa1b2cd34u /* Kuznetzov's: eight more bytes in each record's header */
#define MAGIC_PCAPNG   0x0a0d0d0au /* the same in both byte orders */

#define FILE_HEAD          24
#define RECORD_HEAD        16
#define RECORD_HEAD_LONGER 24
#define LINKTYPE_MASK      0x03ffffffu /* the rest of the field tells of frame check sequences */

enum source_result capfile_fail(struct capfile *f, uint64_t at, const char *fmt, ...)
{
    char what[320];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    snprintf(f->error, sizeof f->error, "%s: byte %llu: %s", f->path, (unsigned long long)at, what);
    f->broken = true;
    return SOURCE_BROKEN;
}

enum source_result capfile_short(struct capfile *f, uint64_t at, const char *what)
{
    if (capture_input_is_cut(&f->in))
        return capfile_fail(f, at, "the file was made shorter while it was read");
    switch (f->in.state) {
    case INPUT_ERROR:
        return capfile_fail(f, at, "reading failed: %s", strerror(f->in.error_code));
    case INPUT_DAMAGED:
        return capfile_fail(f, at, "the compressed data is damaged or cut off here");
    default:
        return capfile_fail(f, at, "the file ends inside the %s that begins here", what);
    }
}

/* The end at a record's boundary: proper, unless the bytes ended for another reason. */
static enum source_result at_end(struct capfile *f, uint64_t at)
{
    if (f->in.state != INPUT_END || capture_input_is_cut(&f->in))
        return capfile_short(f, at, "record");
    return SOURCE_END;
}

static enum source_result pcap_next(struct capfile *f, struct capture_frame *out)
{
    uint32_t head = f->record_head;
    if (!capture_input_need(&f->in, head)) {
        uint64_t at = capture_input_offset(&f->in);
        return f->in.p == f->in.limit ? at_end(f, at) : capfile_short(f, at, "record header");
    }
    uint32_t caplen = capfile_u32(f, f->in.p + 8);
    if (caplen > SOURCE_FRAME_MAX)
        return capfile_fail(f, capture_input_offset(&f->in), "a record claims %u bytes, more than %u", caplen,
                            SOURCE_FRAME_MAX);
    if (!capture_input_need(&f->in, head + caplen))
        return capfile_short(f, capture_input_offset(&f->in), "record");
    const uint8_t *p = f->in.p;
    uint32_t part = capfile_u32(f, p + 4);
    uint32_t wirelen = capfile_u32(f, p + 12);
    out->data = p + head;
    out->caplen = caplen;
    out->wirelen = wirelen > caplen ? wirelen : caplen;
    out->time_ns = (uint64_t)capfile_u32(f, p) * 1000000000u + (uint64_t)part * (f->nanoseconds ? 1 : 1000);
    out->dlt = f->dlt;
    f->in.p += head + caplen;
    return SOURCE_FRAME;
}

/* True if the bytes begin with a pcap magic number in either order. */
static bool pcap_magic(struct capfile *f, uint32_t magic)
{
    f->little = false;
    f->record_head = RECORD_HEAD;
    for (int order = 0; order < 2; order++) {
        f->nanoseconds = magic == MAGIC_NS;
        if (magic == MAGIC_MODIFIED)
            f->record_head = RECORD_HEAD_LONGER;
        if (magic == MAGIC_US || magic == MAGIC_NS || magic == MAGIC_MODIFIED)
            return true;
        magic = __builtin_bswap32(magic);
        f->little = true;
    }
    return false;
}

static int open_format(struct capfile *f)
{
    if (!capture_input_need(&f->in, 4)) {
        bool readable = f->in.state == INPUT_END;
        if (readable && f->in.p == f->in.limit)
            capfile_fail(f, 0, "the file is empty");
        else if (readable)
            capfile_fail(f, 0, "not a pcap or pcapng file");
        else
            capfile_short(f, 0, "file header");
        return readable ? -EILSEQ : -EIO;
    }
    uint32_t magic = load_be32(f->in.p);
    if (magic == MAGIC_PCAPNG) {
        f->next = capfile_pcapng_next;
        return 0;
    }
    if (!pcap_magic(f, magic)) {
        capfile_fail(f, 0, "not a pcap or pcapng file");
        return -EILSEQ;
    }
    if (!capture_input_need(&f->in, FILE_HEAD)) {
        capfile_short(f, 0, "file header");
        return -EIO;
    }
    uint16_t major = capfile_u16(f, f->in.p + 4);
    if (major != 2) {
        capfile_fail(f, 4, "pcap version %u is not supported (2 is)", major);
        return -EILSEQ;
    }
    f->dlt = capfile_dlt(capfile_u32(f, f->in.p + 20) & LINKTYPE_MASK);
    f->in.p += FILE_HEAD;
    f->next = pcap_next;
    return 0;
}

int capfile_open(struct capfile *f, const char *path, const atomic_bool *stop)
{
    *f = (struct capfile){.path = path};
    int code = capture_input_open(&f->in, path, stop);
    if (code != 0) {
        snprintf(f->error, sizeof f->error, "%s: %s", path, strerror(-code));
        return code;
    }
    code = open_format(f);
    if (code != 0)
        capture_input_close(&f->in);
    return code;
}

enum source_result capfile_next(struct capfile *f, struct capture_frame *out)
{
    if (f->broken)
        return SOURCE_BROKEN;
    enum source_result r = f->next(f, out);
    if (__builtin_expect(r != SOURCE_FRAME, 0))
        return r;
    if (__builtin_expect(capture_input_is_spoilt(&f->in), 0))
        return capfile_short(f, capture_input_offset(&f->in), "record");
    out->stable = f->in.map != NULL;
    f->last_ns = out->time_ns;
    f->frames++;
    return SOURCE_FRAME;
}

void capfile_retire(struct capfile *f)
{
    capture_input_retire(&f->in);
    free(f->interfaces);
    f->interfaces = NULL;
    f->interface_count = f->interface_room = 0;
}

void capfile_close(struct capfile *f)
{
    capfile_retire(f);
    capture_input_close(&f->in);
}

int capfile_dlt(uint32_t linktype)
{
    /* Link types whose numbers differ between systems have one of their own in files. The DLT_ numbers here are those
     * of libpcap on Linux. */
    static const struct {
        uint32_t linktype;
        int dlt;
    } table[] = {{100, 11} /* ATM_RFC1483 */,
                 {101, 12} /* RAW */,
                 {102, 15} /* SLIP_BSDOS */,
                 {103, 16} /* PPP_BSDOS */,
                 {106, 19} /* ATM_CLIP */};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].linktype == linktype)
            return table[i].dlt;
    return (int)linktype;
}
