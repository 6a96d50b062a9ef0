/* The datagrams of a UDP relay: which target each belongs to, fragments, limits, and what is no relay's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "proto/duplex_test.h"
#include "proto/socks/socks.h"
#include "proto/socks/udp.h"

/* Headers: FRAG, then the target. */
#define TO(frag, target) "\0\0" frag target
#define ANY4             "\1\xc6\x33\x64\7\x13\x88" /* 198.51.100.7:5000 */
#define OTHER4           "\1\xc6\x33\x64\x08\x13\x88"
#define THIRD4           "\1\xc6\x33\x64\x09\x13\x88"
#define DNS4             "\1\xc6\x33\x64\7\0\x35"
#define ANY6             "\4\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\7\x13\x88"
#define MAPPED           "\4\0\0\0\0\0\0\0\0\0\0\xff\xff\xc6\x33\x64\7\x13\x88"
#define NAMED                                                                                                          \
    "\3\xb"                                                                                                            \
    "example.com\x13\x88"
#define NAMED_UPPER                                                                                                    \
    "\3\xb"                                                                                                            \
    "EXAMPLE.com\x13\x88"
#define NAMED_OTHER                                                                                                    \
    "\3\xb"                                                                                                            \
    "example.net\x13\x88"
#define SHORT  "\3\2gw\x13\x88"
#define QUERY  "\x12\x34\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1"
#define ANSWER "\x12\x34\x81\x80\0\1\0\1\0\0\0\0\3www\7example\3com\0\0\1\0\1\xc0\xc\0\1\0\1\0\0\0\5\0\4\1\2\3\4"

struct line {
    enum flow_dir dir;
    const char *bytes;
    size_t n;
};

#define CL(s)                                                                                                          \
    {                                                                                                                  \
        TO_SERVER, s, sizeof(s) - 1                                                                                    \
    }
#define RE(s)                                                                                                          \
    {                                                                                                                  \
        TO_CLIENT, s, sizeof(s) - 1                                                                                    \
    }
#define PLAY(d, lines) play(d, lines, sizeof(lines) / sizeof((lines)[0]))

static void feed(struct duplex *d, const struct line *lines, size_t n)
{
    for (size_t i = 0; i < n; i++)
        duplex_bytes(d, lines[i].dir, lines[i].bytes, lines[i].n);
}

static void play(struct duplex *d, const struct line *lines, size_t n)
{
    duplex_init(d, &proto_socks_udp, false);
    feed(d, lines, n);
    duplex_end(d);
    assert_false(d->over);
}

/* What was offered, what each channel carried, and the events, must be these. */
static void check(struct duplex *d, const char *tunnels, const char *carried, const char *events)
{
    struct buf got;
    buf_init(&got, 0);
    for (unsigned i = 0; i < DUPLEX_CHANNELS && d->channels[i].number; i++) {
        const struct duplex_channel *c = &d->channels[i];
        for (int dir = 0; dir < 2; dir++)
            buf_printf(&got, "%s%.*s", dir ? "|" : "", (int)c->bytes[dir].len,
                       c->bytes[dir].data ? (const char *)c->bytes[dir].data : "");
        buf_printf(&got, ";");
    }
    buf_add_byte(&got, 0);
    buf_add_byte(&d->tunnels, 0);
    buf_add_byte(&d->events, 0);
    assert_string_equal((const char *)d->tunnels.data, tunnels);
    assert_string_equal((const char *)got.data, carried);
    assert_string_equal((const char *)d->events.data, events);
    buf_fini(&got);
    duplex_fini(d);
}

#define OFFER(target, claim)                                                                                           \
    "tunnel socks5-udp established " target " user= code=-1 reply= reason=-\n  relay " claim "\n"

static void by_address(void **state)
{
    (void)state;
    static const struct line lines[] = {
        CL(TO("\0", ANY4) "one"),  CL(TO("\0", ANY4) "two"),   CL(TO("\0", ANY6) "six"),
        RE(TO("\0", ANY4) "eins"), RE(TO("\0", ANY6) "sechs"), CL(TO("\0", OTHER4) "other"),
    };
    struct duplex d;
    PLAY(&d, lines);
    check(&d,
          OFFER("198.51.100.7:5000", "likely") OFFER("2001:db8::7:5000", "likely") OFFER("198.51.100.8:5000", "sure"),
          "[3]one[3]two|[4]eins;[3]six|[5]sechs;[5]other|;", "");
}

