/* A rule in the form that the engine evaluates.
 *
 * Made by the loader (ruleset.h), then read only: any thread. All that a rule points to is its rule set's arena's. What
 * the text left open is decided here: variables of addresses and ports are resolved, older modifiers are buffers, the
 * fast pattern is chosen, names of bits and variables are numbers.
 *
 * What a rule asks is in four places:
 *  - the header: action, protocol, addresses, ports, direction;
 *  - `packet`: conditions on the packet, its flow and the state kept between packets, in the order written;
 *  - `buffers`: one entry for each use of a buffer (the first may be BUFFER_PAYLOAD: payload or stream), each with its
 *    transforms and its matches in order. All must match. Uses of a multi buffer may match different instances;
 *  - `post`: what is done once all matched (set a bit, count, tag, store a file); and `threshold`. */
#ifndef BURROW_DETECT_RULE_H
#define BURROW_DETECT_RULE_H

#include "core/addr.h"
#include "detect/apps.h"
#include "detect/buffers.h"
#include "detect/fields.h"
#include "detect/state.h"
#include "item/progress.h"

enum rule_action {
    RULE_ALERT,
    RULE_PASS,
    RULE_DROP,
    RULE_REJECT_SRC, /* "reject" and "rejectsrc" */
    RULE_REJECT_DST,
    RULE_REJECT_BOTH,
    RULE_CONFIG,
};

/* Addresses of a header: what was listed less what was negated, as ranges that are sorted and don't touch. */
struct rule_range4 {
    uint32_t first; /* host order */
    uint32_t last;
};

struct rule_range6 {
    struct addr first;
    struct addr last;
};

struct rule_addrs {
    bool any; /* all addresses: the lists are empty */
    const struct rule_range4 *v4;
    const struct rule_range6 *v6;
    uint32_t v4_count;
    uint32_t v6_count;
    uint32_t number; /* below ruleset.set_count; equal sets have the same */
};

bool rule_addrs_match(const struct rule_addrs *set, const struct addr *a);
bool rule_addrs_same(const struct rule_addrs *a, const struct rule_addrs *b);

struct rule_ports {
    bool any;
    const struct rule_port_range {
        uint16_t first;
        uint16_t last;
    } * ranges; /* sorted, not touching */
    uint32_t count;
    uint32_t number; /* as that of addresses */
};

bool rule_ports_same(const struct rule_ports *a, const struct rule_ports *b);
bool rule_ports_match(const struct rule_ports *set, uint16_t port);

/* What the protocol word says besides the application protocol. */
enum {
    RULE_IPV4 = 1 << 0,          /* IPv4 alone */
    RULE_IPV6 = 1 << 1,          /* IPv6 alone */
    RULE_PKTHDR = 1 << 2,        /* pkthdr: any packet, broken ones too */
    RULE_ARP = 1 << 3,           /* ARP alone */
    RULE_TCP_PACKET = 1 << 4,    /* tcp-pkt: payloads of packets, not the stream */
    RULE_TCP_STREAM = 1 << 5,    /* tcp-stream: the stream alone */
    RULE_ETHERNET = 1 << 6,      /* ether: frames */
    RULE_BIDIRECTIONAL = 1 << 7, /* <>: either address may be the source */
    RULE_TRANSACTIONAL = 1 << 8, /* =>: requests and responses of one transaction, header in the request's direction */
    RULE_NOALERT = 1 << 9,
    RULE_TO_SERVER = 1 << 10, /* flow:to_server, or all buffers are of that direction */
    RULE_TO_CLIENT = 1 << 11,
    RULE_FLOW_START = 1 << 12,  /* tcp:flow_start */
    RULE_WHOLE_FLOW = 1 << 13,  /* only of the flow's addresses, ports and protocol: once for each direction */
    RULE_PREFILTER = 1 << 14,   /* `prefilter` was asked for */
    RULE_NOTE_WITHIN = 1 << 15, /* a within, or a distance, with nothing before it became depth, offset */
    RULE_NOTE_DISTANCE = 1 << 16,
    RULE_SAYS_ALERT = 1 << 17, /* the keyword: a rule that passes alerts, too */
};

