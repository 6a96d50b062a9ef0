/* Keywords that load must be able to match: what the tables of buffers and numbers promise, some protocol provides; and
 * what protocols provide, some keyword asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "detect/buffers.h"
#include "detect/fields.h"
#include "proto/proto.h"

#define FIELD_NAME(id, name) name,
static const char *const fields[DETECT_FIELD_COUNT] = {DETECT_FIELDS(FIELD_NAME)};
#undef FIELD_NAME

static bool gives_buffer(const struct app_proto *p, const char *key)
{
    for (const struct proto_buffer *b = p->buffers; b && b->key; b++)
        if (strcmp(b->key, key) == 0)
            return true;
    return false;
}

static bool gives_number(const struct app_proto *p, const char *key)
{
    for (const struct proto_number *n = p->numbers; n && n->key; n++)
        if (strcmp(n->key, key) == 0)
            return true;
    return false;
}

/* Is the protocol one of those that the buffer is of? */
static bool is_of(const struct app_proto *p, uint64_t apps)
{
    for (unsigned app = 1; app < DETECT_APP_COUNT; app++) {
        const char *parser = detect_app_parser((enum detect_app)app);
        if ((apps & DETECT_APP_BIT(app)) && parser && strcmp(parser, p->name) == 0)
            return true;
    }
    return false;
}

static void buffers_are_provided(void **state)
{
    (void)state;
    for (unsigned id = BUFFER_FIRST; id < detect_buffer_count(); id++) {
        const struct detect_buffer *b = detect_buffer(id);
        bool promised = b->flags & BUFFER_PROVIDED, given = false;
        if (b->flags & (BUFFER_PACKET | BUFFER_FLOW))
            continue;
        for (const struct app_proto *const *p = proto_table; *p; p++)
            given = given || (is_of(*p, b->apps) && gives_buffer(*p, b->key));
        if (promised != given)
            fail_msg("%s: %s", b->key, given ? "is provided, and said to be not" : "no protocol provides it");
    }
}

static void numbers_are_provided(void **state)
{
    (void)state;
    for (unsigned f = FIELD_FILESIZE + 1; f < FIELD_NONE; f++) {
        bool given = false;
        for (const struct app_proto *const *p = proto_table; *p; p++)
            given = given || gives_number(*p, fields[f]);
        if (!given && strncmp(fields[f], "websocket.", 10) != 0) /* said to match never */
            fail_msg("%s: no protocol provides it", fields[f]);
    }
}

static void all_are_known(void **state)
{
    (void)state;
    for (const struct app_proto *const *p = proto_table; *p; p++) {
        for (const struct proto_buffer *b = (*p)->buffers; b && b->key; b++)
            if (!detect_buffer_find(b->key))
                fail_msg("%s: no keyword asks for %s", (*p)->name, b->key);
        for (const struct proto_number *n = (*p)->numbers; n && n->key; n++) {
            unsigned f = 0;
            while (f < DETECT_FIELD_COUNT && strcmp(fields[f], n->key) != 0)
                f++;
            if (f == DETECT_FIELD_COUNT)
                fail_msg("%s: no keyword asks for %s", (*p)->name, n->key);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffers_are_provided),
        cmocka_unit_test(numbers_are_provided),
        cmocka_unit_test(all_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