static void by_name(void **state)
{
    (void)state;
    static const struct line lines[] = {
        CL(TO("\0", NAMED) "one"),        RE(TO("\0", ANY4) "eins"),      CL(TO("\0", NAMED_OTHER) "two"),
        CL(TO("\0", NAMED_UPPER) "more"), RE(TO("\0", OTHER4) "zwei"),    RE(TO("\0", ANY4) "mehr"),
        CL(TO("\0", ANY4) "by address"),  RE(TO("\0", ANY4) "addressed"), RE(TO("\0", NAMED_OTHER) "named"),
    };
    struct duplex d;
    PLAY(&d, lines);
    check(&d, OFFER("example.com:5000", "sure") OFFER("example.net:5000", "sure") OFFER("198.51.100.7:5000", "sure"),
          "[3]one[4]more|[4]eins[4]mehr;[3]two|[4]zwei[5]named;[10]by address|[9]addressed;", "");
}

/* Several names on one port: the one asked last has the answer; then the other. A host that answers from another
 * address is still that host while an answer is due. */
static void names_that_wait(void **state)
{
    (void)state;
    static const struct line lines[] = {
        CL(TO("\0", NAMED) "a"),         CL(TO("\0", NAMED_OTHER) "b"), RE(TO("\0", ANY4) "to b"),
        RE(TO("\0", OTHER4) "to a"),     CL(TO("\0", NAMED) "c"),       RE(TO("\0", THIRD4) "to a"),
        RE(TO("\0", OTHER4) "nobody's"),
    };
    struct duplex d;
    PLAY(&d, lines);
    check(&d, OFFER("example.com:5000", "sure") OFFER("example.net:5000", "sure") OFFER("198.51.100.8:5000", "sure"),
          "[1]a[1]c|[4]to a[4]to a;[1]b|[4]to b;|[8]nobody's;", "");
}

static void unasked_and_mapped(void **state)
{
    (void)state;
    static const struct line lines[] = {
        RE(TO("\0", ANY4) "who?"),
        CL(TO("\0", MAPPED) "me"),
        CL(TO("\0", "\3\xc"
                    "198.51.100.7\x13\x88") "again"),
    };
    struct duplex d;
    PLAY(&d, lines);
    check(&d, OFFER("198.51.100.7:5000", "likely"), "[2]me[5]again|[4]who?;", "");
}

static void known_payloads(void **state)
{
    (void)state;
    static const struct line dns[] = {CL(TO("\0", DNS4) QUERY), RE(TO("\0", DNS4) ANSWER)};
    static const struct line sip[] = {CL(TO("\0", ANY4) "SSH-2.0-over-udp")}; /* as the engine recognises */
    static const struct line gw[] = {CL(TO("\0", SHORT) "x")};
    struct duplex d;
    PLAY(&d, dns);
    assert_int_equal(d.channels[0].bytes[0].len, 4 + sizeof QUERY - 1);
    assert_int_equal(d.channels[0].bytes[1].len, 4 + sizeof ANSWER - 1);
    duplex_fini(&d);
    PLAY(&d, sip);
    check(&d, OFFER("198.51.100.7:5000", "sure"), "[16]SSH-2.0-over-udp|;", "");
    PLAY(&d, gw);
    check(&d, OFFER("gw:5000", "likely"), "[1]x|;", "");
}

/* A flow that begins with the relay's datagram: a DNS server's answer says so. */
static void relay_first(void **state)
{
    (void)state;
    struct duplex d;
    duplex_init(&d, &proto_socks_udp, true);
    static const struct line lines[] = {CL(TO("\0", DNS4) ANSWER), RE(TO("\0", DNS4) QUERY)};
    feed(&d, lines, 2);
    duplex_end(&d);
    buf_add_byte(&d.tunnels, 0);
    assert_string_equal((const char *)d.tunnels.data,
                        "tunnel socks5-udp established 198.51.100.7:53 user= code=-1 reply= reason=-\n  swapped\n"
                        "  relay sure\n");
    assert_true(d.channels[0].bytes[0].len > 0 && d.channels[0].bytes[1].len > 0);
    duplex_fini(&d);
}