/* flow: and the like; 0 for what is not asked. */
enum {
    RULE_FLOW_ESTABLISHED = 1 << 0,
    RULE_FLOW_NOT_ESTABLISHED = 1 << 1,
    RULE_FLOW_STATELESS = 1 << 2,
    RULE_FLOW_ONLY_STREAM = 1 << 3,
    RULE_FLOW_NO_STREAM = 1 << 4,
    RULE_FLOW_ONLY_FRAG = 1 << 5,
    RULE_FLOW_NO_FRAG = 1 << 6,
};

/* As Suricata groups rules; in analyses, and what decides when a rule is looked at. */
enum rule_type {
    RULE_TYPE_IP_ONLY,      /* addresses alone */
    RULE_TYPE_LIKE_IP_ONLY, /* the same, but with negated addresses */
    RULE_TYPE_PROTO_ONLY,   /* a protocol was recognised, nothing else */
    RULE_TYPE_EVENT_ONLY,   /* decoder events */
    RULE_TYPE_PACKET,
    RULE_TYPE_PACKET_STREAM, /* payload of packets, or stream */
    RULE_TYPE_STREAM,        /* TCP's stream; payload of packets of other protocols */
    RULE_TYPE_APP,           /* the header names a protocol, nothing asks for a transaction: every packet of it */
    RULE_TYPE_APP_TX,        /* transactions' buffers */
};

/* A number, or a variable that byte_extract or byte_math of the same rule set. */
struct rule_value {
    int64_t number;
    int16_t var; /* index, below rule.var_count; -1: it is a number */
};

struct match_content {
    const uint8_t *bytes;
    uint16_t len; /* at least 1 */
    bool nocase;
    bool negated;
    bool rawbytes;
    bool startswith;
    bool endswith;
    bool has_offset; /* a position counts only if it was given: depth without offset begins at 0 */
    bool has_depth;
    bool has_distance; /* either of these two makes it relative to where the match before it ended */
    bool has_within;
    bool fast_pattern;    /* asked for by that keyword */
    bool fast_only;       /* fast_pattern:only: position does not matter */
    bool fast_done;       /* the fast pattern alone proves it: need not be looked for again */
    bool relative_next;   /* a relative match follows */
    uint16_t fast_offset; /* fast_pattern:x,y: the part that is the fast pattern; length 0: all */
    uint16_t fast_len;
    struct rule_value offset;
    struct rule_value depth; /* counts from the buffer's begin, that is offset is already added when both are numbers */
    struct rule_value distance;
    struct rule_value within;
    const uint8_t *replace; /* NULL: none; len bytes */
};

/* Where a pcre's captures go. */
enum capture_kind { CAPTURE_TO_FLOW, CAPTURE_TO_PACKET, CAPTURE_TO_ALERT };

struct pcre_capture {
    enum capture_kind kind;
    uint8_t group; /* of the pattern, from 1 */
    uint32_t name; /* of ruleset's names: NAME_FLOWVAR, NAME_PKTVAR or the key in alerts */
};

struct match_pcre {
    const char *pattern; /* without delimiters; zero bytes can't be in it */
    uint32_t options;    /* PCRE2_*, for pcre2_compile */
    bool negated;
    bool relative;
    bool rawbytes;
    bool relative_next;
    uint8_t capture_count;
    struct pcre_capture *captures;
    uint32_t id; /* number of the pattern in the rule set: equal patterns have the same one */
};

/* AUTO: as C writes numbers, 0x10 or 010. */
enum byte_base { BYTE_BASE_RAW, BYTE_BASE_DEC, BYTE_BASE_HEX, BYTE_BASE_OCT, BYTE_BASE_AUTO };

