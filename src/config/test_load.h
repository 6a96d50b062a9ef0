/* For the tests of this room: a configuration written to a file of its own and loaded. */
#ifndef BURROW_CONFIG_TEST_LOAD_H
#define BURROW_CONFIG_TEST_LOAD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"

/* The file of the test that runs. */
static char folder[] = "/tmp/burrow-config-XXXXXX";
static char file[64];
static char error[1024];

/* NULL: it is refused, and error says why. */
static inline struct config *load_sets(const char *yaml, const char *const *sets, size_t count)
{
    FILE *to = fopen(file, "w");
    assert_non_null(to);
    fputs(yaml, to);
    fclose(to);
    struct config *c;
    int r = config_create(file, sets, count, &c, error, sizeof error);
    assert_int_equal(r, c ? 0 : -22);
    return c;
}

static inline struct config *load(const char *yaml)
{
    struct config *c = load_sets(yaml, NULL, 0);
    if (!c)
        fail_msg("%s", error);
    return c;
}

static inline struct config *load_defaults(void)
{
    struct config *c;
    assert_int_equal(config_create(NULL, NULL, 0, &c, error, sizeof error), 0);
    return c;
}

static inline int set_up(void **state)
{
    (void)state;
    /* The warnings are looked at one by one; the log would only repeat them. */
    log_set_level(LOG_LEVEL_ERROR);
    if (!mkdtemp(folder))
        return -1;
    snprintf(file, sizeof file, "%s/t.yaml", folder);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    unlink(file);
    return rmdir(folder);
}

#endif