static void fragments(void **state)
{
    (void)state;
    static const struct line lines[] = {
        CL(TO("\1", NAMED) "one "),    CL(TO("\2", NAMED) "two "), RE(TO("\1", ANY4) "ei"),
        CL(TO("\x83", NAMED) "three"), RE(TO("\x82", ANY4) "ns"),  CL(TO("\x81", NAMED) "alone"),
        CL(TO("\0", NAMED) "whole"),
    };
    struct duplex d;
    PLAY(&d, lines);
    check(&d, OFFER("example.com:5000", "sure"), "[13]one two three[5]alone[5]whole|[4]eins;", "");
}

static void fragments_that_are_none(void **state)
{
    (void)state;
    static const struct {
        struct line lines[5];
        const char *carried;
    } cases[] = {
        {{CL(TO("\2", NAMED) "a"), CL(TO("\x83", NAMED) "b")}, ""},                                 /* no beginning */
        {{CL(TO("\1", NAMED) "a"), CL(TO("\x83", NAMED) "b")}, ""},                                 /* a hole */
        {{CL(TO("\x80", NAMED) "a")}, ""},                                                          /* nowhere */
        {{CL(TO("\1", NAMED) "a"), CL(TO("\0", NAMED) "b"), CL(TO("\x82", NAMED) "c")}, "[1]b|;"},  /* lower */
        {{CL(TO("\1", NAMED) "a"), CL(TO("\1", NAMED) "b"), CL(TO("\x82", NAMED) "c")}, "[2]bc|;"}, /* anew */
        {{CL(TO("\1", NAMED) "a"), CL(TO("\2", NAMED) "b"), CL(TO("\2", NAMED) "b"), CL(TO("\x83", NAMED) "c")},
         "[3]abc|;"}, /* twice */
        {{CL(TO("\1", NAMED) "a"), CL(TO("\2", NAMED) "b"), CL(TO("\1", NAMED) "c"), CL(TO("\x82", NAMED) "d")},
         "[2]cd|;"},                                                      /* anew, lower */
        {{CL(TO("\1", NAMED) "a"), CL(TO("\x82", NAMED_OTHER) "b")}, ""}, /* another's */
        {{CL(TO("\1", NAMED) "a")}, ""},                                  /* no end */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct duplex d;
        size_t n = 0;
        while (n < 5 && cases[i].lines[n].bytes)
            n++;
        play(&d, cases[i].lines, n);
        assert_true(d.events.len > 0);
        buf_clear(&d.events);
        check(&d, cases[i].carried[0] ? OFFER("example.com:5000", "sure") : "", cases[i].carried, "");
    }
}

static void fragments_wait_no_longer_than_the_timer(void **state)
{
    (void)state;
    static const struct line lines[] = {CL(TO("\1", NAMED) "a"), CL(TO("\x82", NAMED) "b")};
    for (int late = 0; late < 2; late++) {
        struct duplex d;
        duplex_init(&d, &proto_socks_udp, false);
        feed(&d, lines, 1);
        d.now += SOCKS_FRAGMENTS_NS - 10 + (late ? 20 : 0);
        feed(&d, lines + 1, 1);
        duplex_end(&d);
        check(&d, late ? "" : OFFER("example.com:5000", "sure"), late ? "" : "[2]ab|;",
              late ? "event fragment_dropped\n" : "");
    }
}

static void fragments_are_no_more_than_the_cap(void **state)
{
    (void)state;
    static char bytes[20 + 8192] = TO("\1", NAMED);
    size_t head = sizeof TO("\1", NAMED) - 1;
    struct duplex d;
    duplex_init(&d, &proto_socks_udp, false);
    for (char frag = 1; frag <= 3; frag++) {
        bytes[2] = frag;
        duplex_bytes(&d, TO_SERVER, bytes, head + 8192);
        assert_int_equal(d.events.len > 0, frag == 3);
    }
    duplex_end(&d);
    check(&d, "", "", "event fragment_dropped\n");
}