/* What byte_test, byte_jump, byte_extract and byte_math read, and how. */
struct byte_source {
    struct rule_value nbytes; /* raw: 1 to 8; string: 1 to 23 */
    struct rule_value offset;
    enum byte_base base;
    bool relative;
    bool little;
    bool dce;         /* byte order as DCERPC's header says */
    uint64_t bitmask; /* 0: none; else the value is masked and shifted down to the mask's lowest bit */
};

enum byte_op {
    BYTE_EQUAL,
    BYTE_LESS,
    BYTE_GREATER,
    BYTE_LESS_EQUAL,
    BYTE_GREATER_EQUAL,
    BYTE_AND,
    BYTE_OR, /* byte_test's ^ */
};

struct match_byte_test {
    struct byte_source from;
    enum byte_op op;
    bool negated;
    struct rule_value value;
};

struct match_byte_jump {
    struct byte_source from;
    uint32_t multiplier; /* 1 where none was given */
    struct rule_value post_offset;
    bool align; /* to 4 */
    bool from_beginning;
    bool from_end;
};

struct match_byte_extract {
    struct byte_source from;
    uint32_t multiplier;
    uint8_t align; /* 0, 2 or 4 */
    int16_t var;
};

enum math_op { MATH_ADD, MATH_SUB, MATH_MUL, MATH_DIV, MATH_LEFT, MATH_RIGHT };

struct match_byte_math {
    struct byte_source from;
    enum math_op op;
    struct rule_value rvalue;
    int16_t var;
};

struct match_isdataat {
    struct rule_value at;
    bool negated;
    bool relative;
    bool rawbytes;
};

struct match_base64 { /* base64_decode */
    uint32_t bytes;   /* 0: all */
    struct rule_value offset;
    bool relative;
};

struct match_entropy {
    uint32_t bytes; /* 0: all */
    int32_t offset;
    uint8_t op; /* enum uint_op: EQUAL to GREATER_EQUAL, RANGE (inclusive) */
    double a;
    double b;
};

struct match_field {
    enum detect_field field;
    int arg;                /* as the field's comment says; 0 */
    struct uint_match *any; /* one of them must match */
    uint16_t count;
};

/* TCP flags: (flags & ~ignored) compared with `flags`. */
enum flags_mode { FLAGS_EXACT, FLAGS_ALL_OF, FLAGS_ANY_OF, FLAGS_NONE_OF };
struct match_flags {
    uint8_t flags;
    uint8_t ignored;
    enum flags_mode mode;
};

/* fragbits: M, D, R. */
enum { FRAGBIT_MORE = 1, FRAGBIT_DONT = 2, FRAGBIT_RESERVED = 4 };

struct match_fragoffset {
    uint16_t offset;
    enum uint_op op;
};

struct match_ip_proto {
    uint8_t proto;
    enum uint_op op; /* EQUAL, NOT_EQUAL, LESS, GREATER */
};

struct match_text { /* words compared as a whole: app-layer-protocol, tunnel.type ... */
    const char *const *words;
    uint16_t count;
    bool negated;
    int arg;
};

/* app-layer-protocol */
enum app_proto_mode {
    APP_MODE_DIRECTION,
    APP_MODE_FINAL,
    APP_MODE_EITHER,
    APP_MODE_TO_SERVER,
    APP_MODE_TO_CLIENT,
    APP_MODE_ORIGINAL,
    APP_MODE_EXACT, /* DNS is not DOH2 */
};
struct match_app_proto {
    enum detect_app app; /* APP_ANY: "unknown", "failed" by name */
    const char *name;
    enum app_proto_mode mode;
    bool negated;
};

/* app-layer-event, decode-event, stream-event: the name as in records ("decoder.ipv4.trunc_pkt", "stream.pkt_..."); for
 * app-layer-event without the protocol ("invalid_handshake_message"). */
