/* Messages in mail sessions: what is content and what the transport's, what of it comes to records and rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/file.h"
#include "proto/smtp/smtp.h"
#include "proto/smtp/smtp_config.h"

static const char *const schemes[] = {"http://"};
static const struct smtp_config decoding = {
    .decode = true,
    .content_limit = 1000,
    .mime =
        {.base64 = true, .quoted_printable = true, .md5 = true, .urls = true, .schemes = schemes, .scheme_count = 1},
    .fields = 0xffff,
    .body_md5 = true,
    .subject_md5 = true};

struct session {
    const struct smtp_config *config;
    void *state;
    struct buf out; /* files as "[name|content]state", "~" for a gap; events as "!NAME" */
    struct proto_file *open;
};

static void on_event(struct proto_io *io, unsigned event)
{
    struct session *s = io->engine_ctx;
    buf_printf(&s->out, "!%s", proto_smtp.events[event].name);
}

static struct proto_file *on_open(struct proto_io *io, struct proto_tx *tx, const struct proto_file_begin *b)
{
    struct session *s = io->engine_ctx;
    assert_non_null(tx);
    assert_null(s->open);
    assert_int_equal(b->data_most, s->config->content_limit);
    s->open = calloc(1, sizeof *s->open);
    buf_printf(&s->out, "[%.*s|", (int)b->name_len, (const char *)b->name);
    return s->open;
}

static void on_data(struct proto_io *io, struct proto_file *f, const uint8_t *p, size_t n)
{
    struct session *s = io->engine_ctx;
    assert_ptr_equal(f, s->open);
    buf_add(&s->out, p, n);
}

static void on_close(struct proto_io *io, struct proto_file *f, unsigned state)
{
    struct session *s = io->engine_ctx;
    assert_ptr_equal(f, s->open);
    buf_printf(&s->out, "]%u", state);
    free(f);
    s->open = NULL;
}

static const struct proto_engine engine = {
    .event = on_event, .file_open = on_open, .file_data = on_data, .file_close = on_close};

static struct proto_io io_of(struct session *s, enum flow_dir dir)
{
    return (struct proto_io){.dir = dir, .config = s->config, .engine = &engine, .engine_ctx = s};
}

static void give(struct session *s, enum flow_dir dir, const char *p, size_t n)
{
    struct proto_io io = io_of(s, dir);
    io.data = (const uint8_t *)p;
    io.len = n;
    assert_int_equal(proto_smtp.parse(s->state, &io), PROTO_OK);
    assert_int_equal(io.consumed, n);
}

static void say(struct session *s, enum flow_dir dir, const char *text)
{
    give(s, dir, text, strlen(text));
}

/* A session up to where a message may begin. */
static void begin(struct session *s, const struct smtp_config *config)
{
    *s = (struct session){.config = config, .state = calloc(1, proto_smtp.state_size)};
    buf_init(&s->out, 0);
    say(s, TO_CLIENT, "220 mx\r\n");
    say(s, TO_SERVER, "HELO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\n");
    say(s, TO_CLIENT, "250 ok\r\n250 ok\r\n250 ok\r\n");
}

static void data(struct session *s, const char *text, size_t piece)
{
    say(s, TO_SERVER, "DATA\r\n");
    say(s, TO_CLIENT, "354 go\r\n");
    for (size_t i = 0, n = strlen(text); i < n; i += piece)
        give(s, TO_SERVER, text + i, n - i < piece ? n - i : piece);
}

/* What came of it, with the `email` of each transaction; then the session is over. */
static void expect(struct session *s, bool own, const char *want)
{
    struct proto_io io = io_of(s, TO_SERVER);
    proto_smtp.finish(s->state, &io);
    struct proto_txs *txs = s->state;
    for (struct proto_tx *tx = txs->first, *next; tx; tx = next) {
        next = tx->next;
        struct json j = json_of(&s->out);
        buf_add_byte(&s->out, ' ');
        json_open_object(&j, NULL);
        proto_smtp.log_beside(s->state, tx, own, &j);
        json_end_object(&j);
        proto_smtp.tx_fini(tx);
        free(tx);
    }
    proto_smtp.fini(s->state);
    free(s->state);
    assert_null(s->open);
    buf_add_byte(&s->out, 0);
    assert_string_equal((const char *)s->out.data, want);
    buf_fini(&s->out);
}

