/* Handshakes for the tests: what is said, and what must come of it. */
#ifndef BURROW_PROTO_SOCKS_TEST_TALKS_H
#define BURROW_PROTO_SOCKS_TEST_TALKS_H

#include <stdbool.h>
#include <stddef.h>

struct test_line {
    bool from_client; /* the SOCKS client */
    const char *bytes;
    size_t len;
};

#define TEST_LINES_MAX 12

struct test_talk {
    const char *name;
    bool reversed;
    bool in_order_only; /* means something else when one side is heard late */
    bool strange;       /* a first exchange that the probe would not have taken */
    const char *offer;  /* as socks_test.c prints it */
    const char *events; /* names, NULL: none */
    const char *record;
    const char *inner_client; /* the tunnel's bytes, NULL: none */
    const char *inner_server;
    struct test_line lines[TEST_LINES_MAX]; /* bytes NULL: the end */
};

/* Ends with one without a name. */
extern const struct test_talk test_talks[];

#endif