struct match_event {
    enum detect_app app; /* APP_ANY: of the decoder, the stream or of detection itself ("applayer_...") */
    const char *name;
};

struct match_ipopts {
    const char *name;
    uint8_t number; /* of the option; 255: any */
};

enum {
    MATCH_GEO_SRC = 1,
    MATCH_GEO_DST = 2,
    MATCH_GEO_ANY = 3,
    MATCH_GEO_BOTH = 4,
};
struct match_geoip {
    uint8_t side; /* MATCH_GEO_* */
    bool negated;
    const char (*countries)[4];
    uint16_t count;
};

struct match_iprep {
    uint8_t side; /* MATCH_GEO_* */
    const char *category;
    uint8_t number; /* of the category */
    bool isset;     /* these two without a value */
    bool isnotset;
    struct uint_match value;
};

/* dataset and datarep. Which set is meant is `set`: an index of the rule set's. */
enum dataset_command { DATASET_IS_SET, DATASET_IS_NOT_SET, DATASET_SET, DATASET_UNSET, DATASET_REP };
struct match_dataset {
    enum dataset_command command;
    bool subdomain; /* or what follows one of the value's dots */
    uint32_t set;
    struct uint_match rep; /* DATASET_REP */
};

struct match_filestore {
    uint8_t dir;   /* 0 as the rule's */
    uint8_t scope; /* 0 file, 1 transaction, 2 session */
};

struct match_tag {
    bool host;    /* else the session */
    uint8_t side; /* of a host: MATCH_GEO_SRC, MATCH_GEO_DST */
    uint32_t count;
    uint8_t metric; /* 0 packets, 1 seconds, 2 bytes */
};

enum match_kind {
    /* in buffers */
    MATCH_CONTENT,
    MATCH_PCRE,
    MATCH_BYTE_TEST,
    MATCH_BYTE_JUMP,
    MATCH_BYTE_EXTRACT,
    MATCH_BYTE_MATH,
    MATCH_ISDATAAT,
    MATCH_BSIZE, /* field: FIELD_NONE, compared with the buffer's length */
    MATCH_BASE64_DECODE,
    MATCH_ENTROPY,
    MATCH_DATASET,
    MATCH_ABSENT, /* text.arg 1: or else (what follows must match) */
    MATCH_FILEHASH,
    /* conditions of packets and flows */
    MATCH_FIELD,
    MATCH_TCP_FLAGS,
    MATCH_FRAGBITS, /* flags */
    MATCH_FRAGOFFSET,
    MATCH_IP_PROTO,
    MATCH_IPOPTS,
    MATCH_SAMEIP,
    MATCH_CHECKSUM, /* text.arg: 0 valid, 1 invalid; the word: "ipv4", "tcpv6" ... */
    MATCH_ELEPHANT, /* text.arg: as of FIELD_FLOW_PKTS */
    MATCH_APP_PROTO,
    MATCH_APP_EVENT,
    MATCH_DECODE_EVENT,
    MATCH_STREAM_EVENT,
    MATCH_GEOIP,
    MATCH_IPREP,
    MATCH_FLOWBITS,
    MATCH_FLOWINT,
    MATCH_FLOWVAR, /* pcre-like: content of a flow variable */
    MATCH_PKTVAR,
    MATCH_XBITS,
    MATCH_HOSTBITS,
    MATCH_TLS_VERSION,    /* text: "1.2", "0x0304" */
    MATCH_TLS_EXPIRED,    /* text.arg 0: expired, 1: valid */
    MATCH_SSL_STATE,      /* flags: bits of enum ssl_state, negated */
    MATCH_DATE,           /* tls_cert_notbefore (arg 0), notafter (1): field.any over seconds since 1970 */
    MATCH_TUNNEL_TYPE,    /* text: any of them; negated: none of them */
    MATCH_ADDRESS_SOURCE, /* text likewise */
    MATCH_HOST_MISMATCH,
    MATCH_SOCKS_REVERSE,
    /* done after all matched */
    MATCH_TAG,
    MATCH_FILESTORE,
    MATCH_CONFIG, /* text: its words */
    /* of protocols without a parser: known, never true */
    MATCH_NEVER,
};

