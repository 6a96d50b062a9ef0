/* pcapng (draft-ietf-opsawg-pcapng): sections of either byte order, interfaces with link types and clocks of their own.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/capfile.h"

#define BLOCK_SECTION   0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_PACKET    2u /* obsolete */
#define BLOCK_SIMPLE    3u
#define BLOCK_ENHANCED  6u

#define BLOCK_HEAD     8  /* type and total length */
#define BLOCK_OVERHEAD 12 /* with the total length that ends it */
#define SECTION_MIN    28
#define ORDER_MAGIC    0x1a2b3c4du

#define OPTION_END      0
#define OPTION_TSRESOL  9
#define OPTION_TSOFFSET 14

#define RESOLUTION_DEFAULT 6    /* 10^-6 s */
#define RESOLUTION_BINARY  0x80 /* the exponent's base is 2 */

/* Byte order of the section that begins at in.p; a block's length can't be read before. */
static enum source_result section_begin(struct capfile *f, uint64_t at)
{
    if (!capture_input_need(&f->in, SECTION_MIN))
        return capfile_short(f, at, "section header");
    const uint8_t *p = f->in.p;
    uint32_t order = load_be32(p + 8);
    if (order != ORDER_MAGIC && __builtin_bswap32(order) != ORDER_MAGIC)
        return capfile_fail(f, at, "a section header without the byte order magic");
    f->little = order != ORDER_MAGIC;
    uint16_t major = capfile_u16(f, p + 12);
    if (major != 1)
        return capfile_fail(f, at, "pcapng version %u is not supported (1 is)", major);
    uint32_t total = capfile_u32(f, p + 4);
    if (total < SECTION_MIN || total % 4)
        return capfile_fail(f, at, "a section header of %u bytes", total);
    f->interface_count = 0;
    if (!capture_input_skip(&f->in, total))
        return capfile_short(f, at, "section header");
    return SOURCE_FRAME;
}

static void interface_options(const struct capfile *f, struct reader r, struct capfile_interface *i)
{
    for (;;) {
        const uint8_t *head = reader_take(&r, 4);
        if (!head)
            return;
        uint16_t code = capfile_u16(f, head);
        uint16_t len = capfile_u16(f, head + 2);
        const uint8_t *value = reader_take(&r, ((size_t)len + 3) / 4 * 4);
        if (!value || code == OPTION_END)
            return;
        if (code == OPTION_TSRESOL && len >= 1)
            i->resolution = value[0];
        if (code == OPTION_TSOFFSET && len >= 8) {
            uint64_t v = load_be64(value);
            i->offset_s = (int64_t)(f->little ? __builtin_bswap64(v) : v);
        }
    }
}

static enum source_result interface_add(struct capfile *f, struct reader body, uint64_t at)
{
    const uint8_t *p = reader_take(&body, 8);
    if (!p)
        return capfile_fail(f, at, "an interface description that is too short");
    if (f->interface_count == CAPFILE_INTERFACES_MAX)
        return capfile_fail(f, at, "more than %u interfaces in a section", CAPFILE_INTERFACES_MAX);
    if (f->interface_count == f->interface_room) {
        uint32_t room = f->interface_room ? f->interface_room * 2 : 8;
        struct capfile_interface *grown = realloc(f->interfaces, room * sizeof *grown);
        if (!grown)
            return capfile_fail(f, at, "out of memory");
        f->interfaces = grown;
        f->interface_room = room;
    }
    struct capfile_interface *i = &f->interfaces[f->interface_count++];
    *i = (struct capfile_interface){
        .dlt = capfile_dlt(capfile_u16(f, p)), .snaplen = capfile_u32(f, p + 4), .resolution = RESOLUTION_DEFAULT};
    interface_options(f, body, i);
    return SOURCE_FRAME;
}

/* Units of the interface's resolution to nanoseconds since 1970. Absurd values wrap; they harm nothing. */
static uint64_t time_of(const struct capfile_interface *i, uint64_t units)
{
    unsigned e = i->resolution & 0x7f;
    uint64_t ns;
    if (i->resolution & RESOLUTION_BINARY) {
        uint64_t seconds = e < 64 ? units >> e : 0;
        uint64_t part = e < 64 ? units & (((uint64_t)1 << e) - 1) : units;
        __uint128_t scaled = (__uint128_t)part * 1000000000u;
        ns = seconds * 1000000000u + (uint64_t)(scaled >> e);
    } else {
        ns = units;
        for (; e < 9; e++)
            ns *= 10;
        for (; e > 9 && ns; e--)
            ns /= 10;
    }
    return ns + (uint64_t)i->offset_s * 1000000000u;
}

