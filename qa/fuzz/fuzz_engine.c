/* Fuzzes the rules' engine at work: a lane of flow, app and decap with rules, as a run of one thread drives it.
 *
 * The input: an octet (bit 0: rules are loaded again where it says so, those of ours alone, else all; bits 1-2: port of
 * the last flow); rules as text, up to a zero; then steps: an octet (bits 0-1: flow, bit 2: direction, bits 3-5: enum
 * step) and what the step needs. TCP flows are opened before their first bytes. Alerts must be those of rules that were
 * loaded, records must be written whole, and the lane must come to its end and give back its memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/app.h"
#include "capture/capture.h"
#include "config/config.h"
#include "core/bytes.h"
#include "core/clock.h"
#include "core/log.h"
#include "decap/decap.h"
#include "detect/engine/generation.h"
#include "flow/flow.h"
#include "output/record.h"
#include "proto/table.c" /* in no library */
#include "run/lane.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FRAMES_MAX  200u
#define RELOADS_MAX 2u
#define RECORD_MAX  (8u << 20)
#define TURNS_MAX   10000u /* of the lane's clock, until it has ended */

enum step {
    STEP_SHORT,  /* an octet: length; bytes */
    STEP_LONG,   /* two octets: length; bytes */
    STEP_END,    /* FIN */
    STEP_RESET,  /* RST */
    STEP_AGAIN,  /* two octets: how far before the last byte, length; bytes */
    STEP_GAP,    /* an octet: bytes that are missing */
    STEP_RAW,    /* two octets: length; an IP packet */
    STEP_OTHERS, /* an octet: 0: other rules, else tenths of a second that go by */
};

static const char own_rules[] =
    "alert ip any any -> any any (msg:\"f1\"; content:\"needle\"; threshold:type both,track by_src,count 2,seconds 60; "
    "sid:1;)\n"
    "alert tcp any any -> any any (msg:\"f2\"; flow:established; content:\"abc\"; content:\"def\"; within:20; sid:2;)\n"
    "alert http any any -> any any (msg:\"f3\"; http.uri; content:\"/a\"; http.user_agent; content:\"x\"; sid:3;)\n"
    "alert http any any -> any any (msg:\"f4\"; file.data; content:\"evil\"; flowbits:set,seen; sid:4;)\n"
    "alert tcp any any -> any any (msg:\"f5\"; flowbits:isset,seen; pcre:\"/e(v+)il/,flow:v\"; tag:session,5,packets; "
    "sid:5;)\n"
    "alert dns any any -> any any (msg:\"f6\"; dns.query; content:\"example\"; nocase; endswith; sid:6;)\n"
    "drop smtp any any -> any any (msg:\"f7\"; smtp.mail_from; content:\"bad\"; sid:7;)\n"
    "pass tcp any any -> any 25 (msg:\"f8\"; content:\"letpass\"; sid:8;)\n"
    "alert tcp any any -> any any (msg:\"f9\"; byte_test:2,>,100,0,relative; content:\"len\"; sid:9;)\n"
    "alert tcp any any -> any any (msg:\"f10\"; byte_extract:1,0,n; content:\"z\"; offset:n; xbits:set,x,track ip_dst; "
    "sid:10;)\n";

static const struct flow_of_ours {
    uint8_t proto;
    uint16_t port;
} flows[4] = {{6, 80}, {6, 25}, {17, 53}, {6, 0}};
static const uint16_t last_ports[4] = {1080, 443, 3128, 143};

struct world {
    struct buf frames;
    uint32_t count;
    uint32_t reload_at[RELOADS_MAX];
    unsigned reloads;
    uint64_t time_us;
    uint16_t last_port;
    uint32_t seq[4][2];
    bool open[4];
    const uint8_t *text;
    size_t text_len;
    struct detect_memory *memory;
    struct detect_generation *first, *last;
    struct lanes_shared shared;
    struct lane_progress progress;
    struct inbox news;
    struct capture *capture;
    struct stage stages[LANE_STAGES];
    struct fifo in[LANE_STAGES];
};

static struct config *config;
static struct counters counters;
static struct world *world;

