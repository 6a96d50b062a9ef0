#include "capture/filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool compile(const char *text, int dlt, struct bpf_program *out, char *error, size_t n)
{
    pcap_t *dead = pcap_open_dead(dlt, (int)SOURCE_FRAME_MAX);
    if (!dead)
        return false;
    bool ok = pcap_compile(dead, out, text, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (!ok && error)
        snprintf(error, n, "filter \"%s\": %s", text, pcap_geterr(dead));
    pcap_close(dead);
    return ok;
}

int capture_filter_init(struct capture_filter *f, const char *text, char *error, size_t n)
{
    *f = (struct capture_filter){0};
    if (!text || !*text)
        return 0;
    struct filter_program *first = &f->programs[0];
    if (!compile(text, DLT_EN10MB, &first->code, error, n))
        return -EINVAL;
    first->dlt = DLT_EN10MB;
    first->usable = true;
    f->count = 1;
    f->next = 1;
    f->text = strdup(text);
    if (!f->text) {
        capture_filter_fini(f);
        return -ENOMEM;
    }
    return 0;
}

void capture_filter_fini(struct capture_filter *f)
{
    for (unsigned i = 0; i < f->count; i++)
        if (f->programs[i].usable)
            pcap_freecode(&f->programs[i].code);
    free(f->text);
    *f = (struct capture_filter){0};
}

static struct filter_program *program_for(struct capture_filter *f, int dlt)
{
    for (unsigned i = 0; i < f->count; i++)
        if (f->programs[i].dlt == dlt)
            return &f->programs[i];
    struct filter_program *p = &f->programs[f->next % FILTER_PROGRAMS_MAX];
    if (f->count == FILTER_PROGRAMS_MAX && p->usable)
        pcap_freecode(&p->code);
    f->next++;
    if (f->count < FILTER_PROGRAMS_MAX)
        f->count++;
    *p = (struct filter_program){.dlt = dlt};
    p->usable = compile(f->text, dlt, &p->code, NULL, 0);
    return p;
}

bool capture_filter_pass_slow(struct capture_filter *f, const struct capture_frame *frame)
{
    struct filter_program *p = program_for(f, frame->dlt);
    struct pcap_pkthdr h = {.caplen = frame->caplen, .len = frame->wirelen};
    return p->usable && pcap_offline_filter(&p->code, &h, frame->data) != 0;
}
