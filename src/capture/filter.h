/* Capture filters (BPF) over files: one program for each link type that occurs. Private to capture. */
#ifndef BURROW_CAPTURE_FILTER_H
#define BURROW_CAPTURE_FILTER_H

#include <pcap/pcap.h>

#include "capture/source.h"

/* Programs that are kept. A capture with more link types than this has the oldest program made again. */
#define FILTER_PROGRAMS_MAX 16

struct capture_filter {
    char *text; /* NULL: no filter */
    unsigned count;
    unsigned next; /* where the next program goes */
    struct filter_program {
        int dlt;
        bool usable; /* false: the text has no meaning for this link type, and no frame of it passes */
        struct bpf_program code;
    } programs[FILTER_PROGRAMS_MAX];
};

/* Check the text against Ethernet. 0, or -EINVAL with a line in error. */
int capture_filter_init(struct capture_filter *f, const char *text, char *error, size_t n);
void capture_filter_fini(struct capture_filter *f);

bool capture_filter_pass_slow(struct capture_filter *f, const struct capture_frame *frame);

static inline bool capture_filter_pass(struct capture_filter *f, const struct capture_frame *frame)
{
    return f->text == NULL || capture_filter_pass_slow(f, frame);
}

#endif
