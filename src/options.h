/* The command line: what was asked for, before any of it is done. */
#ifndef BURROW_OPTIONS_H
#define BURROW_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "config/settings.h"

enum options_action {
    ACTION_RUN,
    ACTION_TEST,
    ACTION_HELP,
    ACTION_VERSION,
    ACTION_BUILD_INFO,
    ACTION_DUMP_CONFIG,
    ACTION_LIST_KEYWORDS,
    ACTION_LIST_PROTOS,
    ACTION_LIST_RUNMODES,
};

#define OPTIONS_SETS_MAX 256

struct options {
    enum options_action action;
    const char *config;
    const char *file;
    const char *interface;
    const char *rules;    /* -s or -S */
    bool rules_exclusive; /* -S: these alone */
    const char *keywords; /* --list-keywords=this; NULL: names */
    const char *log_dir;
    const char *checksums; /* -k */
    const char *pid_file;
    const char *user;
    const char *group;
    const char *topology;
    const char *lanes;
    const char *export_pcap;
    const char *data_dir;
    const char *sets[OPTIONS_SETS_MAX];
    size_t set_count;
    char filter[4096]; /* the trailing words */
    int verbose;
    int progress; /* 1 asked for, 0 not said, -1 not wanted */
    bool daemon;
    bool no_detection;
    bool ips;
    bool errors_fatal;
    bool engine_analysis;
};

/* Parse. False, with one line in error, when it makes no sense. Strings borrow argv. */
bool options_parse(int argc, char **argv, struct options *out, char *error, size_t error_len);

/* Put what the command line says over the settings. False, with one line in error, for a bad value. */
bool options_apply(const struct options *o, struct settings *s, char *error, size_t error_len);

void options_help(FILE *out);

#endif
