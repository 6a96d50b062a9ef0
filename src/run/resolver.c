#include "run/resolver.h"

#include <ares.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/clock.h"
#include "run/answers.h"

/* A server is asked this often for a name, the second time for twice as long. */
#define TRIES 2

/* Milliseconds of the first try at least. */
#define TRY_LEAST_MS 100u

/* The thread looks at its clock this often, if nothing wakes it before. */
#define NAP_MS 1000

struct resolver {
    struct lookups lookups; /* first */
    struct answers answers;
    ares_channel channel;
    bool has_channel;
    int wake_fd;
    uint64_t timeout_ns;
    uint32_t most; /* names that the library may be busy with */
    pthread_t thread;
    bool started;
    _Atomic bool stopping;
};

/* Of a question, for c-ares. */
struct asked {
    struct resolver *resolver;
    struct answer *answer;
};

static void wake(struct lookups *l)
{
    struct resolver *r = (struct resolver *)l;
    uint64_t one = 1;
    /* A full counter is one that will be seen. */
    ssize_t n = write(r->wake_fd, &one, sizeof one);
    (void)n;
}

static void tell(struct resolver *r, struct lookup *k, enum lookup_result result, const struct addr *addr)
{
    k->result = result;
    if (addr)
        k->addr = *addr;
    lookup_answer(&r->lookups, k);
}

static void tell_all(struct resolver *r, struct answer *e, enum lookup_result result, const struct addr *addr)
{
    struct inbox_node *node = e->waiting;
    e->waiting = NULL;
    while (node) {
        struct lookup *k = (struct lookup *)node;
        node = node->next;
        tell(r, k, result, addr);
    }
}

/* The first address of the family. */
static bool first_address(const struct ares_addrinfo *info, uint8_t family, struct addr *out, uint32_t *ttl)
{
    const struct ares_addrinfo_node *n = info->nodes;
    while (n && n->ai_family != (family == ADDR_V4 ? AF_INET : AF_INET6))
        n = n->ai_next;
    if (!n)
        return false;
    if (family == ADDR_V4)
        *out = addr_v4((const uint8_t *)&((const struct sockaddr_in *)(const void *)n->ai_addr)->sin_addr);
    else
        *out = addr_v6(((const struct sockaddr_in6 *)(const void *)n->ai_addr)->sin6_addr.s6_addr);
    uint32_t seconds = n->ai_ttl > 0 ? (uint32_t)n->ai_ttl : 0;
    for (const struct ares_addrinfo_cname *c = info->cnames; c; c = c->next)
        seconds = c->ttl >= 0 && (uint32_t)c->ttl < seconds ? (uint32_t)c->ttl : seconds;
    *ttl = seconds < ANSWER_TTL_LEAST ? ANSWER_TTL_LEAST : seconds > ANSWER_TTL_MOST ? ANSWER_TTL_MOST : seconds;
    return true;
}

static void answered(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
    struct asked *asked = arg;
    struct resolver *r = asked->resolver;
    struct answer *e = asked->answer;
    (void)timeouts;
    free(asked);
    struct addr addr;
    uint32_t ttl = ANSWER_TTL_FAIL;
    enum lookup_result result = LOOKUP_TIMEOUT;
    if (status == ARES_SUCCESS && first_address(info, e->family, &addr, &ttl)) {
        result = LOOKUP_FOUND;
    } else if (status == ARES_SUCCESS || status == ARES_ENOTFOUND || status == ARES_ENODATA) {
        result = LOOKUP_NONE;
        ttl = ANSWER_TTL_NONE;
    }
    if (info)
        ares_freeaddrinfo(info);
    const struct addr *found = result == LOOKUP_FOUND ? &addr : NULL;
    tell_all(r, e, result, found);
    answers_settle(&r->answers, e, result, found, ttl, clock_monotonic_ns());
}