static void check(bool good)
{
    if (!good)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char *const sets[] = {"vars.address-groups.A=[192.0.2.0/24,!192.0.2.1]", "vars.port-groups.P=[80,443]",
                                       "detect.thresholds.memcap=64kb", "host.memcap=64kb"};
    char error[256];
    (void)argc;
    (void)argv;
    log_set_level(LOG_LEVEL_ERROR);
    check(config_create(NULL, sets, sizeof sets / sizeof *sets, &config, error, sizeof error) == 0);
    config_settings_mutable(config)->detection = true;
    return 0;
}

static bool wanted(const struct event_sink *sink, const char *type)
{
    (void)sink;
    (void)type;
    return true;
}

static void emit_event(struct event_sink *sink, const struct event *e)
{
    static const struct record_options options = {.ethernet = true};
    struct buf line;
    (void)sink;
    bool known = !e->alert;
    for (const struct detect_generation *g = world->first; g && !known; g = atomic_load(&g->next))
        known = ruleset_find(g->rules, e->alert->gid, e->alert->sid) != NULL;
    check(known);
    buf_init(&line, RECORD_MAX);
    check(record_write(&line, &options, e) && line.data[line.len - 1] == '\n');
    buf_fini(&line);
}

static struct event_sink sink = {.wanted = wanted, .emit = emit_event};

static void put(struct buf *b, const void *p, size_t n)
{
    check(buf_add(b, p, n));
}

static void add_frame(struct world *w, const uint8_t *head, size_t head_len, const uint8_t *p, size_t n)
{
    uint32_t len = (uint32_t)(head_len + n);
    if (w->count == FRAMES_MAX)
        return;
    w->count++;
    w->time_us += 1000;
    uint32_t record[4] = {(uint32_t)(w->time_us / 1000000) + 1700000000u, (uint32_t)(w->time_us % 1000000), len, len};
    put(&w->frames, record, sizeof record);
    put(&w->frames, head, head_len);
    put(&w->frames, p, n);
}

static void store_be16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void store_be32(uint8_t *p, uint32_t v)
{
    store_be16(p, (uint16_t)(v >> 16));
    store_be16(p + 2, (uint16_t)v);
}

static void add_packet(struct world *w, unsigned f, unsigned dir, uint8_t flags, uint32_t seq, const uint8_t *p,
                       size_t n)
{
    uint8_t h[40] = {0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, flows[f].proto};
    bool tcp = flows[f].proto == 6;
    size_t len = tcp ? 40 : 28;
    uint16_t server = flows[f].port ? flows[f].port : w->last_port, client = (uint16_t)(40000 + f);
    static const uint8_t ends[2][4] = {{192, 0, 2, 1}, {198, 51, 100, 1}};
    store_be16(h + 2, (uint16_t)(len + n));
    memcpy(h + 12, ends[dir], 4);
    memcpy(h + 16, ends[!dir], 4);
    store_be16(h + 20, dir ? server : client);
    store_be16(h + 22, dir ? client : server);
    if (tcp) {
        store_be32(h + 24, seq);
        store_be32(h + 28, w->seq[f][!dir]);
        h[32] = 0x50;
        h[33] = flags;
        store_be16(h + 34, 60000);
    } else {
        store_be16(h + 24, (uint16_t)(8 + n));
    }
    add_frame(w, h, len, p, n);
}

#define FIN 1
#define SYN 2
#define RST 4
#define PSH 8
#define ACK 16

static void add_data(struct world *w, unsigned f, unsigned dir, uint32_t back, const uint8_t *p, size_t n)
{
    if (flows[f].proto == 6 && !w->open[f]) {
        w->open[f] = true;
        w->seq[f][0] = 1000;
        w->seq[f][1] = 5000;
        add_packet(w, f, 0, SYN, w->seq[f][0]++, NULL, 0);
        add_packet(w, f, 1, SYN | ACK, w->seq[f][1]++, NULL, 0);
        add_packet(w, f, 0, ACK, w->seq[f][0], NULL, 0);
    }
    add_packet(w, f, dir, PSH | ACK, w->seq[f][dir] - back, p, n);
    if (n > back)
        w->seq[f][dir] += (uint32_t)n - back;
}

static const uint8_t *take(struct reader *in, size_t *n)
{
    if (*n > reader_left(in))
        *n = reader_left(in);
    return reader_take(in, *n);
}

