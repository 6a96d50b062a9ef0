#include "core/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/text.h"

size_t clock_print(uint64_t time_ns, char out[CLOCK_TEXT_MAX])
{
    static _Thread_local uint64_t known = UINT64_MAX;
    static _Thread_local char text[24];
    static _Thread_local size_t text_len;
    uint64_t s = time_ns / NS_PER_S;
    if (s != known) {
        struct tm tm;
        time_t t = (time_t)s;
        gmtime_r(&t, &tm);
        text_len = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
        known = s;
    }
    char *p = text_copy(out, text, text_len);
    uint32_t us = (uint32_t)(time_ns % NS_PER_S / NS_PER_US);
    *p++ = '.';
    p = text_two(p, us / 10000);
    p = text_two(p, us / 100 % 100);
    p = text_two(p, us % 100);
    memcpy(p, "+0000", 6);
    return (size_t)(p + 5 - out);
}

static uint64_t read_clock(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t clock_monotonic_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t clock_wall_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}
