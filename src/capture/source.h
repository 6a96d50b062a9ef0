/* Where packets come from: capture files, folders of them, standard input, a live interface.
 *
 * A source gives frames one at a time, as they are in the capture: nothing is decoded here, and any link type passes.
 * Plain files are mapped: their frames stay valid until the source is closed, and only a window of them is resident.
 * Compressed files, pipes and interfaces give frames that are valid until the next call.
 *
 * One thread owns a source and makes all its calls, except for source_break, which any thread or signal handler may
 * call. A source never logs: what is wrong is in source_error, one line with the file, the byte offset and the reason.
 */
#ifndef BURROW_CAPTURE_SOURCE_H
#define BURROW_CAPTURE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest frame that a source gives, bytes. A record that claims more is taken for damage. */
#define SOURCE_FRAME_MAX (256u * 1024)

/* The most files that a folder may hold. */
#define SOURCE_FILES_MAX 32768

struct capture_frame {
    const uint8_t *data;
    uint32_t caplen;  /* bytes at data */
    uint32_t wirelen; /* bytes on the wire, never less than caplen */
    uint64_t time_ns; /* since 1970 UTC; 0 where a capture has no time stamps at all */
    int dlt;          /* libpcap's DLT_ number (raw IP is 12, whichever number the file has for it) */
    bool stable;      /* data stays valid until source_close, else until the next call */
};

enum source_result {
    SOURCE_FRAME,
    SOURCE_IDLE,   /* live only: nothing came for some milliseconds */
    SOURCE_END,    /* everything was delivered */
    SOURCE_BROKEN, /* nothing more can be read; everything before was delivered. See source_error */
};

struct source_stats {
    uint64_t received; /* live: frames the kernel handed over */
    uint64_t dropped;  /* live: frames the kernel had no room for */
    uint64_t dropped_interface;
};

struct capture_source;

/* Open a pcap or pcapng file, either byte order, plain or gzipped; "-" is standard input. bpf: a filter in libpcap's
 * language, "" for none. 0, or -errno with one line in error (n bytes). */
int source_open_file(const char *path, const char *bpf, struct capture_source **out, char *error, size_t n);

/* Open all captures of a folder, in the order of their first packets' times, names breaking ties. A file that turns out
 * to be unreadable is left out, or left where it breaks; the end is then SOURCE_BROKEN instead of SOURCE_END, with the
 * number of such files and what is wrong with the first. Files that are no captures and aren't named like one are
 * ignored. */
int source_open_dir(const char *dir, const char *bpf, struct capture_source **out, char *error, size_t n);

/* Open an interface, promiscuous. snaplen 0: whole frames. */
int source_open_live(const char *iface, int snaplen, const char *bpf, struct capture_source **out, char *error,
                     size_t n);

/* The next frame that passes the filter. On a file it returns FRAME, END or BROKEN; END and BROKEN repeat. A file whose
 * format is right but which holds no packet at all is BROKEN, so that it is not mistaken for quiet traffic; in a folder
 * it is fine. */
enum source_result source_next(struct capture_source *s, struct capture_frame *f);

/* What was wrong; "" if nothing was. */
const char *source_error(const struct capture_source *s);

/* For a progress line: bytes of the files (compressed, if they are), and how many of them were read. Total 0: unknown.
 */
uint64_t source_bytes_total(const struct capture_source *s);
uint64_t source_bytes_read(const struct capture_source *s);

/* The file being read now, "-", or the interface. Valid until source_close. */
const char *source_file(const struct capture_source *s);

/* All zero unless live. */
void source_get_stats(struct capture_source *s, struct source_stats *out);

/* Make source_next return SOURCE_END soon, even if it is waiting. Async-signal-safe. */
void source_break(struct capture_source *s);

/* Frees everything, stable frames included, and nulls *s. */
void source_close(struct capture_source **s);

#endif