/* An engine that only counts. */
struct counts {
    unsigned events;
    unsigned offers;
    unsigned carried;
};

static void count_event(struct proto_io *io, unsigned event)
{
    (void)event;
    ((struct counts *)io->engine_ctx)->events++;
}

static void count_offer(struct proto_io *io, const struct tunnel_offer *offer)
{
    assert_int_equal(offer->channel, ++((struct counts *)io->engine_ctx)->offers);
}

static void count_carried(struct proto_io *io, uint32_t channel, enum flow_dir dir, const uint8_t *p, size_t len,
                          bool eof)
{
    struct counts *c = io->engine_ctx;
    (void)dir;
    (void)p;
    (void)len;
    (void)eof;
    assert_true(channel > 0 && channel <= c->offers);
    c->carried++;
}

static enum proto_probe_result recognise_nothing(struct proto_io *io, const struct proto_probe *probe)
{
    (void)io;
    (void)probe;
    return PROBE_NO;
}

/* No more than so many targets; when it is not sure that it is a relay at all, fewer and without an event. Those that
 * are known go on. */
static void targets_are_limited(void **state)
{
    (void)state;
    static const struct proto_engine engine = {
        .event = count_event, .tunnel = count_offer, .carry = count_carried, .recognise = recognise_nothing};
    static const struct settings settings = {.decap = {.enabled = true}};
    static const struct flow_ref flow = {.id = 1};
    for (int sure = 0; sure < 2; sure++) {
        struct counts counts = {.events = 0};
        void *s = calloc(1, proto_socks_udp.state_size);
        assert_non_null(s);
        assert_int_equal(proto_socks_udp.init(s, &settings, false), 0);
        for (unsigned i = 0; i < 2 * 1000; i++) {
            char bytes[] = TO("\0", NAMED) "x";
            char other[] = TO("\0", ANY4) "x";
            char *p = sure ? bytes : other;
            size_t n = sure ? sizeof bytes - 1 : sizeof other - 1;
            p[n - 3] = (char)(1 + i % 1000 / 250);
            p[n - 2] = (char)(i % 250);
            struct proto_io io = {.data = (const uint8_t *)p,
                                  .len = n,
                                  .flow = &flow,
                                  .settings = &settings,
                                  .engine = &engine,
                                  .engine_ctx = &counts};
            assert_int_equal(proto_socks_udp.parse(s, &io), PROTO_OK);
            assert_int_equal(io.consumed, n);
        }
        unsigned limit = sure ? SOCKS_TARGETS_MAX : SOCKS_TARGETS_UNSURE;
        assert_int_equal(counts.offers, limit);
        assert_int_equal(counts.carried, 2 * limit);
        assert_int_equal(counts.events > 0, sure);
        proto_socks_udp.fini(s);
        free(s);
    }
}

static void broken_datagrams(void **state)
{
    (void)state;
    static const struct line sure[] = {CL(TO("\0", NAMED) "a"), CL("\0\0\0"), CL(TO("\0", NAMED) "b")};
    static const struct line unsure[] = {CL(TO("\0", ANY4) "a"), CL("\0\1\0\1"), CL(TO("\0", ANY4) "")};
    struct duplex d;
    PLAY(&d, sure);
    check(&d, OFFER("example.com:5000", "sure"), "[1]a[1]b|;", "event invalid_datagram\n");
    PLAY(&d, unsure);
    check(&d, OFFER("198.51.100.7:5000", "likely"), "[1]a[0]|;", "");
}

static enum proto_probe_result probe(const char *bytes, size_t n)
{
    struct proto_probe p = {.data = {(const uint8_t *)bytes, NULL},
                            .len = {n, 0},
                            .final = true,
                            .sport = 40000,
                            .dport = 1080,
                            .transport = PROTO_UDP};
    return proto_socks_udp.probe(&p);
}

#define PROBE(s) probe(s, sizeof(s) - 1)

