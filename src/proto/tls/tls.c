#include "proto/tls/tls.h"

#include <errno.h>
#include <stdlib.h>

#include "proto/tls/tls_session.h"

/* Names as in Suricata's decoder events, so that its rules load; hello_list_too_long and certificate_too_many_names are
 * ours and mark limits. dataleak_heartbeat_mismatch compares encrypted heartbeats, which come after the point where we
 * stop reading: rules may name it, nothing raises it. */
static const struct proto_event_desc events[TLS_EV_COUNT] = {
    [TLS_EV_INVALID_SSLV2_HEADER] = {"invalid_sslv2_header", "SSLv2 record header with an impossible length"},
    [TLS_EV_INVALID_TLS_HEADER] = {"invalid_tls_header", "record longer than TLS allows"},
    [TLS_EV_INVALID_RECORD_VERSION] = {"invalid_record_version", "record of an unknown version"},
    [TLS_EV_INVALID_RECORD_TYPE] = {"invalid_record_type", "record of an unknown type"},
    [TLS_EV_INVALID_HANDSHAKE_MESSAGE] = {"invalid_handshake_message", "handshake message that can't be read"},
    [TLS_EV_HANDSHAKE_INVALID_LENGTH] = {"handshake_invalid_length", "handshake message with an impossible length"},
    [TLS_EV_INVALID_SSL_RECORD] = {"invalid_ssl_record", "record whose content is not what its type says"},
    [TLS_EV_INVALID_ALERT_MESSAGE] = {"invalid_alert_message", "alert that can't be read"},
    [TLS_EV_ERROR_MESSAGE_ENCOUNTERED] = {"error_message_encountered", "SSLv2 error message"},
    [TLS_EV_TOO_MANY_RECORDS] = {"too_many_records_in_packet", "handshake cut into very many records"},
    [TLS_EV_MULTIPLE_SNI_EXTENSIONS] = {"multiple_sni_extensions", "more than one server_name extension"},
    [TLS_EV_INVALID_SNI_TYPE] = {"invalid_sni_type", "server_name that is no host name"},
    [TLS_EV_INVALID_SNI_LENGTH] = {"invalid_sni_length", "server_name with an impossible length"},
    [TLS_EV_HELLO_LIST_TOO_LONG] = {"hello_list_too_long", "hello with more items than fingerprints are made of"},
    [TLS_EV_INVALID_CERTIFICATE] = {"invalid_certificate", "certificate that can't be read"},
    [TLS_EV_CERT_MISSING_ELEMENT] = {"certificate_missing_element", "certificate that ends too early"},
    [TLS_EV_CERT_UNKNOWN_ELEMENT] = {"certificate_unknown_element", "certificate with an unknown element"},
    [TLS_EV_CERT_INVALID_LENGTH] = {"certificate_invalid_length", "certificate cut inside an element's header"},
    [TLS_EV_CERT_INVALID_VERSION] = {"certificate_invalid_version", "certificate of an unknown version"},
    [TLS_EV_CERT_INVALID_SERIAL] = {"certificate_invalid_serial", "certificate's serial number can't be read"},
    [TLS_EV_CERT_INVALID_ALGORITHM] = {"certificate_invalid_algorithmidentifier",
                                       "certificate's algorithm can't be read"},
    [TLS_EV_CERT_INVALID_NAME] = {"certificate_invalid_x509name", "distinguished name that can't be read"},
    [TLS_EV_CERT_INVALID_ISSUER] = {"certificate_invalid_issuer", "certificate's issuer can't be read"},
    [TLS_EV_CERT_INVALID_SUBJECT] = {"certificate_invalid_subject", "certificate's subject can't be read"},
    [TLS_EV_CERT_INVALID_STRING] = {"certificate_invalid_string", "zero byte in a name of a certificate"},
    [TLS_EV_CERT_INVALID_VALIDITY] = {"certificate_invalid_validity", "certificate's validity can't be read"},
    [TLS_EV_CERT_INVALID_DATE] = {"certificate_invalid_date", "certificate's date can't be read"},
    [TLS_EV_CERT_INVALID_EXTENSIONS] = {"certificate_invalid_extensions", "certificate's extensions can't be read"},
    [TLS_EV_CERT_INVALID_DER] = {"certificate_invalid_der", "certificate that is not DER"},
    [TLS_EV_CERT_TOO_MANY_NAMES] = {"certificate_too_many_names", "certificate with more names than are looked at"},
    [TLS_EV_HEARTBEAT_MESSAGE] = {"heartbeat_message", "heartbeat during the handshake"},
    [TLS_EV_INVALID_HEARTBEAT_MESSAGE] = {"invalid_heartbeat_message", "heartbeat of an unknown type or too short"},
    [TLS_EV_OVERFLOW_HEARTBEAT_MESSAGE] = {"overflow_heartbeat_message",
                                           "heartbeat that claims more than it brings (Heartbleed)"},
    [TLS_EV_DATALEAK_HEARTBEAT_MISMATCH] = {"dataleak_heartbeat_mismatch",
                                            "encrypted heartbeat answered with more than was sent"},
};