struct keyword;

struct match {
    enum match_kind kind;
    const struct keyword *keyword; /* that made it */
    union {
        const void *data; /* one of those below, by kind */
        struct match_content *content;
        struct match_pcre *pcre;
        struct match_byte_test *byte_test;
        struct match_byte_jump *byte_jump;
        struct match_byte_extract *byte_extract;
        struct match_byte_math *byte_math;
        struct match_isdataat *isdataat;
        struct match_base64 *base64;
        struct match_entropy *entropy;
        struct match_field *field;
        struct match_flags *flags;
        struct match_fragoffset *fragoffset;
        struct match_ip_proto *ip_proto;
        struct match_text *text;
        struct match_app_proto *app_proto;
        struct match_event *event;
        struct match_ipopts *ipopts;
        struct match_geoip *geoip;
        struct match_iprep *iprep;
        struct match_dataset *dataset;
        struct match_filehash *filehash; /* filehash.h */
        struct match_filestore *filestore;
        struct match_tag *tag;
        struct match_bits *bits; /* state.h: flowbits, xbits, hostbits */
        struct match_flowint *flowint;
        struct match_var *var;
        const struct rule_addrs *addrs;
    };
};

struct match_list {
    struct match *m;
    uint32_t count;
};

enum transform_kind {
    TRANSFORM_STRIP_WHITESPACE,
    TRANSFORM_COMPRESS_WHITESPACE,
    TRANSFORM_TO_LOWER,
    TRANSFORM_TO_UPPER,
    TRANSFORM_MD5,
    TRANSFORM_SHA1,
    TRANSFORM_SHA256,
    TRANSFORM_DOTPREFIX,
    TRANSFORM_URL_DECODE,
    TRANSFORM_XOR, /* bytes: the key; none: `most` bytes of the buffer at key_at. From offset on */
    TRANSFORM_FROM_BASE64,
    TRANSFORM_HEADER_LOWER, /* names of headers to lower case */
    TRANSFORM_STRIP_PSEUDO, /* strip_pseudo_headers */
    TRANSFORM_DOMAIN,
    TRANSFORM_TLD,
    TRANSFORM_PCRE, /* pcrexform: text is the pattern, pcre_id as in match_pcre; the first capture */
    TRANSFORM_SUBSLICE,
    TRANSFORM_GUNZIP,
    TRANSFORM_ZLIB_DEFLATE,
};

enum base64_mode { BASE64_RFC4648, BASE64_RFC2045, BASE64_STRICT };

struct transform {
    enum transform_kind kind;
    const uint8_t *bytes; /* the key of xor, the pattern of pcrexform */
    uint32_t len;
    uint32_t pcre_id;
    uint32_t key_at; /* xor */
    int64_t offset;  /* from_base64 (from), subslice (may be negative: from the end) */
    uint32_t most;   /* from_base64: bytes of input (0: all); gunzip and zlib_deflate: of output; subslice: as count */
    bool has_most;
    bool truncate; /* subslice: what goes past the end is cut, else nothing is left */
    uint8_t mode;  /* enum base64_mode */
};

struct rule_buffer {
    uint16_t buffer; /* id: BUFFER_PAYLOAD, or of detect_buffer() */
    uint8_t transform_count;
    bool stream_only;  /* BUFFER_PAYLOAD of tcp-stream or flow:only_stream */
    const char *frame; /* of `frame:`: its name; NULL else */
    struct transform *transforms;
    struct match_list matches;
    uint8_t dirs; /* DETECT_*: those in which this use is looked at */
};

enum threshold_type {
    THRESHOLD_NONE,
    THRESHOLD_LIMIT,
    THRESHOLD_THRESHOLD,
    THRESHOLD_BOTH,
    THRESHOLD_BACKOFF,
    THRESHOLD_RATE,   /* rate_filter */
    THRESHOLD_DETECT, /* detection_filter */
};

