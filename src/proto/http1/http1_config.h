/* What the section app-layer.protocols.http.libhtp says, as libhtp's configurations: a default, and others for servers'
 * addresses. One for each lane, read only once made. Private to the room. */
#ifndef BURROW_PROTO_HTTP1_CONFIG_H
#define BURROW_PROTO_HTTP1_CONFIG_H

#include <htp/htp.h>

#include "proto/proto.h"

/* Sections under server-config, and addresses of each. */
#define HTTP1_PROFILES_MAX  64u
#define HTTP1_ADDRESSES_MAX 256u

struct http1_profile {
    htp_cfg_t *cfg;
    uint64_t body_limit[2]; /* by role: bytes of a body that are looked at; 0: all */
    uint64_t max_tx;        /* transactions of a connection that wait for their end */
    bool inflate;           /* bodies are decoded */
    unsigned codings_most;  /* of one response; 0: no limit but our own */
    unsigned lzma_most;     /* of these, LZMA */
    uint64_t bomb_limit;    /* bytes that a body may grow to however small it came */
    bool whole_uri;         /* rules see the host in http.uri, too */
    bool double_path;       /* its path is decoded twice */
    bool double_query;
    struct settings_prefix *addresses;
    size_t address_count;
};

struct http1_config {
    struct http1_profile *profiles; /* [0] the default */
    unsigned count;
};

/* app_proto.configure and unconfigure. */
int http1_configure(const struct settings *settings, void **out);
void http1_unconfigure(void *config);

/* That of the longest prefix which holds the server's address. */
const struct http1_profile *http1_profile(const struct http1_config *c, const struct addr *server);

/* libhtp calls these; http1_hooks.c. */
void http1_register_hooks(htp_cfg_t *cfg);

#endif