static void wait_for(struct answer *e, struct lookup *k)
{
    k->news.node.next = e->waiting;
    e->waiting = &k->news.node;
}

static void ask(struct resolver *r, struct lookup *k)
{
    uint64_t now = clock_monotonic_ns();
    struct answer *e = answers_find(&r->answers, k, now);
    if (e && e->state == ANSWER_PENDING) {
        wait_for(e, k);
        return;
    }
    if (e) {
        tell(r, k, e->state == ANSWER_KNOWN ? e->result : LOOKUP_TIMEOUT, &e->addr);
        return;
    }
    if (answers_busy(&r->answers) >= r->most) {
        tell(r, k, LOOKUP_LIMIT, NULL);
        return;
    }
    struct asked *asked = calloc(1, sizeof *asked);
    e = asked ? answers_add(&r->answers, k, now + r->timeout_ns) : NULL;
    if (!e) {
        free(asked);
        tell(r, k, LOOKUP_LIMIT, NULL);
        return;
    }
    wait_for(e, k);
    *asked = (struct asked){.resolver = r, .answer = e};
    struct ares_addrinfo_hints hints = {.ai_flags = ARES_AI_NOSORT,
                                        .ai_family = e->family == ADDR_V4 ? AF_INET : AF_INET6};
    ares_getaddrinfo(r->channel, e->name, NULL, &hints, answered, asked);
}

static void take_questions(struct resolver *r)
{
    struct inbox_node *node = inbox_take(&r->lookups.questions);
    while (node) {
        struct lookup *k = (struct lookup *)node;
        node = node->next;
        ask(r, k);
    }
}

static void tell_overdue(struct resolver *r)
{
    struct answer *e;
    uint64_t now = clock_monotonic_ns();
    while ((e = answers_overdue(&r->answers, now)))
        tell_all(r, e, LOOKUP_TIMEOUT, NULL);
}

/* Milliseconds until something is due. */
static int patience(const struct resolver *r)
{
    uint64_t now = clock_monotonic_ns();
    uint64_t deadline = answers_deadline(&r->answers);
    uint64_t ns = deadline > now ? deadline - now : 0;
    int ms = ns > NAP_MS * (NS_PER_S / 1000) ? NAP_MS : (int)(ns / (NS_PER_S / 1000)) + 1;
    struct timeval tv;
    if (ares_timeout(r->channel, NULL, &tv)) {
        long library = tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1;
        ms = library < ms ? (int)library : ms;
    }
    return ms;
}

/* Wait for the sockets, for questions, for time; let the library do what there is to do. */
static void turn(struct resolver *r)
{
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    struct pollfd fds[ARES_GETSOCK_MAXNUM + 1];
    /* The library's own macros for these bits shift into the sign. */
    unsigned mask = (unsigned)ares_getsock(r->channel, sockets, ARES_GETSOCK_MAXNUM);
    nfds_t n = 0;
    for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        bool in = mask >> i & 1;
        bool out = mask >> (i + ARES_GETSOCK_MAXNUM) & 1;
        if (in || out)
            fds[n++] = (struct pollfd){.fd = sockets[i], .events = (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0))};
    }
    fds[n] = (struct pollfd){.fd = r->wake_fd, .events = POLLIN};
    if (poll(fds, n + 1, patience(r)) < 0)
        return; /* a signal: look again */
    uint64_t count;
    if (fds[n].revents & POLLIN) {
        ssize_t got = read(r->wake_fd, &count, sizeof count);
        (void)got;
    }
    for (nfds_t i = 0; i < n; i++) {
        short e = fds[i].revents;
        ares_process_fd(r->channel, e & (POLLIN | POLLERR | POLLHUP) ? fds[i].fd : ARES_SOCKET_BAD,
                        e & POLLOUT ? fds[i].fd : ARES_SOCKET_BAD);
    }
    ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* the library's own time-outs */
    take_questions(r);
    tell_overdue(r);
}

