/* Carriers: ids, contexts and links by the packets' order alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "capture/carriers.h"
#include "core/clock.h"

static struct settings set;
static struct carriers *c;
static struct decoded d;
static struct carriers_found found;

static int set_up(void **state)
{
    (void)state;
    set.decoder.track_tunnels = true;
    set.flow.timeouts[FLOW_CLASS_UDP] = (struct settings_timeouts){.new_ = 30, .established = 300};
    set.flow.timeouts[FLOW_CLASS_DEFAULT] = (struct settings_timeouts){.new_ = 30, .established = 300};
    c = carriers_create(&set);
    return c ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    carriers_destroy(&c);
    return 0;
}

static struct addr host(uint8_t n)
{
    return addr_v4((const uint8_t[]){192, 0, 2, n});
}

static void around(enum decode_tunnel_type type, uint8_t src, uint16_t sport, uint8_t dst, uint16_t dport, uint32_t id)
{
    d = (struct decoded){.tunnel_count = 1};
    d.tunnels[0] = (struct decode_tunnel){.type = (uint8_t)type,
                                          .proto = type == TUNNEL_VXLAN ? 17 : 47,
                                          .has_id = type == TUNNEL_VXLAN || id,
                                          .id = id,
                                          .src = host(src),
                                          .sport = sport,
                                          .dst = host(dst),
                                          .dport = dport};
}

/* The context at this time; *id: the carrier's. */
static uint64_t look(uint64_t number, uint64_t second, uint64_t *id)
{
    assert_int_equal(carriers_find(c, &d, number, second * NS_PER_S, &found), CARRIERS_KNOWN);
    uint64_t context = carriers_context(found.inside[found.count - 1]);
    *id = found.id[found.count - 1];
    carriers_let_go(&found);
    return context;
}

static void directions_meet(void **state)
{
    (void)state;
    uint64_t id[5];
    around(TUNNEL_VXLAN, 1, 50000, 2, 4789, 7);
    uint64_t up = look(1, 1, &id[0]);
    around(TUNNEL_VXLAN, 2, 60000, 1, 4789, 7);
    assert_int_equal(look(2, 1, &id[1]), up);
    assert_int_equal(id[0], flow_id_make(1, 0));
    assert_int_equal(id[1], flow_id_make(2, 0));
    around(TUNNEL_VXLAN, 1, 50000, 2, 4789, 8); /* another tenant in the same session */
    assert_int_not_equal(look(3, 1, &id[2]), up);
    assert_int_equal(id[2], id[0]);
    around(TUNNEL_GRE, 1, 0, 2, 0, 0);
    up = look(4, 1, &id[3]);
    around(TUNNEL_GRE, 2, 0, 1, 0, 0);
    assert_int_equal(look(5, 1, &id[4]), up);
    assert_int_equal(id[4], id[3]);
    around(TUNNEL_GRE, 3, 0, 1, 0, 0);
    assert_int_not_equal(look(6, 1, &id[4]), up);
}

static void nested(void **state)
{
    (void)state;
    around(TUNNEL_GRE, 1, 0, 2, 0, 5);
    d.tunnel_count = 2;
    d.tunnels[1] = d.tunnels[0];
    d.tunnels[1].src = host(9);
    assert_int_equal(carriers_find(c, &d, 3, NS_PER_S, &found), CARRIERS_KNOWN);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.id[1], flow_id_make(3, FLOW_ID_SUB_LAYERS + 1));
    const struct tunnel_link *link = carriers_link(found.inside[1]);
    assert_int_equal(link->depth, 2);
    assert_int_equal(link->payload_depth, 0);
    assert_int_equal(link->root_flow_id, found.id[0]);
    assert_int_equal(link->parent_flow_id, found.id[1]);
    assert_string_equal(link->path[1].type, "gre");
    assert_int_equal(link->id, 5);
    assert_int_not_equal(carriers_context(found.inside[0]), carriers_context(found.inside[1]));
    carriers_let_go(&found);
    carriers_put(link);
}

/* A session that is over leaves its links to those who have them. */
static void time_goes_by(void **state)
{
    (void)state;
    uint64_t id[2];
    around(TUNNEL_VXLAN, 1, 50000, 2, 4789, 7);
    look(1, 100, &id[0]);
    assert_int_equal(carriers_find(c, &d, 2, 130 * NS_PER_S, &found), CARRIERS_KNOWN);
    const struct tunnel_link *link = carriers_link(found.inside[0]);
    assert_int_equal(found.id[0], id[0]);
    carriers_let_go(&found);
    look(3, 161, &id[1]);
    assert_int_equal(id[1], flow_id_make(3, 0));
    assert_int_equal(carriers_count(c), 1);
    assert_int_equal(link->parent_flow_id, id[0]);
    carriers_put(link);
    carriers_put(NULL);
}

static void doubt(void **state)
{
    (void)state;
    around(TUNNEL_VXLAN, 1, 50000, 2, 50001, 7);
    d.tunnels[0].doubtful = true;
    assert_int_equal(carriers_find(c, &d, 1, NS_PER_S, &found), CARRIERS_DOUBT);
    assert_int_equal(found.doubtful_id, flow_id_make(1, 0));
    assert_int_equal(carriers_find(c, &d, 2, NS_PER_S, &found), CARRIERS_DOUBT);
    around(TUNNEL_VXLAN, 2, 50001, 1, 50000, 7);
    d.tunnels[0].doubtful = true;
    uint64_t id;
    look(3, 1, &id);
    assert_int_equal(id, flow_id_make(1, 0));
}

static void flood(void **state)
{
    (void)state;
    uint64_t id;
    for (uint32_t i = 0; i < CARRIERS_MAX + 10; i++) {
        around(TUNNEL_VXLAN, (uint8_t)(i >> 16), (uint16_t)i, 2, 4789, 7);
        look(i + 1, 1, &id);
    }
    assert_int_equal(carriers_count(c), CARRIERS_MAX);
    assert_int_equal(carriers_forced(c), 10);
    for (uint32_t i = 0; i < CARRIERS_INSIDE_MAX + 10; i++) {
        around(TUNNEL_VXLAN, 1, 1, 2, 4789, i);
        look(i + 1, 1, &id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(directions_meet, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nested, set_up, tear_down),
        cmocka_unit_test_setup_teardown(time_goes_by, set_up, tear_down),
        cmocka_unit_test_setup_teardown(doubt, set_up, tear_down),
        cmocka_unit_test_setup_teardown(flood, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
