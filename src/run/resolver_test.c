/* The resolver against a name server of the test's own: answers, silence, sharing, limits; and the lane's side. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/clock.h"
#include "run/resolver.h"

/* What the server does with a query is in the first letter of the name: a(nswer), n(one), s(ilence). */
struct server {
    int fd;
    uint16_t port;
    pthread_t thread;
    _Atomic unsigned queries;
    _Atomic bool over;
};

static size_t answer(const uint8_t *query, size_t len, uint8_t *out)
{
    size_t end = 12;
    while (end < len && query[end])
        end += 1u + query[end];
    end += 5; /* zero, type, class */
    if (end > len || query[13] == 's')
        return 0;
    bool six = query[end - 3] == 28;
    bool found = query[13] == 'a';
    memcpy(out, query, end);
    memset(out + 8, 0, 4); /* neither authority nor additional records */
    out[2] = 0x85;
    out[3] = found ? 0x80 : 0x83;
    out[7] = found;
    if (!found)
        return end;
    uint8_t *p = out + end;
    const uint8_t head[] = {0xc0, 12, 0, query[end - 3], 0, 1, 0, 0, 0, 60, 0, six ? 16 : 4};
    memcpy(p, head, sizeof head);
    p += sizeof head;
    memset(p, 0, 16);
    p[0] = six ? 0x20 : 198;
    p[six ? 15 : 3] = 7;
    return (size_t)(p - out) + (six ? 16 : 4);
}

static void *serve(void *arg)
{
    struct server *s = arg;
    uint8_t query[512];
    uint8_t reply[600];
    while (!atomic_load(&s->over)) {
        struct sockaddr_in peer;
        socklen_t peer_len = sizeof peer;
        ssize_t n = recvfrom(s->fd, query, sizeof query, 0, (struct sockaddr *)&peer, &peer_len);
        if (n < 17)
            continue;
        atomic_fetch_add(&s->queries, 1);
        size_t len = answer(query, (size_t)n, reply);
        if (len)
            sendto(s->fd, reply, len, 0, (struct sockaddr *)&peer, peer_len);
    }
    return NULL;
}

static struct server server;
static struct lanes_shared lanes;
static struct lane_progress progress[2];
static struct inbox news[2];
static struct resolver *resolver;

static void begin(uint32_t max_queries)
{
    char error[256] = "";
    struct settings_active set = {.enabled = true,
                                  .servers = {{.addr = addr_v4((const uint8_t[]){127, 0, 0, 1}), .port = server.port}},
                                  .server_count = 1,
                                  .timeout = 1,
                                  .max_queries = max_queries,
                                  .memcap = 65536};
    lanes = (struct lanes_shared){.count = 2, .progress = progress, .news = news};
    inbox_init(&news[0]);
    inbox_init(&news[1]);
    atomic_store(&server.queries, 0);
    if (resolver_create(&set, &lanes, &resolver, error, sizeof error) != 0)
        fail_msg("%s", error);
    assert_non_null(lanes.lookups);
    assert_int_equal(resolver_start(resolver), 0);
}

static void finish(void)
{
    assert_int_equal(atomic_load(&lanes.lookups->out), 0);
    resolver_destroy(&resolver);
    assert_null(lanes.lookups);
}

static struct lookup *ask(unsigned lane, const char *name, enum addr_family family)
{
    enum lookup_result result;
    return lookup_ask(lanes.lookups, lane, name, strlen(name), family, &result);
}

/* Until n lookups came back to a lane. */
static void receive(unsigned lane, unsigned n)
{
    uint64_t end = clock_monotonic_ns() + 20 * NS_PER_S;
    while (n && clock_monotonic_ns() < end) {
        struct inbox_node *node = inbox_take(&news[lane]);
        for (struct inbox_node *next; node; node = next, n--) {
            next = node->next;
            lookup_take(lanes.lookups, (struct news *)node);
        }
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    assert_int_equal(n, 0);
}

static const char *text(const struct addr *a)
{
    static char out[ADDR_TEXT_MAX];
    addr_print(a, false, out);
    return out;
}

static void names_are_found(void **state)
{
    (void)state;
    begin(10);
    struct lookup *four = ask(0, "A.Example.com.", ADDR_V4);
    struct lookup *six = ask(1, "a.example.com", ADDR_V6);
    struct lookup *none = ask(0, "none.example.com", ADDR_V4);
    receive(0, 2);
    receive(1, 1);
    assert_int_equal(four->result, LOOKUP_FOUND);
    assert_true(four->back);
    assert_string_equal(text(&four->addr), "198.0.0.7");
    assert_int_equal(six->result, LOOKUP_FOUND);
    assert_string_equal(text(&six->addr), "2000::7");
    assert_int_equal(none->result, LOOKUP_NONE);
    free(four);
    free(six);
    free(none);
    finish();
}

static void a_name_is_asked_for_once(void **state)
{
    (void)state;
    struct lookup *k[8];
    begin(10);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 8; i++)
            k[i] = ask(i & 1, "again.example.com", ADDR_V4);
        receive(0, 4);
        receive(1, 4);
        for (unsigned i = 0; i < 8; i++) {
            assert_int_equal(k[i]->result, LOOKUP_FOUND);
            free(k[i]);
        }
    }
    assert_int_equal(atomic_load(&server.queries), 1);
    finish();
}

