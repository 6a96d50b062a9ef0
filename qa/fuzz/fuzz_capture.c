/* Fuzzes the readers of capture files: pcap, pcapng, gzip. Each input is read twice, mapped and as a stream: both must
 * give the same frames and the same end, and every frame's bytes must be readable. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/source.h"
#include "core/hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX  (60u * 1024) /* fits into a pipe */
#define FRAMES_MAX 100000       /* of a compressed input */

struct outcome {
    int code;
    enum source_result end;
    size_t frames;
    uint64_t digest;
};

static struct outcome read_all(const char *path)
{
    struct outcome o = {0};
    struct capture_source *s;
    struct capture_frame f;
    char error[600];
    o.code = source_open_file(path, "", &s, error, sizeof error);
    if (o.code != 0) {
        if (error[0] == 0 || strchr(error, '\n'))
            abort();
        return o;
    }
    while (o.frames < FRAMES_MAX && (o.end = source_next(s, &f)) == SOURCE_FRAME) {
        if (f.caplen > SOURCE_FRAME_MAX || f.wirelen < f.caplen)
            abort();
        o.frames++;
        o.digest = hash_mix(o.digest + (uint64_t)(unsigned)f.dlt, hash_bytes(f.data, f.caplen, f.time_ns ^ f.wirelen));
    }
    if (o.end == SOURCE_BROKEN && source_error(s)[0] == 0)
        abort();
    source_close(&s);
    return o;
}

static struct outcome read_mapped(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("capture", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct outcome o = read_all(path);
    close(fd);
    return o;
}

static struct outcome read_streamed(const uint8_t *data, size_t size)
{
    int ends[2];
    int saved = dup(STDIN_FILENO);
    if (pipe(ends) != 0 || write(ends[1], data, size) != (ssize_t)size)
        abort();
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    struct outcome o = read_all("-");
    if (saved >= 0)
        dup2(saved, STDIN_FILENO);
    else
        close(STDIN_FILENO);
    close(saved);
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX)
        return 0;
    struct outcome a = read_mapped(data, size);
    struct outcome b = read_streamed(data, size);
    if (a.code != b.code || a.end != b.end || a.frames != b.frames || a.digest != b.digest)
        abort();
    return 0;
}
