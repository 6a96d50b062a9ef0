#include "proto/socks/negotiation.h"

#include <stdio.h>

/* RFC 1928 section 6 */
static const char *const replies5[] = {
    "succeeded",          "general failure", "not allowed by ruleset", "network unreachable",        "host unreachable",
    "connection refused", "ttl expired",     "command not supported",  "address type not supported",
};

/* SOCKS4 memo, from SOCKS4_GRANTED on */
static const char *const replies4[] = {"granted", "rejected or failed", "no identd", "identd mismatch"};

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

const char *socks_reply_text(uint8_t version, int code)
{
    if (version == SOCKS_VERSION_4) {
        size_t i = (size_t)(code - SOCKS4_GRANTED);
        return code >= SOCKS4_GRANTED && i < COUNT_OF(replies4) ? replies4[i] : NULL;
    }
    return code >= 0 && (size_t)code < COUNT_OF(replies5) ? replies5[code] : NULL;
}

static void log_number_or_name(struct json *j, const char *key, const char *name, uint8_t number)
{
    char text[8];
    if (!name) {
        snprintf(text, sizeof text, "0x%02x", number);
        name = text;
    }
    json_str(j, key, name);
}

static const char *method_name(uint8_t method)
{
    switch (method) {
    case SOCKS_METHOD_NONE:
        return "none";
    case SOCKS_METHOD_GSSAPI:
        return "gssapi";
    case SOCKS_METHOD_USER:
        return "user_password";
    case SOCKS_METHOD_UNACCEPTABLE:
        return "no_acceptable";
    default:
        return NULL;
    }
}

static const char *command_name(uint8_t command)
{
    switch (command) {
    case SOCKS_CONNECT:
        return "connect";
    case SOCKS_BIND:
        return "bind";
    case SOCKS_UDP_ASSOCIATE:
        return "udp-associate";
    default:
        return NULL;
    }
}

static const char *atyp_name(uint8_t atyp)
{
    switch (atyp) {
    case SOCKS_ATYP_IPV4:
        return "ipv4";
    case SOCKS_ATYP_IPV6:
        return "ipv6";
    default:
        return "domain";
    }
}

static void log_authentication(const struct socks_tx *tx, struct json *j)
{
    json_open_array(j, "auth_methods");
    for (unsigned m = 0; m < 256; m++)
        if (tx->methods[m / 8] >> m % 8 & 1)
            log_number_or_name(j, NULL, method_name((uint8_t)m), (uint8_t)m);
    json_end_array(j);
    if (tx->method_chosen)
        log_number_or_name(j, "auth_method", method_name(tx->method), tx->method);
    if (tx->auth != SOCKS_AUTH_NOT)
        json_str(j, "auth_status", tx->auth == SOCKS_AUTH_SUCCESS ? "success" : "failure");
}

static void log_endpoint(struct json *j, const struct socks_endpoint *e, const char *host, const char *ip,
                         const char *port)
{
    if (e->atyp == SOCKS_ATYP_DOMAIN)
        json_bytes(j, host, e->host, e->host_len);
    else
        json_addr(j, ip, &e->addr);
    json_u64(j, port, e->port);
}

void socks_log(const void *state, const struct proto_tx *t, struct json *j)
{
    const struct socks_tx *tx = (const struct socks_tx *)t;
    (void)state;
    json_u64(j, "version", tx->version);
    if (tx->version == SOCKS_VERSION_5)
        log_authentication(tx, j);
    if (tx->has_user)
        json_bytes(j, "user", tx->user, tx->user_len);
    if (tx->has_password)
        json_bytes(j, "password", tx->password, tx->password_len);
    if (tx->command != 0)
        log_number_or_name(j, "command", command_name(tx->command), tx->command);
    if (tx->requested) {
        json_str(j, "address_type", atyp_name(tx->target.atyp));
        log_endpoint(j, &tx->target, "host", "dest_ip", "dest_port");
    }
    if (tx->reply_code >= 0) {
        const char *reply = socks_reply_text(tx->version, tx->reply_code);
        json_u64(j, "reply_code", (uint64_t)tx->reply_code);
        if (reply)
            json_str(j, "reply", reply);
    }
    if (tx->bound.atyp != 0)
        log_endpoint(j, &tx->bound, "bound_host", "bound_ip", "bound_port");
    if (tx->peer.atyp != 0)
        log_endpoint(j, &tx->peer, "peer_host", "peer_ip", "peer_port");
}