static void others(struct world *w, uint8_t what)
{
    if (what)
        w->time_us += what * 100000u;
    else if (w->reloads < RELOADS_MAX)
        w->reload_at[w->reloads++] = w->count;
}

static void step(struct world *w, struct reader *in)
{
    static const uint8_t nothing;
    uint8_t head = reader_u8(in);
    unsigned f = head & 3, dir = head >> 2 & 1;
    size_t n = 0;
    uint32_t back = 0;
    enum step s = (enum step)(head >> 3 & 7);
    if (s == STEP_LONG || s == STEP_RAW)
        n = reader_be16(in) % 4000u;
    if (s == STEP_AGAIN)
        back = reader_u8(in);
    if (s == STEP_SHORT || s == STEP_AGAIN)
        n = reader_u8(in);
    const uint8_t *p = n ? take(in, &n) : &nothing;
    if (!p)
        return;
    if (s == STEP_RAW)
        add_frame(w, &nothing, 0, p, n);
    else if (s == STEP_SHORT || s == STEP_LONG || s == STEP_AGAIN)
        add_data(w, f, dir, back, p, n);
    else if (s == STEP_END)
        add_packet(w, f, dir, FIN | ACK, w->seq[f][dir]++, NULL, 0);
    else if (s == STEP_RESET)
        add_packet(w, f, dir, RST | ACK, w->seq[f][dir], NULL, 0);
    else if (s == STEP_GAP)
        w->seq[f][dir] += reader_u8(in);
    else
        others(w, reader_u8(in));
}

/* A name under which the bytes can be opened, while the file is. */
static int as_file(const void *p, size_t n, const void *q, size_t m, char *name, size_t name_len)
{
    int fd = memfd_create("engine", 0);
    check(fd >= 0 && write(fd, p, n) == (ssize_t)n && write(fd, q, m) == (ssize_t)m);
    snprintf(name, name_len, "/proc/self/fd/%d", fd);
    return fd;
}

static struct detect_generation *load(struct world *w, bool own_only)
{
    char name[64], error[256];
    int fd = as_file(own_rules, sizeof own_rules - 1, w->text, own_only ? 0 : w->text_len, name, sizeof name);
    struct ruleset_options o = {.settings = config_settings(config), .exclusive = name, .quiet = true};
    struct ruleset *set = NULL;
    struct detect *d = NULL;
    check(ruleset_create(&o, &set, error, sizeof error) == 0);
    close(fd);
    check(set->rule_count >= 1);
    check(detect_create(set, w->memory, app_rules_ready, NULL, &d, error, sizeof error) == 0);
    struct detect_generation *g = detect_generation_create(&set, &d);
    check(g && detect_generation_prepare(g, 1) == 0);
    return g;
}

static void to_next(struct stage *s, struct item *item)
{
    fifo_add(&world->in[s - world->stages + 1], item);
}

static void to_flow(struct stage *s, struct item *item)
{
    (void)s;
    fifo_add(&world->in[LANE_FLOW], item);
}

static void back_to_capture(struct stage *s, struct item *item)
{
    (void)s;
    if (item->kind == ITEM_PACKET)
        capture_put(world->capture, (struct packet *)item);
    else
        free(item);
}

static void wake(const struct lanes_shared *lanes, unsigned lane)
{
    (void)lanes;
    (void)lane;
}

static void reject(struct rejecter *r, const struct stage *s, const struct packet *p, bool to_src, bool to_dst)
{
    (void)r;
    (void)s;
    check(p && (to_src || to_dst));
}

static void make_lane(struct world *w)
{
    static const struct stage_ops *const ops[LANE_STAGES] = {&flow_stage_ops, &app_stage_ops, &decap_stage_ops};
    atomic_init(&w->progress.completed, 0);
    atomic_init(&w->progress.told, 0);
    inbox_init(&w->news);
    w->shared = (struct lanes_shared){
        .count = 1, .progress = &w->progress, .wake = wake, .news = &w->news, .rules = w->first, .reject = reject};
    atomic_init(&w->shared.busy, 1);
    for (unsigned i = 0; i < LANE_STAGES; i++) {
        struct stage *s = &w->stages[i];
        *s = (struct stage){.ops = ops[i],
                            .settings = config_settings(config),
                            .counters = &counters,
                            .sink = &sink,
                            .lanes = &w->shared,
                            .emit = i == LANE_DECAP ? back_to_capture : to_next,
                            .reenter = to_flow};
        check(ops[i]->thread_init(s) == 0);
    }
}