_Static_assert(TLS_EV_COUNT <= 64, "struct tls_session's `raised` has a bit for each");

void tls_raise(struct tls_session *s, struct proto_io *io, enum tls_event ev)
{
    uint64_t bit = UINT64_C(1) << ev;
    if (s->raised & bit)
        return;
    s->raised |= bit;
    io->engine->event(io, ev);
}

bool tls_has_hello(const struct tls_tx *tx)
{
    return tx->client_hello.bytes || tx->server_hello.bytes;
}

void tls_release(struct tls_session *s)
{
    buf_fini(&s->half[0].message);
    buf_fini(&s->half[1].message);
}

/* The version of a session without a ServerHello: what the server's records said (an alert), else the client's hello.
 */
static uint16_t likely_version(const struct tls_session *s)
{
    const struct tls_half *server = &s->half[flow_dir_other(s->client)];
    if (server->records)
        return server->version;
    return s->tx->client_hello.version;
}

void tls_complete(struct tls_session *s)
{
    struct tls_tx *t = s->tx;
    if (t) {
        if (!t->version)
            t->version = likely_version(s);
        t->tx.progress[TO_SERVER] = t->tx.progress[TO_CLIENT] = TX_DONE;
        /* A session that nobody wants a record of is never complete, and goes with the flow. */
        t->tx.complete = !t->resumed || t->version >= TLS_13_VERSION || (s->fields & TLS_F_RESUMED);
        s->tx = NULL; /* the engine's from here on */
    }
    s->over = true;
    tls_release(s);
}

static int lane_configure(const struct settings *settings, void **out)
{
    struct tls_config *c = malloc(sizeof *c);
    *out = c;
    if (!c)
        return -ENOMEM;
    *c = (struct tls_config){.fields = tls_fields(settings), .kept = tls_kept_create()};
    return 0;
}

static void lane_unconfigure(void *config)
{
    struct tls_config *c = config;
    tls_kept_destroy(&c->kept);
    free(c);
}

static int session_init(void *state, const struct settings *settings, bool reversed)
{
    struct tls_session *s = state;
    (void)settings;
    s->client = reversed ? TO_CLIENT : TO_SERVER;
    for (unsigned i = 0; i < 2; i++)
        buf_init(&s->half[i].message, TLS_MESSAGE_MAX + 4);
    return 0;
}

static enum proto_status status_of(const struct tls_session *s)
{
    if (s->over)
        return PROTO_DONE;
    return s->broken ? PROTO_BROKEN : PROTO_OK;
}

/* The session's transaction begins with its first byte. */
static bool have_tx(struct tls_session *s, uint64_t time_ns)
{
    if (!s->tx && !s->over && !s->txs.next_id)
        s->tx = proto_tx_add(&s->txs, sizeof(*s->tx), time_ns);
    return s->tx != NULL;
}

/* The first call. */
static void configure(struct tls_session *s, const struct proto_io *io)
{
    const struct tls_config *c = io->config;
    s->fields = c ? c->fields : tls_fields(io->settings);
    s->kept = c ? c->kept : NULL;
    s->configured = true;
}

static enum proto_status session_parse(void *state, struct proto_io *io)
{
    struct tls_session *s = state;
    if (!s->configured)
        configure(s, io);
    if (io->len && !s->over && !s->broken) {
        if (have_tx(s, io->time_ns))
            tls_records(s, io);
        else
            s->broken = true;
    }
    io->consumed = io->len;
    return status_of(s);
}

static enum proto_status session_gap(void *state, struct proto_io *io, uint64_t n)
{
    struct tls_session *s = state;
    if (!s->configured)
        configure(s, io);
    if (!s->over && !s->broken) {
        if (have_tx(s, io->time_ns))
            tls_records_gap(s, io, n);
        else
            s->broken = true;
    }
    return status_of(s);
}

static void session_finish(void *state, struct proto_io *io)
{
    (void)io;
    struct tls_session *s = state;
    if (s->tx && tls_has_hello(s->tx))
        tls_complete(s);
}

static bool session_idle(const void *state)
{
    return !((const struct tls_session *)state)->tx;
}

static void session_fini(void *state)
{
    tls_release(state);
}

static void session_tx_fini(struct proto_tx *tx)
{
    struct tls_tx *t = (struct tls_tx *)tx;
    free(t->client_hello.bytes);
    free(t->server_hello.bytes);
    free(t->server_chain.memory);
    free(t->client_chain.memory);
}

const struct app_proto proto_tls = {
    .name = "tls",
    .conf = "tls",
    .record = "tls",
    .transports = PROTO_TCP,
    .sure = true,
    .ciphers = true,
    .state_size = sizeof(struct tls_session),
    .probe = tls_probe,
    .configure = lane_configure,
    .unconfigure = lane_unconfigure,
    .init = session_init,
    .parse = session_parse,
    .gap = session_gap,
    .finish = session_finish,
    .idle = session_idle,
    .fini = session_fini,
    .tx_fini = session_tx_fini,
    .log = tls_log,
    .buffers = tls_buffers,
    .ready = tls_ready,
    .numbers = tls_numbers,
    .events = events,
    .event_count = TLS_EV_COUNT,
};
