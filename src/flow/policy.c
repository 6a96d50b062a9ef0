/* Policies for what goes beyond a limit, and how near the limits are. */
#include "flow/stage.h"

static const char *const targets[ON_COUNT] = {[ON_FLOW_MEMCAP] = "flow_memcap",
                                              [ON_SESSION_MEMCAP] = "stream_memcap",
                                              [ON_REASSEMBLY_MEMCAP] = "stream_reassembly",
                                              [ON_MIDSTREAM] = "stream_midstream",
                                              [ON_DEFRAG_MEMCAP] = "defrag_memcap"};

static const char *const policies[EXCEPTION_COUNT] = {"ignore", "drop_flow", "drop_packet", "reject",
                                                      "bypass", "pass_flow", "pass_packet"};

const char *flow_exception_name(enum flow_exception why)
{
    return targets[why];
}

const char *flow_policy_name(enum settings_exception policy)
{
    return policies[policy];
}

/* Counters have literals for names, so each is written out. */
#define NAMES(target)                                                                                                  \
    {                                                                                                                  \
        NULL, "exception_policy." target ".drop_flow", "exception_policy." target ".drop_packet",                      \
            "exception_policy." target ".reject", "exception_policy." target ".bypass",                                \
            "exception_policy." target ".pass_flow", "exception_policy." target ".pass_packet"                         \
    }

void flow_policy_counters(struct flow_stage *fs)
{
    static const char *const names[ON_COUNT][EXCEPTION_COUNT] = {[ON_FLOW_MEMCAP] = NAMES("flow.memcap"),
                                                                 [ON_SESSION_MEMCAP] = NAMES("tcp.ssn_memcap"),
                                                                 [ON_REASSEMBLY_MEMCAP] = NAMES("tcp.reassembly"),
                                                                 [ON_MIDSTREAM] = NAMES("tcp.midstream"),
                                                                 [ON_DEFRAG_MEMCAP] = NAMES("defrag.memcap")};
    for (unsigned i = 0; i < ON_COUNT; i++)
        if (fs->policy[i] != EXCEPTION_IGNORE)
            fs->n.policy[i] = counter_id(names[i][fs->policy[i]]);
    fs->n.pressure = counter_id("memcap.pressure");
    fs->n.pressure_max = counter_id("memcap.pressure_max");
}

/* What app is to do with it, and with what follows. */
static void note(struct flow *f, struct packet *p, enum settings_exception policy, enum flow_exception why)
{
    bool drops = policy == EXCEPTION_DROP_FLOW || policy == EXCEPTION_REJECT;
    bool passes = policy == EXCEPTION_PASS_FLOW || policy == EXCEPTION_BYPASS;
    if (p) {
        p->seen.policy = drops && f                                 ? POLICY_DROP_FLOW
                         : drops || policy == EXCEPTION_DROP_PACKET ? POLICY_DROP
                                                                    : POLICY_PASS;
        p->seen.reason = (uint8_t)(REASON_FLOW_MEMCAP + why);
    }
    if (f && (drops || passes) && !f->policy)
        f->policy = drops ? POLICY_DROP_FLOW : policy == EXCEPTION_BYPASS ? POLICY_NONE : POLICY_PASS;
}

void flow_apply_policy(struct stage *s, struct flow *f, struct packet *p, enum flow_exception why)
{
    struct flow_stage *fs = s->state;
    enum settings_exception policy = fs->policy[why];
    if (f && !f->exception)
        f->exception = (uint8_t)(why + 1);
    if (policy == EXCEPTION_IGNORE)
        return;
    if (p || !f)
        counter_add(s->counters, fs->n.policy[why], 1);
    note(f, p, policy, why);
    if (f && why == ON_MIDSTREAM && policy == EXCEPTION_PASS_FLOW && fs->limits.midstream)
        return; /* parsed, but not looked at by rules */
    if (p)
        p->payload_len = 0;
    if (!f || policy == EXCEPTION_DROP_PACKET || policy == EXCEPTION_PASS_PACKET)
        return;
    tcp_forget(&f->tcp, &fs->memory);
    f->bypassed = policy == EXCEPTION_BYPASS;
}

static uint64_t percent(uint64_t used, uint64_t most)
{
    return most ? used / ((most + 99) / 100) : 0;
}

/* The counters of the lanes are added up: each lane's share is its part of the mean. */
void flow_note_pressure(struct stage *s)
{
    struct flow_stage *fs = s->state;
    const uint64_t all[] = {percent(fs->table.memory, fs->table.memcap), percent(fs->memory.held, fs->limits.memcap),
                            percent(fs->memory.queues, fs->limits.queue_memcap),
                            percent(fs->defrag.memory, fs->defrag.memcap)};
    uint64_t now = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        now = all[i] > now ? all[i] : now;
    if (now > fs->pressure_max)
        fs->pressure_max = now;
    atomic_store_explicit(&s->counters->value[fs->n.pressure], now / fs->lanes, memory_order_relaxed);
    atomic_store_explicit(&s->counters->value[fs->n.pressure_max], fs->pressure_max / fs->lanes, memory_order_relaxed);
}
