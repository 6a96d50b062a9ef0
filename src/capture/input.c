#include "capture/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "capture/mapping.h"

#define WINDOW      (2u * 1024 * 1024) /* bytes that become readable at a time */
#define KEEP_BEHIND (8u * 1024 * 1024) /* bytes behind the reader that stay resident: packets in flight */
#define STREAM_ROOM (1024u * 1024)     /* holds a need of INPUT_NEED_MAX and what comes with it */
#define GZIP_ROOM   (128u * 1024)
#define PAGE        4096u

struct input_gzip {
    z_stream z;
    bool ended;   /* a member ended: what follows is another one, or nothing */
    bool pending; /* there may be output that had no room, without more input */
    uint8_t raw[GZIP_ROOM];
};

static size_t read_some(struct capture_input *in, uint8_t *to, size_t room)
{
    for (;;) {
        ssize_t n = read(in->fd, to, room);
        if (n >= 0) {
            if (n == 0)
                in->state = INPUT_END;
            in->raw_read += (uint64_t)n;
            return (size_t)n;
        }
        if (errno == EINTR && !atomic_load_explicit(in->stop, memory_order_relaxed))
            continue;
        in->state = errno == EINTR ? INPUT_END : INPUT_ERROR;
        in->error_code = errno;
        return 0;
    }
}

/* Input for inflate: true if there is some. A file that ends inside a member is damaged. */
static bool gzip_refill(struct capture_input *in)
{
    struct input_gzip *g = in->gzip;
    if (g->z.avail_in)
        return true;
    g->z.next_in = g->raw;
    g->z.avail_in = (uInt)read_some(in, g->raw, sizeof g->raw);
    if (g->z.avail_in == 0 && in->state == INPUT_END && !g->ended)
        in->state = INPUT_DAMAGED;
    return g->z.avail_in != 0;
}

static size_t inflate_some(struct capture_input *in, uint8_t *to, size_t room)
{
    struct input_gzip *g = in->gzip;
    g->z.next_out = to;
    g->z.avail_out = (uInt)room;
    while (g->z.avail_out == room && (g->pending || gzip_refill(in))) {
        if (g->ended) {
            /* RFC 1952 2.2: members simply follow each other. Anything else behind one is padding. */
            if (*g->z.next_in != 0x1f || inflateReset(&g->z) != Z_OK) {
                in->state = INPUT_END;
                break;
            }
            g->ended = false;
        }
        int r = inflate(&g->z, Z_NO_FLUSH);
        g->ended = r == Z_STREAM_END;
        g->pending = r == Z_OK && g->z.avail_out == 0;
        if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR) {
            in->state = INPUT_DAMAGED;
            break;
        }
    }
    return room - g->z.avail_out;
}

static bool fill_stream(struct capture_input *in, size_t n)
{
    size_t have = (size_t)(in->limit - in->p);
    in->buffer_offset += (uint64_t)(in->p - in->buffer);
    memmove(in->buffer, in->p, have);
    in->p = in->buffer;
    while (have < n && in->state == INPUT_OK) {
        size_t room = STREAM_ROOM - have;
        have += in->gzip ? inflate_some(in, in->buffer + have, room) : read_some(in, in->buffer + have, room);
    }
    in->limit = in->buffer + have;
    return have >= n;
}

static size_t page_down(size_t n)
{
    return n / PAGE * PAGE;
}

static void advise(struct capture_input *in, size_t from, size_t to, int advice)
{
    size_t most = (size_t)(in->map_end - in->map);
    from = page_down(from);
    if (to > most)
        to = most;
    if (from < to)
        (void)madvise(in->map + from, to - from, advice); /* advice only: it may fail, on old kernels it does */
}

static void drop_behind(struct capture_input *in)
{
    size_t at = (size_t)(in->p - in->map);
    size_t from = (size_t)(in->dropped - in->map);
    if (at < KEEP_BEHIND)
        return;
    size_t to = page_down(at - KEEP_BEHIND);
    if (to > from) {
        advise(in, from, to, MADV_DONTNEED);
        in->dropped = in->map + to;
    }
}

/* The file is looked at again at each window: reading past an end that moved would fault. */
static void check_size(struct capture_input *in)
{
    struct stat st;
    if (in->fd < 0 || fstat(in->fd, &st) != 0)
        return;
    if ((uint64_t)st.st_size < (uint64_t)(in->map_end - in->map)) {
        in->map_end = in->map + st.st_size;
        in->state = INPUT_CUT;
    }
}

static bool fill_map(struct capture_input *in, size_t n)
{
    if (in->state == INPUT_OK)
        check_size(in);
    if (in->p > in->map_end)
        in->p = in->map_end;
    size_t at = (size_t)(in->p - in->map);
    size_t end = (size_t)(in->map_end - in->map);
    size_t from = (size_t)(in->limit - in->map);
    size_t to = (at + n + WINDOW) / WINDOW * WINDOW;
    if (to > end)
        to = end;
    drop_behind(in);
#ifdef MADV_POPULATE_READ
    if (to > from)
        advise(in, from, to, MADV_POPULATE_READ);
#endif
    if (to < end)
        advise(in, to, to + WINDOW, MADV_WILLNEED);
    in->limit = in->map + to;
    if (to - at >= n)
        return true;
    if (in->state == INPUT_OK)
        in->state = INPUT_END;
    return false;
}