/* The frame in an enhanced packet block, or in an obsolete packet block: they differ in the interface's number. */
static enum source_result packet(struct capfile *f, struct reader body, uint32_t type, uint64_t at,
                                 struct capture_frame *out)
{
    const uint8_t *p = reader_take(&body, 20);
    if (!p)
        return capfile_fail(f, at, "a packet block that is too short");
    uint32_t number = type == BLOCK_ENHANCED ? capfile_u32(f, p) : capfile_u16(f, p);
    if (number >= f->interface_count)
        return capfile_fail(f, at, "a packet of interface %u, which was not described", number);
    const struct capfile_interface *i = &f->interfaces[number];
    uint64_t units = (uint64_t)capfile_u32(f, p + 4) << 32 | capfile_u32(f, p + 8);
    uint32_t caplen = capfile_u32(f, p + 12);
    uint32_t wirelen = capfile_u32(f, p + 16);
    if (caplen > SOURCE_FRAME_MAX || caplen > reader_left(&body))
        return capfile_fail(f, at, "a packet claims %u bytes, more than its block has or than %u", caplen,
                            SOURCE_FRAME_MAX);
    out->data = body.p;
    out->caplen = caplen;
    out->wirelen = wirelen > caplen ? wirelen : caplen;
    out->time_ns =
        i->resolution == RESOLUTION_DEFAULT ? units * 1000 + (uint64_t)i->offset_s * 1000000000u : time_of(i, units);
    out->dlt = i->dlt;
    return SOURCE_FRAME;
}

/* A simple packet block has neither interface nor time nor captured length: interface 0, the time of the packet before,
 * and what the snap length leaves of the packet. */
static enum source_result simple_packet(struct capfile *f, struct reader body, uint64_t at, struct capture_frame *out)
{
    const uint8_t *p = reader_take(&body, 4);
    if (!p || f->interface_count == 0)
        return capfile_fail(f, at, "a simple packet without length or interface");
    uint32_t wirelen = capfile_u32(f, p);
    uint32_t snaplen = f->interfaces[0].snaplen;
    uint32_t caplen = snaplen && wirelen > snaplen ? snaplen : wirelen;
    if (caplen > SOURCE_FRAME_MAX || caplen > reader_left(&body))
        return capfile_fail(f, at, "a packet of %u bytes, more than its block has or than %u", caplen,
                            SOURCE_FRAME_MAX);
    out->data = body.p;
    out->caplen = caplen;
    out->wirelen = wirelen;
    out->time_ns = f->last_ns;
    out->dlt = f->interfaces[0].dlt;
    return SOURCE_FRAME;
}

/* A block whose bytes are needed. *is_frame: it was a packet. */
static enum source_result read_block(struct capfile *f, uint32_t type, uint32_t total, uint64_t at,
                                     struct capture_frame *out, bool *is_frame)
{
    if (total > INPUT_NEED_MAX)
        return capfile_fail(f, at, "a block of %u bytes, more than %u", total, INPUT_NEED_MAX);
    if (!capture_input_need(&f->in, total))
        return capfile_short(f, at, "block");
    const uint8_t *p = f->in.p;
    if (capfile_u32(f, p + total - 4) != total)
        return capfile_fail(f, at, "a block whose two lengths differ");
    struct reader body = reader_of(p + BLOCK_HEAD, total - BLOCK_OVERHEAD);
    f->in.p += total;
    *is_frame = type != BLOCK_INTERFACE;
    switch (type) {
    case BLOCK_INTERFACE:
        return interface_add(f, body, at);
    case BLOCK_SIMPLE:
        return simple_packet(f, body, at, out);
    default:
        return packet(f, body, type, at, out);
    }
}

enum source_result capfile_pcapng_next(struct capfile *f, struct capture_frame *out)
{
    for (bool is_frame = false; !is_frame;) {
        uint64_t at = capture_input_offset(&f->in);
        if (!capture_input_need(&f->in, BLOCK_HEAD)) {
            bool boundary = f->in.p == f->in.limit && f->in.state == INPUT_END && !capture_input_is_cut(&f->in);
            return boundary ? SOURCE_END : capfile_short(f, at, "block");
        }
        uint32_t type = capfile_u32(f, f->in.p);
        uint32_t total = capfile_u32(f, f->in.p + 4);
        enum source_result r = SOURCE_FRAME;
        if (type == BLOCK_SECTION)
            r = section_begin(f, at);
        else if (total < BLOCK_OVERHEAD || total % 4)
            r = capfile_fail(f, at, "a block of %u bytes", total);
        else if (type == BLOCK_INTERFACE || type == BLOCK_PACKET || type == BLOCK_SIMPLE || type == BLOCK_ENHANCED)
            r = read_block(f, type, total, at, out, &is_frame);
        else if (!capture_input_skip(&f->in, total))
            r = capfile_short(f, at, "block");
        if (r != SOURCE_FRAME)
            return r;
    }
    return SOURCE_FRAME;
}
