/* Notes: copies of their own, in order, freed whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "item/note.h"

/* A heap copy without a terminator: gone after the note was made. */
static char *lend(const char *text)
{
    char *p = malloc(strlen(text));
    assert_non_null(p);
    memcpy(p, text, strlen(text));
    return p;
}

static void tunnel_note_keeps_its_strings(void **state)
{
    (void)state;
    char *host = lend("example.com");
    char *user = lend("alice");
    char *reply = lend("Connection established");
    struct tunnel_offer o = {.type = "socks5",
                             .payload = "socks",
                             .status = TUNNEL_ESTABLISHED,
                             .port = 443,
                             .host = host,
                             .host_len = 11,
                             .user = user,
                             .user_len = 5,
                             .reply_code = 0,
                             .reply = reply,
                             .reply_len = 22,
                             .start_ns = 77};
    struct note *n = note_tunnel(&o);
    free(host);
    free(user);
    free(reply);
    assert_non_null(n);
    assert_int_equal(n->kind, NOTE_TUNNEL);
    assert_string_equal(n->tunnel.host, "example.com");
    assert_string_equal(n->tunnel.user, "alice");
    assert_string_equal(n->tunnel.reply, "Connection established");
    assert_int_equal(n->tunnel.host_len, 11);
    assert_int_equal(n->tunnel.port, 443);
    assert_true(n->tunnel.start_ns == 77);
    note_free_all(n);
}

static void tunnel_note_without_strings(void **state)
{
    (void)state;
    struct tunnel_offer o = {.type = "socks5", .payload = "socks", .status = TUNNEL_REFUSED, .reply_code = -1};
    struct note *n = note_tunnel(&o);
    assert_non_null(n);
    assert_null(n->tunnel.host);
    assert_null(n->tunnel.user);
    assert_null(n->tunnel.reply);
    assert_int_equal(n->tunnel.reply_code, -1);
    note_free_all(n);
    /* Given, and empty. */
    o.user = "";
    n = note_tunnel(&o);
    assert_non_null(n->tunnel.user);
    assert_string_equal(n->tunnel.user, "");
    note_free_all(n);
}

static void bytes_and_names_are_copies(void **state)
{
    (void)state;
    char *bytes = lend("inner bytes");
    struct note *b = note_bytes(5, TO_CLIENT, (const uint8_t *)bytes, 11);
    free(bytes);
    assert_non_null(b);
    assert_int_equal(b->kind, NOTE_BYTES);
    assert_int_equal(b->bytes.dir, TO_CLIENT);
    assert_int_equal(b->bytes.channel, 5);
    assert_int_equal(b->bytes.len, 11);
    assert_memory_equal(b->data, "inner bytes", 11);
    note_free_all(b);
    b = note_bytes(0, TO_SERVER, NULL, 0);
    assert_non_null(b);
    note_free_all(b);

    char *name = lend("www.example.com");
    struct name_answer a = {.name = name, .name_len = 15, .addr = addr_v4((const uint8_t[4]){1, 2, 3, 4}), .ttl = 60};
    struct note *n = note_name(&a);
    free(name);
    assert_non_null(n);
    assert_int_equal(n->kind, NOTE_NAME);
    assert_string_equal(n->name.name, "www.example.com");
    assert_int_equal(n->name.ttl, 60);
    assert_int_equal(n->name.addr.b[3], 4);
    note_free_all(n);
}

static void notes_stay_in_order(void **state)
{
    (void)state;
    struct item item = {.kind = ITEM_PACKET};
    note_free_all(item.notes);
    for (uint32_t i = 0; i < 20; i++) {
        struct note *n = note_bytes(i, TO_SERVER, NULL, 0);
        assert_non_null(n);
        n->next = n; /* append ends the list whatever stood there */
        note_append(&item, n);
    }
    uint32_t i = 0;
    for (const struct note *n = item.notes; n; n = n->next)
        assert_int_equal(n->bytes.channel, i++);
    assert_int_equal(i, 20);
    note_free_all(item.notes);
}

static void sources_have_names(void **state)
{
    (void)state;
    assert_string_equal(address_source_name(ADDRESS_REQUEST), "request");
    assert_string_equal(address_source_name(ADDRESS_PASSIVE_DNS), "passive-dns");
    assert_string_equal(address_source_name(ADDRESS_EGRESS), "egress");
    assert_string_equal(address_source_name(ADDRESS_HOSTS), "hosts");
    assert_string_equal(address_source_name(ADDRESS_DNS), "dns");
    assert_string_equal(address_source_name(ADDRESS_PLACEHOLDER), "placeholder");
    assert_string_equal(address_source_name(ADDRESS_CARRIER), "carrier");
}

static void ids_are_exact_in_json(void **state)
{
    (void)state;
    assert_true(flow_id_make(1, 0) == 65536);
    assert_true(flow_id_make(1, 7) == 65543);
    assert_true(flow_id_make((1ull << 37) - 1, 0xffff) < 1ull << 53);
    assert_true(flow_id_make(3, 0x10000) == flow_id_make(3, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tunnel_note_keeps_its_strings),
        cmocka_unit_test(tunnel_note_without_strings),
        cmocka_unit_test(bytes_and_names_are_copies),
        cmocka_unit_test(notes_stay_in_order),
        cmocka_unit_test(sources_have_names),
        cmocka_unit_test(ids_are_exact_in_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