static void *body(void *arg)
{
    struct resolver *r = arg;
    while (!atomic_load_explicit(&r->stopping, memory_order_acquire))
        turn(r);
    return NULL;
}

/* The configured servers in c-ares' form. */
static int set_servers(struct resolver *r, const struct settings_active *set)
{
    struct ares_addr_port_node nodes[SETTINGS_SERVERS_MAX];
    memset(nodes, 0, sizeof nodes);
    for (unsigned i = 0; i < set->server_count; i++) {
        const struct settings_server *s = &set->servers[i];
        struct ares_addr_port_node *n = &nodes[i];
        n->next = i + 1 < set->server_count ? &nodes[i + 1] : NULL;
        n->family = s->addr.family == ADDR_V4 ? AF_INET : AF_INET6;
        memcpy(&n->addr, s->addr.b, s->addr.family == ADDR_V4 ? 4 : 16);
        n->udp_port = n->tcp_port = s->port;
    }
    return set->server_count ? ares_set_servers_ports(r->channel, nodes) : ARES_SUCCESS;
}

static int make_channel(struct resolver *r, const struct settings_active *set)
{
    /* All tries together, the second ones twice as long, take the time that there is. */
    unsigned servers = set->server_count ? set->server_count : 1;
    unsigned first = set->timeout * 1000 / (3 * servers);
    /* No search domains: the names are whole. */
    char lookups[] = "b"; /* DNS alone: hosts files have a source of their own */
    struct ares_options o = {.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
                             .timeout = (int)(first > TRY_LEAST_MS ? first : TRY_LEAST_MS),
                             .tries = TRIES,
                             .lookups = lookups};
    int e = ares_init_options(&r->channel, &o,
                              ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
                                  ARES_OPT_DOMAINS | ARES_OPT_NDOTS);
    if (e != ARES_SUCCESS)
        return e;
    r->has_channel = true;
    return set_servers(r, set);
}

int resolver_create(const struct settings_active *set, struct lanes_shared *lanes, struct resolver **out, char *error,
                    size_t error_len)
{
    int e = ares_library_init(ARES_LIB_INIT_ALL);
    *out = NULL;
    struct resolver *r = e == ARES_SUCCESS ? calloc(1, sizeof *r) : NULL;
    if (!r) {
        snprintf(error, error_len, "decap.names.active: can't be set up: out of memory");
        return -ENOMEM;
    }
    lookups_init(&r->lookups, lanes, set->max_queries, wake);
    r->timeout_ns = set->timeout * NS_PER_S;
    r->most = set->max_queries;
    atomic_init(&r->stopping, false);
    r->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (r->wake_fd < 0 || answers_init(&r->answers, set->memcap) != 0)
        e = ARES_ENOMEM;
    else
        e = make_channel(r, set);
    if (e != ARES_SUCCESS) {
        snprintf(error, error_len, "decap.names.active: can't be set up: %s", ares_strerror(e));
        resolver_destroy(&r);
        return -EINVAL;
    }
    lanes->lookups = &r->lookups;
    *out = r;
    return 0;
}

int resolver_start(struct resolver *r)
{
    int e = pthread_create(&r->thread, NULL, body, r);
    r->started = e == 0;
    return -e;
}

void resolver_destroy(struct resolver **resolver)
{
    struct resolver *r = *resolver;
    *resolver = NULL;
    if (!r)
        return;
    if (r->started) {
        atomic_store_explicit(&r->stopping, true, memory_order_release);
        wake(&r->lookups);
        pthread_join(r->thread, NULL);
    }
    if (r->lookups.lanes->lookups == &r->lookups)
        r->lookups.lanes->lookups = NULL;
    if (r->has_channel)
        ares_destroy(r->channel); /* what is pending is told that it ends */
    answers_fini(&r->answers);
    if (r->wake_fd >= 0)
        close(r->wake_fd);
    free(r);
    ares_library_cleanup();
}