static bool stage_turn(struct world *w, unsigned i)
{
    struct item *batch[LANE_BATCH];
    unsigned n = 0;
    while (n < LANE_BATCH && w->in[i].first)
        batch[n++] = fifo_take(&w->in[i]);
    if (n)
        w->stages[i].ops->process(&w->stages[i], batch, n);
    return n != 0;
}

static void turn(struct world *w)
{
    bool did = true;
    while (did) {
        did = false;
        for (unsigned i = 0; i < LANE_STAGES; i++)
            did = stage_turn(w, i) || did;
    }
}

static void reload(struct world *w, bool own_only)
{
    struct detect_generation *g = load(w, own_only);
    g->from = capture_number(w->capture) + 1;
    atomic_store(&w->last->next, g);
    w->last = g;
}

static void end_lane(struct world *w)
{
    struct tick *t = calloc(1, sizeof *t);
    check(t != NULL);
    t->item = (struct item){.kind = ITEM_TICK, .number = capture_number(w->capture), .now_ns = capture_now(w->capture)};
    t->last = true;
    fifo_add(&w->in[LANE_FLOW], &t->item);
    turn(w);
    bool drained = false;
    for (unsigned n = 0; n < TURNS_MAX && !drained; n++) {
        drained = true;
        for (unsigned i = 0; i < LANE_STAGES; i++)
            if (w->stages[i].ops->tick(&w->stages[i]))
                drained = false;
        turn(w);
        for (unsigned i = 0; i < LANE_STAGES; i++)
            drained = drained && w->stages[i].ops->drained(&w->stages[i]);
    }
    check(drained && capture_out(w->capture) == 0);
    for (unsigned i = 0; i < LANE_STAGES; i++)
        w->stages[i].ops->thread_fini(&w->stages[i]);
}

static void run(struct world *w, bool own_only)
{
    static const struct {
        uint32_t magic;
        uint16_t major, minor;
        uint32_t zone, accuracy, snaplen, link;
    } head = {0xa1b2c3d4, 2, 4, 0, 0, 65535, 101};
    char name[64], error[256];
    struct capture_source *source;
    struct packet *p;
    unsigned reloads = 0;
    int fd = as_file(&head, sizeof head, w->frames.data, w->frames.len, name, sizeof name);
    check(source_open_file(name, "", &source, error, sizeof error) == 0);
    close(fd);
    struct capture_settings set = {
        .lanes = 1, .packets = 64, .checksums = CHECKSUMS_NONE, .settings = config_settings(config)};
    check(capture_create(source, &set, &counters, &w->capture) == 0);
    make_lane(w);
    while (capture_next(w->capture, &p) == CAPTURE_PACKET) {
        fifo_add(&w->in[LANE_FLOW], &p->item);
        turn(w);
        if (reloads < w->reloads && capture_number(w->capture) >= w->reload_at[reloads]) {
            reload(w, own_only);
            reloads++;
        }
    }
    end_lane(w);
    capture_destroy(&w->capture);
    source_close(&source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader in = reader_of(data, size);
    uint8_t head = reader_u8(&in);
    struct world *w = world = calloc(1, sizeof *w);
    check(w != NULL);
    w->last_port = last_ports[head >> 1 & 3];
    size_t left = reader_left(&in);
    w->text = size ? data + 1 : data;
    const uint8_t *zero = left ? memchr(w->text, 0, left) : NULL;
    w->text_len = zero ? (size_t)(zero - w->text) : left;
    reader_take(&in, zero ? w->text_len + 1 : left);
    buf_init(&w->frames, 1u << 20);
    while (reader_left(&in) > 0 && w->count < FRAMES_MAX)
        step(w, &in);
    check((w->memory = detect_memory_create(config_settings(config))) != NULL);
    w->first = w->last = load(w, false);
    run(w, head & 1);
    detect_generation_destroy(&w->first);
    detect_memory_destroy(&w->memory);
    buf_fini(&w->frames);
    free(w);
    return 0;
}