enum threshold_track { TRACK_SRC, TRACK_DST, TRACK_BOTH, TRACK_RULE, TRACK_FLOW, TRACK_EITHER };

struct threshold {
    enum threshold_type type;
    enum threshold_track track;
    uint32_t count;
    uint32_t seconds;
    uint32_t multiplier;         /* backoff */
    enum rule_action new_action; /* rate_filter */
    uint32_t timeout;
    bool has_unique; /* detection_filter's unique_on */
    uint8_t unique_on;
};

/* suppress: no alert for these addresses; ip NULL: for none at all. */
struct suppress {
    enum threshold_track track;
    const struct rule_addrs *addrs;
};

struct rule_reference {
    const char *key; /* "cve" */
    const char *url; /* prefix, as reference.config has it; "" without one */
    const char *id;
};

struct class_type {
    const char *name;
    const char *text;
    uint32_t id;
    uint32_t priority;
};

/* Where the fast pattern is. */
struct rule_fast {
    bool has;        /* false: the rule has none, and is looked at whenever its group is */
    uint32_t buffer; /* index of rule.buffers */
    uint32_t match;  /* index of its matches: a content */
};

/* Where the target of an attack is. */
enum rule_target { TARGET_NONE, TARGET_SRC, TARGET_DST };

/* First what is asked of every rule when the engine is made, so that it is next to each other. */
struct rule {
    uint32_t index; /* position in ruleset.rules */
    uint32_t gid;
    uint32_t sid;
    uint32_t rev;
    uint32_t priority; /* 1 to 255, lower is more urgent; 3 where neither priority nor classtype say */
    enum rule_action action;
    enum rule_type type;
    enum detect_app app;   /* APP_ANY: none asked for */
    uint64_t app_set;      /* DETECT_APP_BITs of flows it can match; 0: all */
    uint32_t flags;        /* RULE_* */
    uint32_t flow;         /* RULE_FLOW_* */
    uint64_t ip_protos[4]; /* bit n: IP protocol n */
    const struct rule_addrs *src;
    const struct rule_addrs *dst;
    const struct rule_ports *sport;
    const struct rule_ports *dport;
    bool any_ip_proto;
    uint8_t hook_progress; /* enum tx_progress that the hook waits for, in the rule's direction */
    uint16_t var_count;    /* variables of byte_extract and byte_math */
    uint32_t buffer_count;

    struct rule_buffer *buffers;
    struct match_list packet;
    struct match_list post;
    struct rule_fast fast;
    uint32_t prefilter;         /* with RULE_PREFILTER: index of the condition of `packet` that it asked for */
    const char *missing;        /* what no parser of this version provides, so that it can't match; NULL: nothing */
    struct threshold threshold; /* threshold: */
    struct threshold detection_filter; /* THRESHOLD_DETECT or NONE */
    struct threshold *rates;           /* rate_filter of threshold.config */
    struct suppress *suppress;
    uint32_t rate_count;
    uint32_t suppress_count;

    const struct class_type *class_type; /* NULL: none */
    const char *msg;                     /* "" without one */
    struct rule_reference *references;   /* none unless they are kept: RULESET_KEEP_REFERENCES; likewise: */
    const char *metadata;                /* as written, for rule_metadata; "" without */
    const char *text;                    /* as in the file, on one line; "" if it is not kept */
    uint32_t reference_count;
    enum rule_target target;
    const char *file;
    const char *hook; /* "request_line" of http1:request_line; NULL: none */
    uint32_t line;    /* its first */
};

const char *rule_action_name(enum rule_action a); /* "alert", "rejectsrc" ... */
const char *rule_type_name(enum rule_type t);
bool match_is_relative(const struct match *m); /* does its place depend on what matched before it? */

#endif