bool capture_input_fill(struct capture_input *in, size_t n)
{
    if (n > INPUT_NEED_MAX)
        return false;
    return in->map ? fill_map(in, n) : fill_stream(in, n);
}

bool capture_input_skip(struct capture_input *in, uint64_t n)
{
    if (in->map) {
        if (n > (uint64_t)(in->map_end - in->p)) {
            in->p = in->limit = in->map_end;
            if (in->state == INPUT_OK)
                in->state = INPUT_END;
            return false;
        }
        in->p += n;
        if (in->limit < in->p)
            in->limit = in->p;
        return true;
    }
    while (n) {
        if (in->p == in->limit && !fill_stream(in, 1))
            return false;
        uint64_t have = (uint64_t)(in->limit - in->p);
        uint64_t take = n < have ? n : have;
        in->p += take;
        n -= take;
    }
    return true;
}

uint64_t capture_input_offset(const struct capture_input *in)
{
    return in->map ? (uint64_t)(in->p - in->map) : in->buffer_offset + (uint64_t)(in->p - in->buffer);
}

uint64_t capture_input_read(const struct capture_input *in)
{
    return in->map ? (uint64_t)(in->p - in->map) : in->raw_read;
}

bool capture_input_is_cut(const struct capture_input *in)
{
    return in->state == INPUT_CUT || capture_input_is_spoilt(in);
}

bool capture_input_is_spoilt(const struct capture_input *in)
{
    return in->guard && atomic_load_explicit(&in->guard->cut, memory_order_relaxed);
}

static bool open_map(struct capture_input *in, size_t size)
{
    void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, in->fd, 0);
    if (map == MAP_FAILED)
        return false;
    in->guard = mapping_guard(map, size);
    if (!in->guard) {
        munmap(map, size);
        return false;
    }
    in->map = map;
    in->map_end = in->map + size;
    in->p = in->limit = in->dropped = in->map;
    (void)madvise(map, size, MADV_SEQUENTIAL);
    return true;
}

static int open_gzip(struct capture_input *in)
{
    struct input_gzip *g = calloc(1, sizeof *g);
    if (!g)
        return -ENOMEM;
    if (inflateInit2(&g->z, 15 + 16) != Z_OK) { /* the largest window, gzip framing */
        free(g);
        return -ENOMEM;
    }
    /* What was read to recognize the format is the compressed data's beginning. */
    size_t have = (size_t)(in->limit - in->p);
    if (have > sizeof g->raw)
        have = sizeof g->raw;
    memcpy(g->raw, in->p, have);
    g->z.next_in = g->raw;
    g->z.avail_in = (uInt)have;
    in->p = in->limit = in->buffer;
    in->gzip = g;
    return 0;
}

static int open_stream(struct capture_input *in)
{
    in->buffer = malloc(STREAM_ROOM);
    if (!in->buffer)
        return -ENOMEM;
    in->p = in->limit = in->buffer;
    /* Two bytes tell gzip from captures. */
    size_t have = 0;
    while (have < 2 && in->state == INPUT_OK)
        have += read_some(in, in->buffer + have, GZIP_ROOM - have);
    in->limit = in->buffer + have;
    if (in->state == INPUT_ERROR)
        return -in->error_code;
    if (have >= 2 && in->buffer[0] == 0x1f && in->buffer[1] == 0x8b)
        return open_gzip(in);
    return 0;
}

static bool starts_as_gzip(int fd)
{
    uint8_t magic[2];
    return pread(fd, magic, 2, 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
}

int capture_input_open(struct capture_input *in, const char *path, const atomic_bool *stop)
{
    *in = (struct capture_input){.stop = stop, .state = INPUT_OK};
    bool standard = strcmp(path, "-") == 0;
    in->fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (in->fd < 0 || fstat(in->fd, &st) != 0) {
        int code = -errno;
        capture_input_close(in);
        return code;
    }
    int code = S_ISDIR(st.st_mode) ? -EISDIR : 0;
    bool regular = S_ISREG(st.st_mode) && lseek(in->fd, 0, SEEK_CUR) == 0;
    if (regular)
        in->file_size = (uint64_t)st.st_size;
    bool mappable = regular && st.st_size > 0 && (uint64_t)st.st_size < SIZE_MAX / 2 && !starts_as_gzip(in->fd);
    if (code == 0 && !(mappable && open_map(in, (size_t)st.st_size)))
        code = open_stream(in);
    if (code != 0)
        capture_input_close(in);
    return code;
}

void capture_input_retire(struct capture_input *in)
{
    if (in->map)
        advise(in, 0, (size_t)(in->map_end - in->map), MADV_DONTNEED);
    if (in->gzip)
        inflateEnd(&in->gzip->z);
    free(in->gzip);
    in->gzip = NULL;
    free(in->buffer);
    in->buffer = NULL;
    if (in->fd >= 0)
        close(in->fd);
    in->fd = -1;
}

void capture_input_close(struct capture_input *in)
{
    capture_input_retire(in);
    if (in->map) {
        size_t len = in->guard->len;
        mapping_release(in->guard);
        munmap(in->map, len);
    }
    *in = (struct capture_input){.fd = -1};
}