static void silence_ends_in_time(void **state)
{
    (void)state;
    begin(10);
    uint64_t began = clock_monotonic_ns();
    struct lookup *a = ask(0, "silent.example.com", ADDR_V4);
    struct lookup *b = ask(0, "also.example.com", ADDR_V4);
    receive(0, 2);
    uint64_t took = clock_monotonic_ns() - began;
    assert_int_equal(a->result, LOOKUP_TIMEOUT);
    assert_int_equal(b->result, LOOKUP_FOUND);
    assert_in_range(took, NS_PER_S * 9 / 10, 5 * NS_PER_S);
    free(a);
    free(b);
    /* And is remembered for a while. */
    began = clock_monotonic_ns();
    a = ask(0, "silent.example.com", ADDR_V4);
    receive(0, 1);
    assert_int_equal(a->result, LOOKUP_TIMEOUT);
    assert_in_range(clock_monotonic_ns() - began, 0, NS_PER_S / 2);
    free(a);
    finish();
}

static void no_more_than_may_be(void **state)
{
    (void)state;
    enum lookup_result result;
    begin(2);
    struct lookup *a = ask(0, "silent1.example.com", ADDR_V4);
    struct lookup *b = ask(1, "silent2.example.com", ADDR_V4);
    assert_non_null(a);
    assert_non_null(b);
    assert_null(lookup_ask(lanes.lookups, 0, "a.example", 9, ADDR_V4, &result));
    assert_int_equal(result, LOOKUP_LIMIT);
    receive(0, 1);
    receive(1, 1);
    free(a);
    free(b);
    finish();
}

static void only_names_of_hosts(void **state)
{
    (void)state;
    char label[70];
    memset(label, 'x', sizeof label);
    begin(2);
    static const char *const bad[] = {"", ".", "a..b", "a b", "a\nb", "caf\xc3\xa9", "a/b", "[::1]"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_null(ask(0, bad[i], ADDR_V4));
    assert_false(lookup_name_ok(label, 64));
    assert_true(lookup_name_ok(label, 63));
    assert_true(lookup_name_ok("_a-1.b", 6));
    assert_int_equal(atomic_load(&server.queries), 0);
    finish();
}

static void ends_while_it_asks(void **state)
{
    (void)state;
    begin(2);
    struct lookup *a = ask(0, "silent.example.com", ADDR_V4);
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    resolver_destroy(&resolver);
    /* It is told of the end, too; lanes are gone by then. */
    struct inbox_node *node = inbox_take(&news[0]);
    assert_ptr_equal(node, &a->news.node);
    free(a);
}

static int set_up(void **state)
{
    (void)state;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    struct timeval nap = {.tv_usec = 50000};
    server.fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (server.fd < 0 || bind(server.fd, (struct sockaddr *)&at, sizeof at) != 0)
        return -1;
    setsockopt(server.fd, SOL_SOCKET, SO_RCVTIMEO, &nap, sizeof nap);
    getsockname(server.fd, (struct sockaddr *)&at, &len);
    server.port = ntohs(at.sin_port);
    return -pthread_create(&server.thread, NULL, serve, &server);
}

static int tear_down(void **state)
{
    (void)state;
    atomic_store(&server.over, true);
    pthread_join(server.thread, NULL);
    return close(server.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found),      cmocka_unit_test(a_name_is_asked_for_once),
        cmocka_unit_test(silence_ends_in_time), cmocka_unit_test(no_more_than_may_be),
        cmocka_unit_test(only_names_of_hosts),  cmocka_unit_test(ends_while_it_asks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