#define ATTACHED "Content-Disposition: attachment; filename=f\r\n"
#define DONE     "\"email\":{\"status\":\"PARSE_DONE\""

static void dots(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 80; piece++) {
        struct session s;
        begin(&s, &decoding);
        data(&s, ATTACHED "\r\n..a\r\n.b\r\n.\rc\r\n.\r\r\n.\n", piece);
        say(&s, TO_CLIENT, "250 ok\r\n");
        expect(&s, false, "[f|.a\r\nb\r\n\rc\r\n\r]1 {" DONE ",\"attachment\":[\"f\"]}}");
    }
}

static void chunks(void **state)
{
    (void)state;
    struct session s;
    begin(&s, &decoding);
    say(&s, TO_SERVER, "BDAT 19\r\nSubject: s\r\n\r\n.\r\n..");
    say(&s, TO_CLIENT, "250 ok\r\n");
    say(&s, TO_SERVER, "BDAT 12 LAST\r\nhttp://a b\r\n");
    say(&s, TO_CLIENT, "250 ok\r\n");
    say(&s, TO_SERVER, "BDAT 0 LAST\r\n");
    expect(&s, false, " {" DONE ",\"url\":[\"a\"]}} {" DONE "}}");
}

static void fields(void **state)
{
    (void)state;
    struct session s;
    begin(&s, &decoding);
    data(&s,
         "From: a <a@x>\r\nTo: <b@y>, \"c,\" <c@y>\r\nCC: d\r\nSubject: x\r\nReceived: 1\r\nReceived: 2\r\n"
         "BCC: e,f\r\nX-Mailer: m\r\n\r\nabc\r\n.\r\n",
         1000);
    expect(&s, true,
           " {" DONE ",\"from\":\"a <a@x>\",\"to\":[\"<b@y>\",\"\\\"c,\\\" <c@y>\"],\"cc\":[\"d\"],"
           "\"bcc\":[\"e\",\"f\"],\"subject\":\"x\",\"x_mailer\":\"m\",\"received\":[\"1\",\"2\"],"
           "\"body_md5\":\"c13b6afecf97ea6b38d21a8f5167fa1e\",\"subject_md5\":\"9dd4e461268c8034f5c8564e155c67a6\"}}");
}

static void breaks_off(void **state)
{
    (void)state;
    struct session s;
    begin(&s, &decoding);
    data(&s, ATTACHED "Content-Transfer-Encoding: base64\r\n\r\nQUJD*\r\nQ*", 1000);
    expect(&s, false, "[f|ABC!MIME_INVALID_BASE64]2 {\"email\":{\"status\":\"BODY_STARTED\",\"attachment\":[\"f\"]}}");
    begin(&s, &decoding);
    data(&s, "From: x\r\n", 1000);
    expect(&s, false, " {\"email\":{\"status\":\"HEADER_STARTED\",\"from\":\"x\"}}");
    begin(&s, &decoding);
    say(&s, TO_SERVER, "DATA\r\n");
    say(&s, TO_CLIENT, "554 no\r\n");
    expect(&s, false, "!DATA_COMMAND_REJECTED {}");
}

static void missing_bytes(void **state)
{
    (void)state;
    struct session s;
    begin(&s, &decoding);
    data(&s, ATTACHED "\r\nabc\r\nde", 1000);
    struct proto_io io = io_of(&s, TO_SERVER);
    assert_int_equal(proto_smtp.gap(s.state, &io, 10), PROTO_OK);
    say(&s, TO_SERVER, ".\r\nx\r\n.\r\n");
    expect(&s, false, "[f|abc\r\nde.\r\nx]2 {" DONE ",\"attachment\":[\"f\"]}}");
}