static void claimed(void **state)
{
    (void)state;
    assert_int_equal(PROBE(TO("\0", ANY4) "x"), PROBE_YES);
    assert_int_equal(PROBE(TO("\0", ANY4)), PROBE_YES);
    assert_int_equal(PROBE(TO("\0", ANY6) "x"), PROBE_YES);
    assert_int_equal(PROBE(TO("\0", NAMED) "x"), PROBE_YES);
    assert_int_equal(PROBE(TO("\1", NAMED) "x"), PROBE_YES);
    assert_int_equal(PROBE(TO("\0", DNS4) QUERY), PROBE_YES);
    assert_int_equal(PROBE(TO("\0", DNS4) ANSWER), PROBE_YES_REVERSED);
}

static void look_alikes(void **state)
{
    (void)state;
    assert_int_equal(PROBE(QUERY), PROBE_NO);
    assert_int_equal(PROBE(ANSWER), PROBE_NO);
    assert_int_equal(PROBE("\0\0\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1"), PROBE_NO); /* DNS, id 0 */
    assert_int_equal(PROBE("\0\0\x84\0\0\0\0\1\0\0\0\0\5_http\4_tcp\5local\0"), PROBE_NO);      /* mDNS */
    assert_int_equal(PROBE("\xc3\0\0\0\1\x08"
                           "12345678\0\0\x44\xd0"),
                     PROBE_NO); /* QUIC */
    assert_int_equal(PROBE("\0\1\0\0\x21\x12\xa4\x42"
                           "123456789012"),
                     PROBE_NO);                                                      /* STUN */
    assert_int_equal(PROBE("\x80\x60\0\1\0\0\0\1\0\0\0\1payload"), PROBE_NO);        /* RTP */
    assert_int_equal(PROBE("\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\4\1\0\0\0"), PROBE_NO);   /* DTLS */
    assert_int_equal(PROBE("\1\0\0\0\1\2\3\4\5\6\7\x08"), PROBE_NO);                 /* WireGuard */
    assert_int_equal(PROBE("\0\0\0\0\0\0\0\1\0\0\0\0"), PROBE_NO);                   /* IKE on 4500 */
    assert_int_equal(PROBE("\0\0\0\1\0\0\0\1\0\1\2\3"), PROBE_NO);                   /* ESP on 4500 */
    assert_int_equal(PROBE("\0\0\0\1\x12\x34\x56\x78\0\0\7\x08\0\0\0\1"), PROBE_NO); /* BEP 15 announce */
    assert_int_equal(PROBE("\0\0\4\x17\x27\x10\x19\x80\0\0\0\0\1\2\3\4"), PROBE_NO); /* BEP 15 connect */
    assert_int_equal(PROBE("\0\0\0\4\0\0\0\1\xa\0\0\1\0\0\0\0\0\0\0\7\0\0\0\7\0\0\0\1"), PROBE_NO); /* sFlow 4 */
    assert_int_equal(PROBE("\0\0\0\5\0\0\0\1\xa\0\0\1\0\0\0\0\0\0\0\7\0\0\0\7\0\0\0\1"), PROBE_NO); /* sFlow 5 */
    assert_int_equal(PROBE("\0\1file\0octet\0"), PROBE_NO);                                         /* TFTP */
    assert_int_equal(PROBE("\0\0\0\1\xe0\0\0\xfb\x14\xe9x"), PROBE_NO);                             /* multicast */
    assert_int_equal(PROBE("\0\0\0\3\4\1\2\3\4\0\x35x"), PROBE_NO);                                 /* no name */
    assert_int_equal(PROBE("\0\0\0\3\0\0\x35x"), PROBE_NO);
    assert_int_equal(PROBE("\0\0\2" ANY4 "x"), PROBE_NO); /* in the midst of a sequence */
    assert_int_equal(PROBE("\0\0\0\1\xc6\x33\x64\7\0\0x"), PROBE_NO);
    for (size_t n = 0; n < sizeof TO("\0", ANY4) - 1; n++)
        assert_int_equal(probe(TO("\0", ANY4), n), PROBE_NO);
    struct proto_probe tcp = {
        .data = {(const uint8_t *)TO("\0", ANY4) "x", NULL}, .len = {11, 0}, .transport = PROTO_TCP};
    assert_int_equal(proto_socks_udp.probe(&tcp), PROBE_NO);
}