static void raw(void **state)
{
    (void)state;
    const struct smtp_config c = {.raw = true, .content_limit = 9};
    struct session s;
    begin(&s, &c);
    data(&s, ATTACHED "\r\n..x\r\n.\r\n", 3);
    say(&s, TO_CLIENT, "250 ok\r\n");
    expect(&s, true, "[rawmsg|" ATTACHED "\r\n.x\r\n]1 {}");
    const struct smtp_config none = {.content_limit = 9};
    begin(&s, &none);
    data(&s, ATTACHED "\r\nx\r\n.\r\n", 3);
    expect(&s, true, " {}");
}

/* 354 answers DATA, whatever replies the capture lacks. */
static void lost_reply(void **state)
{
    (void)state;
    struct session s;
    begin(&s, &decoding);
    say(&s, TO_SERVER, "NOOP\r\nNOOP\r\n");
    data(&s, "Subject: s\r\n\r\n.\r\n", 1000);
    say(&s, TO_CLIENT, "250 ok\r\n");
    assert_true(((struct proto_txs *)s.state)->first->complete);
    expect(&s, false, " {" DONE "}}");
}

static bool ask(struct session *s, const char *key, unsigned index, struct buf *work, struct proto_bytes *out)
{
    const struct proto_buffer *b = proto_smtp.buffers;
    while (b->key && strcmp(b->key, key) != 0)
        b++;
    assert_non_null(b->key);
    buf_clear(work);
    const struct proto_ask a = {
        .state = s->state, .tx = ((struct proto_txs *)s->state)->first, .dir = TO_SERVER, .index = index, .work = work};
    return b->get(&a, out);
}

static void assert_buffer(struct session *s, const char *key, unsigned index, const char *want)
{
    struct buf work;
    struct proto_bytes b = {NULL, 0};
    buf_init(&work, 0);
    assert_int_equal(ask(s, key, index, &work, &b), want != NULL);
    if (want) {
        assert_int_equal(b.n, strlen(want));
        assert_memory_equal(b.p, want, b.n);
    }
    buf_fini(&work);
}

static void buffers(void **state)
{
    (void)state;
    struct session s;
    begin(&s, &decoding);
    assert_buffer(&s, "smtp.mail_from", 0, "<a@x>");
    assert_buffer(&s, "email.from", 0, NULL);
    assert_int_equal(((struct proto_txs *)s.state)->first->progress[TO_SERVER], TX_LINE);
    data(&s, "From: f\r\nto: t, u\r\nReceived: 1\r\nReceived: 2\r\n\r\n", 1000);
    assert_int_equal(((struct proto_txs *)s.state)->first->progress[TO_SERVER], TX_BODY);
    assert_buffer(&s, "email.from", 0, "f");
    assert_buffer(&s, "email.from", 1, NULL);
    assert_buffer(&s, "email.to", 0, "t, u");
    assert_buffer(&s, "email.received", 1, "2");
    assert_buffer(&s, "email.received", 2, NULL);
    assert_buffer(&s, "email.body_md5", 0, NULL);
    say(&s, TO_SERVER, "http://a http://b\r\n.\r\n");
    assert_int_equal(((struct proto_txs *)s.state)->first->progress[TO_SERVER], TX_DONE);
    assert_buffer(&s, "email.url", 0, "a");
    assert_buffer(&s, "email.url", 1, "b");
    assert_buffer(&s, "email.url", 2, NULL);
    assert_buffer(&s, "email.body_md5", 0, "35c04d8e9ba1a9db312a622abe91e47c");
    expect(&s, false, " {" DONE ",\"from\":\"f\",\"to\":[\"t\",\"u\"],\"url\":[\"b\",\"a\"]}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dots),       cmocka_unit_test(chunks),        cmocka_unit_test(fields),
        cmocka_unit_test(breaks_off), cmocka_unit_test(missing_bytes), cmocka_unit_test(raw),
        cmocka_unit_test(lost_reply), cmocka_unit_test(buffers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