/* Random datagrams: one in 2^30 at most has such a header. */
static void random_datagrams(void **state)
{
    (void)state;
    uint64_t x = 88172645463325252ull;
    for (unsigned i = 0; i < 1000000; i++) {
        uint64_t bytes[4];
        for (unsigned k = 0; k < 4; k++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            bytes[k] = x;
        }
        assert_int_equal(probe((const char *)bytes, sizeof bytes), PROBE_NO);
    }
}

static void named_or_not(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool named;
    } cases[] = {
        {"example.com", true}, {"a.de", true},  {"x_y.example.org", true}, {"localhost", false}, {"a.b", false},
        {"a..com", false},     {".com", false}, {"example.com.", false},   {"a.c0m", false},     {"a b.com", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct socks_address a = {.atyp = SOCKS_ATYP_DOMAIN, .port = 1, .host = cases[i].host};
        a.host_len = (uint8_t)strlen(a.host);
        assert_int_equal(socks_target_named(&a), cases[i].named);
    }
}

static void payloads(void **state)
{
    (void)state;
    static uint8_t big[1200] = {0xc3, 0, 0, 0, 1, 8};
    static const char stun[] = "\0\1\0\0\x21\x12\xa4\x42"
                               "123456789012";
    static const char dtls[] = "\x16\xfe\xff\0\0\0\0\0\0\0\0\0\xc\1\0\0\0\0\0\0\0\0\0\0\0";
    static const char dht[] = "d1:ad2:id20:aaaaaaaaaaaaaaaaaaaae1:q4:ping1:t2:aa1:y1:qe";
    uint8_t ntp[48] = {0x23};
    assert_true(socks_payload_known(big, 1200, 443));
    assert_false(socks_payload_known(big, 1199, 443));
    assert_true(socks_payload_known((const uint8_t *)stun, sizeof stun - 1, 3478));
    assert_true(socks_payload_known((const uint8_t *)dtls, sizeof dtls - 1, 443));
    assert_false(socks_payload_known((const uint8_t *)dtls, sizeof dtls - 2, 443));
    assert_true(socks_payload_known((const uint8_t *)dht, sizeof dht - 1, 6881));
    assert_true(socks_payload_known(ntp, sizeof ntp, 123));
    assert_false(socks_payload_known(ntp, sizeof ntp, 124));
    assert_true(socks_payload_known((const uint8_t *)QUERY, sizeof QUERY - 1, 5353));
    assert_false(socks_payload_known((const uint8_t *)QUERY "x", sizeof QUERY, 53));
    assert_true(socks_payload_known((const uint8_t *)ANSWER, sizeof ANSWER - 1, 53));
    for (size_t n = 0; n < sizeof QUERY - 1; n++)
        assert_false(socks_payload_known((const uint8_t *)QUERY, n, 53));
}

static void can_be_switched_off(void **state)
{
    (void)state;
    struct settings_payload payload = {.name = "socks", .enabled = SWITCH_YES, .udp = false};
    struct settings settings = {.decap = {.enabled = true, .payload = &payload, .payload_count = 1}};
    void *s = calloc(1, proto_socks_udp.state_size);
    assert_non_null(s);
    assert_int_not_equal(proto_socks_udp.init(s, &settings, false), 0);
    payload.udp = true;
    assert_int_equal(proto_socks_udp.init(s, &settings, false), 0);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_address),
        cmocka_unit_test(by_name),
        cmocka_unit_test(names_that_wait),
        cmocka_unit_test(unasked_and_mapped),
        cmocka_unit_test(known_payloads),
        cmocka_unit_test(relay_first),
        cmocka_unit_test(fragments),
        cmocka_unit_test(fragments_that_are_none),
        cmocka_unit_test(fragments_wait_no_longer_than_the_timer),
        cmocka_unit_test(fragments_are_no_more_than_the_cap),
        cmocka_unit_test(targets_are_limited),
        cmocka_unit_test(broken_datagrams),
        cmocka_unit_test(claimed),
        cmocka_unit_test(look_alikes),
        cmocka_unit_test(random_datagrams),
        cmocka_unit_test(named_or_not),
        cmocka_unit_test(payloads),
        cmocka_unit_test(can_be_switched_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
