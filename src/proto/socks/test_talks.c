#include "proto/socks/test_talks.h"

/* A line from the client or the server: a string literal without its final zero. */
#define C(s)                                                                                                           \
    {                                                                                                                  \
        true, s, sizeof(s) - 1                                                                                         \
    }
#define S(s)                                                                                                           \
    {                                                                                                                  \
        false, s, sizeof(s) - 1                                                                                        \
    }

#define GREETING     "\x05\x01\x00"
#define GREETING_ALL "\x05\x04\x00\x01\x02\x80"
#define GREETING_GSS "\x05\x01\x01"
#define USER                                                                                                           \
    "\x01\x05"                                                                                                         \
    "alice\x06secret"
#define BY_NAME                                                                                                        \
    "\x05\x01\x00\x03\x0b"                                                                                             \
    "example.com\x01\xbb"
#define BY_V4 "\x05\x01\x00\x01\x5d\xb8\xd8\x22\x00\x50"
#define BY_V6 "\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x16"
#define OK_V4 "\x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92"
#define REQUEST4                                                                                                       \
    "\x04\x01\x00\x50\x5d\xb8\xd8\x22"                                                                                 \
    "bob\0"
#define REQUEST4A                                                                                                      \
    "\x04\x01\x01\xbb\0\0\0\x07"                                                                                       \
    "bob\0example.com\0"
#define BIND_V4    "\x05\x02\x00\x01\x5d\xb8\xd8\x22\x00\x50"
#define PEER_V4    "\x05\x00\x00\x01\x5d\xb8\xd8\x22\x13\x88"
#define ASSOCIATE  "\x05\x03\x00\x01\0\0\0\0\0\0"
#define REPLY_NONE "\x05\x00\x00\x01\0\0\0\0\x10\x92"
#define GRANTED4   "\x00\x5a\x00\x00\x00\x00\x00\x00"

#define NONE_CHOSEN   "{\"version\":5,\"auth_methods\":[\"none\"],\"auth_method\":\"none\""
#define ALL_OFFERED   "{\"version\":5,\"auth_methods\":[\"none\",\"gssapi\",\"user_password\",\"0x80\"]"
#define USER_CHOSEN   ALL_OFFERED ",\"auth_method\":\"user_password\""
#define GSSAPI_CHOSEN "{\"version\":5,\"auth_methods\":[\"gssapi\"],\"auth_method\":\"gssapi\""
#define NAME_ASKED    "\"command\":\"connect\",\"address_type\":\"domain\",\"host\":\"example.com\",\"dest_port\":443"
#define V4_ASKED      "\"command\":\"connect\",\"address_type\":\"ipv4\",\"dest_ip\":\"93.184.216.34\",\"dest_port\":80"
#define SUCCEEDED     "\"reply_code\":0,\"reply\":\"succeeded\",\"bound_ip\":\"10.0.0.2\",\"bound_port\":4242}\n"
#define GRANTED       "\"reply_code\":90,\"reply\":\"granted\",\"bound_ip\":\"0.0.0.0\",\"bound_port\":0}\n"
#define BIND_ASKED                                                                                                     \
    NONE_CHOSEN ",\"command\":\"bind\",\"address_type\":\"ipv4\",\"dest_ip\":\"93.184.216.34\",\"dest_port\":80,"
#define CAME_IN     ",\"peer_ip\":\"93.184.216.34\",\"peer_port\":5000}\n"
#define BOUND       "\"bound_ip\":\"10.0.0.2\",\"bound_port\":4242"
#define ASSOCIATION "\"command\":\"udp-associate\",\"address_type\":\"ipv4\",\"dest_ip\":\"0.0.0.0\",\"dest_port\":0,"
#define BIND4_ASKED                                                                                                    \
    "{\"version\":4,\"command\":\"bind\",\"address_type\":\"ipv4\",\"dest_ip\":\"93.184.216.34\",\"dest_port\":80,"

const struct test_talk test_talks[] = {
    {.name = "5 by name, inner bytes in the reply's segment",
     .offer = "socks5 established example.com:443 0 succeeded",
     .record = NONE_CHOSEN "," NAME_ASKED "," SUCCEEDED,
     .inner_client = "hello",
     .inner_server = "220 ready\r\nbye",
     .lines = {C(GREETING), S("\x05\x00"), C(BY_NAME), S(OK_V4 "220 ready\r\n"), C("hello"), S("bye")}},
    {.name = "5 by IPv4, client bytes before the reply",
     .offer = "socks5 established <93.184.216.34>:80 0 succeeded",
     .record = NONE_CHOSEN "," V4_ASKED "," SUCCEEDED,
     .inner_client = "GET / HTTP/1.0\r\n\r\n",
     .inner_server = "HTTP/1.0 200 OK\r\n\r\n",
     .lines = {C(GREETING), S("\x05\x00"), C(BY_V4 "GET / HT"), C("TP/1.0\r\n\r\n"), S(OK_V4),
               S("HTTP/1.0 200 OK\r\n\r\n")}},
    {.name = "5 by IPv6, bound by name",
     .offer = "socks5 established <2001:db8::1>:22 0 succeeded",
     .record = NONE_CHOSEN ",\"command\":\"connect\",\"address_type\":\"ipv6\",\"dest_ip\":"
                           "\"2001:0db8:0000:0000:0000:0000:0000:0001\",\"dest_port\":22,\"reply_code\":0,"
                           "\"reply\":\"succeeded\",\"bound_host\":\"gw\",\"bound_port\":1}\n",
     .lines = {C(GREETING), S("\x05\x00"), C(BY_V6), S("\x05\x00\x00\x03\x02gw\x00\x01")}},
    {.name = "5 with an address for a name",
     .offer = "socks5 established <192.0.2.7>:80 0 succeeded",
     .record = NONE_CHOSEN ",\"command\":\"connect\",\"address_type\":\"domain\",\"host\":\"192.0.2.7\","
                           "\"dest_port\":80," SUCCEEDED,
     .lines = {C(GREETING), S("\x05\x00"),
               C("\x05\x01\x00\x03\x09"
                 "192.0.2.7\x00\x50"),
               S(OK_V4)}},
    {.name = "5 with an IPv6 address in brackets for a name",
     .offer = "socks5 established <2001:db8::7>:80 0 succeeded",
     .record = NONE_CHOSEN
     ",\"command\":\"connect\",\"address_type\":\"domain\",\"host\":\"[2001:db8::7]\",\"dest_port\":80," SUCCEEDED,
     .lines = {C(GREETING), S("\x05\x00"),
               C("\x05\x01\x00\x03\x0d"
                 "[2001:db8::7]\x00\x50"),
               S(OK_V4)}},
    {.name = "5 with an empty name",
     .offer = "socks5 established :80 0 succeeded",
     .events = "empty_host",
     .record =
         NONE_CHOSEN ",\"command\":\"connect\",\"address_type\":\"domain\",\"host\":\"\",\"dest_port\":80," SUCCEEDED,
     .lines = {C(GREETING), S("\x05\x00"), C("\x05\x01\x00\x03\x00\x00\x50"), S(OK_V4)}},
    {.name = "5 with user and password",
     .offer = "socks5 established example.com:443 user=alice 0 succeeded",
     .record = USER_CHOSEN ",\"auth_status\":\"success\",\"user\":\"alice\"," NAME_ASKED "," SUCCEEDED,
     .inner_client = "x",
     .lines = {C(GREETING_ALL), S("\x05\x02"), C(USER), S("\x01\x00"), C(BY_NAME), S(OK_V4), C("x")}},
    {.name = "5 with everything at once and bundled answers",
     .offer = "socks5 established example.com:443 user=alice 0 succeeded",
     .record = USER_CHOSEN ",\"auth_status\":\"success\",\"user\":\"alice\"," NAME_ASKED "," SUCCEEDED,
     .inner_client = "hello",
     .inner_server = "220 x",
     .lines = {C(GREETING_ALL USER BY_NAME "hello"), S("\x05\x02\x01\x00" OK_V4 "220 x")}},
    {.name = "5, authentication answered with version 5",
     .offer = "socks5 established example.com:443 user=alice 0 succeeded",
     .events = "invalid_reply_version",
     .record = USER_CHOSEN ",\"auth_status\":\"success\",\"user\":\"alice\"," NAME_ASKED "," SUCCEEDED,
     .lines = {C(GREETING_ALL), S("\x05\x02"), C(USER), S("\x05\x00"), C(BY_NAME), S(OK_V4)}},
    {.name = "5, bad password",
     .offer = "socks5 refused <>:0 user=alice -1 authentication failed",
     .record = USER_CHOSEN ",\"auth_status\":\"failure\",\"user\":\"alice\"}\n",
     .lines = {C(GREETING_ALL), S("\x05\x02"), C(USER), S("\x01\x01")}},
    {.name = "5, no acceptable methods",
     .offer = "socks5 refused <>:0 -1 no acceptable methods",
     .record = "{\"version\":5,\"auth_methods\":[\"none\"],\"auth_method\":\"no_acceptable\"}\n",
     .lines = {C(GREETING), S("\x05\xff")}},
    {.name = "5, connection refused",
     .offer = "socks5 refused example.com:443 5 connection refused",
     .record = NONE_CHOSEN "," NAME_ASKED ",\"reply_code\":5,\"reply\":\"connection refused\","
                           "\"bound_ip\":\"0.0.0.0\",\"bound_port\":0}\n",
     .lines = {C(GREETING), S("\x05\x00"), C(BY_NAME), S("\x05\x05\x00\x01\0\0\0\0\0\0")}},
    {.name = "5, refused by a reply without an address",
     .offer = "socks5 refused example.com:443 1 general failure",
     .record = NONE_CHOSEN "," NAME_ASKED ",\"reply_code\":1,\"reply\":\"general failure\"}\n",
     .lines = {C(GREETING), S("\x05\x00"), C(BY_NAME), S("\x05\x01")}},
    {.name = "5, reply cut short",
     .offer = "socks5 incomplete (truncated reply) example.com:443 0 succeeded",
     .record = NONE_CHOSEN "," NAME_ASKED ",\"reply_code\":0,\"reply\":\"succeeded\"}\n",
     .lines = {C(GREETING), S("\x05\x00"), C(BY_NAME), S("\x05\x00\x00\x01")}},
    {.name = "5, unknown reply code and more behind it",
     .in_order_only = true,
     .offer = "socks5 refused example.com:443 66 -",
     .record = NONE_CHOSEN "," NAME_ASKED ",\"reply_code\":66,\"bound_ip\":\"0.0.0.0\",\"bound_port\":0}\n",
     .lines = {C(GREETING), S("\x05\x00"), C(BY_NAME), S("\x05\x42\x00\x01\0\0\0\0\0\0"), S("more")}},
    {.name = "5, success without a known address type",
     .offer = "socks5 incomplete (invalid reply) example.com:443 0 succeeded",
     .events = "invalid_address_type",
     .record = NONE_CHOSEN "," NAME_ASKED ",\"reply_code\":0,\"reply\":\"succeeded\"}\n",
     .lines = {C(GREETING), S("\x05\x00"), C(BY_NAME), S("\x05\x00\x00\x00")}},
    {.name = "5, reply of another version",
     .offer = "socks5 incomplete (invalid reply) example.com:443 -1 -",
     .events = "invalid_reply_version",
     .record = NONE_CHOSEN "," NAME_ASKED "}\n",
     .lines = {C(GREETING), S("\x05\x00"), C(BY_NAME), S("H")}},
    {.name = "5, no answer to the request",
     .offer = "socks5 incomplete (no answer) example.com:443 -1 -",
     .record = NONE_CHOSEN "," NAME_ASKED "}\n",
     .lines = {C(GREETING), S("\x05\x00"), C(BY_NAME)}},
    {.name = "5, no request", .offer = "none", .record = NONE_CHOSEN "}\n", .lines = {C(GREETING), S("\x05\x00")}},
    {.name = "5, an answer to nothing",
     .in_order_only = true,
     .offer = "none",
     .events = "reply_without_request",
     .record = NONE_CHOSEN "}\n",
     .lines = {C(GREETING), S("\x05\x00"), S(OK_V4)}},
    {.name = "5, method that was not offered",
     .strange = true,
     .offer = "socks5 incomplete (no answer) example.com:443 user=alice -1 -",
     .events = "invalid_method",
     .record = "{\"version\":5,\"auth_methods\":[\"none\"],\"auth_method\":\"user_password\",\"auth_status\":"
               "\"success\",\"user\":\"alice\"," NAME_ASKED "}\n",
     .lines = {C(GREETING), S("\x05\x02"), C(USER), S("\x01\x00"), C(BY_NAME)}},
    {.name = "5, private method",
     .offer = "socks5 incomplete (unknown authentication method) <>:0 -1 -",
     .record = ALL_OFFERED ",\"auth_method\":\"0x80\"}\n",
     .lines = {C(GREETING_ALL), S("\x05\x80"), C("anything"), S("at all")}},
    {.name = "5, BIND",
     .offer = "socks5 established <10.0.0.2>:4242 0 succeeded from 93.184.216.34:5000 turned",
     .record = BIND_ASKED "\"reply_code\":0,\"reply\":\"succeeded\"," BOUND CAME_IN,
     .inner_client = "226 thanks",
     .inner_server = "file",
     .lines = {C(GREETING), S("\x05\x00"), C(BIND_V4), S(OK_V4), S(PEER_V4 "fi"), S("le"), C("226 thanks")}},
    {.name = "5, BIND, both replies and all else at once",
     .offer = "socks5 established <10.0.0.2>:4242 0 succeeded from 93.184.216.34:5000 turned",
     .record = BIND_ASKED "\"reply_code\":0,\"reply\":\"succeeded\"," BOUND CAME_IN,
     .inner_client = "early",
     .inner_server = "first",
     .lines = {C(GREETING BIND_V4 "early"), S("\x05\x00" OK_V4 PEER_V4 "first")}},
    {.name = "5, BIND on the proxy's own address, which is not said",
     .offer = "socks5 established <10.0.0.9>:4242 0 succeeded from 93.184.216.34:5000 turned",
     .record =
         BIND_ASKED "\"reply_code\":0,\"reply\":\"succeeded\",\"bound_ip\":\"0.0.0.0\",\"bound_port\":4242" CAME_IN,
     .lines = {C(GREETING), S("\x05\x00"), C(BIND_V4), S(REPLY_NONE), S(PEER_V4)}},
    {.name = "5, BIND, bound and peer by name",
     .offer = "socks5 established gw:1 0 succeeded turned",
     .record = BIND_ASKED "\"reply_code\":0,\"reply\":\"succeeded\",\"bound_host\":\"gw\",\"bound_port\":1,"
                          "\"peer_host\":\"peer\",\"peer_port\":2}\n",
     .lines = {C(GREETING), S("\x05\x00"), C(BIND_V4), S("\x05\x00\x00\x03\x02gw\x00\x01"),
               S("\x05\x00\x00\x03\x04peer\x00\x02")}},
    {.name = "5, BIND, roles reversed",
     .reversed = true,
     .offer = "socks5 established <10.0.0.1>:4242 0 succeeded from 93.184.216.34:5000 turned reverse",
     .record =
         BIND_ASKED "\"reply_code\":0,\"reply\":\"succeeded\",\"bound_ip\":\"0.0.0.0\",\"bound_port\":4242" CAME_IN,
     .inner_client = "out",
     .inner_server = "in",
     .lines = {C(GREETING), S("\x05\x00"), C(BIND_V4), S(REPLY_NONE), S(PEER_V4 "in"), C("out")}},
    {.name = "5, BIND refused at once",
     .offer = "socks5 refused <>:0 2 not allowed by ruleset turned",
     .record = BIND_ASKED "\"reply_code\":2,\"reply\":\"not allowed by ruleset\",\"bound_ip\":\"0.0.0.0\","
                          "\"bound_port\":0}\n",
     .lines = {C(GREETING), S("\x05\x00"), C(BIND_V4), S("\x05\x02\x00\x01\0\0\0\0\0\0")}},
    {.name = "5, BIND, nobody came in time",
     .offer = "socks5 refused <10.0.0.2>:4242 6 ttl expired turned",
     .record =
         BIND_ASKED "\"reply_code\":6,\"reply\":\"ttl expired\"," BOUND ",\"peer_ip\":\"0.0.0.0\",\"peer_port\":0}\n",
     .lines = {C(GREETING), S("\x05\x00"), C(BIND_V4), S(OK_V4), S("\x05\x06\x00\x01\0\0\0\0\0\0")}},
    {.name = "5, BIND, nobody came at all",
     .offer = "socks5 incomplete (no peer) <10.0.0.2>:4242 0 succeeded turned",
     .record = BIND_ASKED "\"reply_code\":0,\"reply\":\"succeeded\"," BOUND "}\n",
     .lines = {C(GREETING), S("\x05\x00"), C(BIND_V4), S(OK_V4)}},
    {.name = "5, BIND, second reply cut short",
     .offer = "socks5 incomplete (truncated reply) <10.0.0.2>:4242 0 succeeded turned",
     .record = BIND_ASKED "\"reply_code\":0,\"reply\":\"succeeded\"," BOUND "}\n",
     .lines = {C(GREETING), S("\x05\x00"), C(BIND_V4), S(OK_V4), S("\x05\x00\x00")}},
    {.name = "5, UDP ASSOCIATE",
     .offer = "relay 10.0.0.2:4242 for 10.0.0.1 user=alice",
     .record = USER_CHOSEN ",\"auth_status\":\"success\",\"user\":\"alice\"," ASSOCIATION SUCCEEDED,
     .lines = {C(GREETING_ALL), S("\x05\x02"), C(USER), S("\x01\x00"), C(ASSOCIATE), S(OK_V4)}},
    {.name = "5, UDP ASSOCIATE on the proxy's own address, which is not said",
     .offer = "relay 10.0.0.9:4242 for 10.0.0.1 user=",
     .record = NONE_CHOSEN "," ASSOCIATION
                           "\"reply_code\":0,\"reply\":\"succeeded\",\"bound_ip\":\"0.0.0.0\",\"bound_port\":4242}\n",
     .lines = {C(GREETING ASSOCIATE), S("\x05\x00" REPLY_NONE)}},
    {.name = "5, UDP ASSOCIATE, roles reversed",
     .reversed = true,
     .offer = "relay 10.0.0.1:4242 for 10.0.0.9 user=",
     .record = NONE_CHOSEN "," ASSOCIATION
                           "\"reply_code\":0,\"reply\":\"succeeded\",\"bound_ip\":\"0.0.0.0\",\"bound_port\":4242}\n",
     .lines = {C(GREETING), S("\x05\x00"), C(ASSOCIATE), S(REPLY_NONE)}},
    {.name = "5, UDP ASSOCIATE, relay by name",
     .offer = "none",
     .record = NONE_CHOSEN "," ASSOCIATION
                           "\"reply_code\":0,\"reply\":\"succeeded\",\"bound_host\":\"gw\",\"bound_port\":1}\n",
     .lines = {C(GREETING), S("\x05\x00"), C(ASSOCIATE), S("\x05\x00\x00\x03\x02gw\x00\x01")}},
    {.name = "5, UDP ASSOCIATE, relay's address as a name",
     .offer = "relay 10.0.0.7:1 for 10.0.0.1 user=",
     .record = NONE_CHOSEN "," ASSOCIATION
                           "\"reply_code\":0,\"reply\":\"succeeded\",\"bound_host\":\"10.0.0.7\",\"bound_port\":1}\n",
     .lines = {C(GREETING), S("\x05\x00"), C(ASSOCIATE),
               S("\x05\x00\x00\x03\x08"
                 "10.0.0.7\x00\x01")}},
    {.name = "5, UDP ASSOCIATE refused",
     .offer = "socks5 refused <0.0.0.0>:0 7 command not supported",
     .record = NONE_CHOSEN ",\"command\":\"udp-associate\",\"address_type\":\"ipv4\",\"dest_ip\":\"0.0.0.0\","
                           "\"dest_port\":0,\"reply_code\":7,\"reply\":\"command not supported\",\"bound_ip\":"
                           "\"0.0.0.0\",\"bound_port\":0}\n",
     .lines = {C(GREETING), S("\x05\x00"), C("\x05\x03\x00\x01\0\0\0\0\0\0"), S("\x05\x07\x00\x01\0\0\0\0\0\0")}},
    {.name = "5, unknown command, reserved octet set",
     .offer = "socks5 refused <93.184.216.34>:80 7 command not supported",
     .events = "invalid_command invalid_reserved",
     .record = NONE_CHOSEN ",\"command\":\"0x09\",\"address_type\":\"ipv4\",\"dest_ip\":\"93.184.216.34\","
                           "\"dest_port\":80,\"reply_code\":7,\"reply\":\"command not supported\",\"bound_ip\":"
                           "\"0.0.0.0\",\"bound_port\":0}\n",
     .lines = {C(GREETING), S("\x05\x00"), C("\x05\x09\x01\x01\x5d\xb8\xd8\x22\x00\x50"),
               S("\x05\x07\x00\x01\0\0\0\0\0\0")}},
    {.name = "5, unknown address type",
     .offer = "socks5 incomplete (invalid request) <>:0 -1 -",
     .events = "invalid_address_type",
     .record = NONE_CHOSEN ",\"command\":\"connect\"}\n",
     .lines = {C(GREETING), S("\x05\x00"), C("\x05\x01\x00\x02")}},
    {.name = "5, request of another version",
     .offer = "socks5 incomplete (invalid request) <>:0 -1 -",
     .events = "invalid_version",
     .record = NONE_CHOSEN "}\n",
     .lines = {C(GREETING), S("\x05\x00"), C("\x04")}},
    {.name = "5, GSSAPI without protection",
     .offer = "socks5 established example.com:443 0 succeeded",
     .record = GSSAPI_CHOSEN ",\"auth_status\":\"success\"," NAME_ASKED "," SUCCEEDED,
     .inner_client = "hi",
     .lines = {C(GREETING_GSS), S("\x05\x01"), C("\x01\x01\x00\x03tok"), S("\x01\x01\x00\x00"), C("\x01\x02\x00\x01p"),
               S("\x01\x02\x00\x01q"), C(BY_NAME), S(OK_V4), C("hi")}},
    {.name = "5, GSSAPI with protection",
     .in_order_only = true,
     .offer = "socks5 incomplete (encapsulated by GSSAPI) <>:0 -1 -",
     .record = GSSAPI_CHOSEN ",\"auth_status\":\"success\"}\n",
     .lines = {C(GREETING_GSS), S("\x05\x01"), C("\x01\x01\x00\x03tok"), S("\x01\x01\x00\x03kot"), C("\x01\x03")}},
    {.name = "5, GSSAPI aborted",
     .in_order_only = true,
     .offer = "socks5 refused <>:0 -1 authentication failed",
     .record = GSSAPI_CHOSEN ",\"auth_status\":\"failure\"}\n",
     .lines = {C(GREETING_GSS), S("\x05\x01"), C("\x01\x01\x00\x03tok"), S("\x01\xff")}},
    {.name = "4",
     .offer = "socks4 established <93.184.216.34>:80 user=bob 90 granted",
     .record = "{\"version\":4,\"user\":\"bob\"," V4_ASKED "," GRANTED,
     .inner_client = "ping",
     .inner_server = "pong",
     .lines = {C(REQUEST4), S(GRANTED4), C("ping"), S("pong")}},
    {.name = "4, reply with version 4",
     .offer = "socks4 established <93.184.216.34>:80 user=bob 90 granted",
     .events = "invalid_reply_version",
     .record = "{\"version\":4,\"user\":\"bob\"," V4_ASKED "," GRANTED,
     .lines = {C(REQUEST4), S("\x04\x5a\0\0\0\0\0\0")}},
    {.name = "4a",
     .offer = "socks4a established example.com:443 user=bob 90 granted",
     .record = "{\"version\":4,\"user\":\"bob\"," NAME_ASKED "," GRANTED,
     .inner_client = "early",
     .inner_server = "SSH-2.0-x\r\n",
     .lines = {C(REQUEST4A "early"), S(GRANTED4 "SSH-2.0-x\r\n")}},
    {.name = "4a, 0.0.0.1",
     .offer = "socks4a established h:80 90 granted",
     .record =
         "{\"version\":4,\"command\":\"connect\",\"address_type\":\"domain\",\"host\":\"h\",\"dest_port\":80," GRANTED,
     .lines = {C("\x04\x01\x00\x50\0\0\0\x01\0h\0"), S(GRANTED4)}},
    {.name = "4, 0.0.0.0 is an address",
     .offer = "socks4 refused <0.0.0.0>:80 91 rejected or failed",
     .record =
         "{\"version\":4,\"command\":\"connect\",\"address_type\":\"ipv4\",\"dest_ip\":\"0.0.0.0\",\"dest_port\":80,"
         "\"reply_code\":91,\"reply\":\"rejected or failed\",\"bound_ip\":\"0.0.0.0\",\"bound_port\":0}\n",
     .lines = {C("\x04\x01\x00\x50\0\0\0\0\0"), S("\x00\x5b\0\0\0\0\0\0")}},
    {.name = "4, no identd",
     .offer = "socks4 refused <93.184.216.34>:80 user=bob 92 no identd",
     .record = "{\"version\":4,\"user\":\"bob\"," V4_ASKED ",\"reply_code\":92,\"reply\":\"no identd\","
               "\"bound_ip\":\"0.0.0.0\",\"bound_port\":0}\n",
     .lines = {C(REQUEST4), S("\x00\x5c\0\0\0\0\0\0")}},
    {.name = "4, unknown reply",
     .strange = true,
     .offer = "socks4 refused <93.184.216.34>:80 user=bob 17 -",
     .events = "invalid_reply_code",
     .record = "{\"version\":4,\"user\":\"bob\"," V4_ASKED ",\"reply_code\":17,\"bound_ip\":\"0.0.0.0\","
               "\"bound_port\":0}\n",
     .lines = {C(REQUEST4), S("\x00\x11\0\0\0\0\0\0")}},
    {.name = "4, no answer, no user",
     .offer = "socks4 incomplete (no answer) <93.184.216.34>:80 -1 -",
     .record = "{\"version\":4," V4_ASKED "}\n",
     .lines = {C("\x04\x01\x00\x50\x5d\xb8\xd8\x22\0")}},
    {.name = "4, BIND",
     .offer = "socks4 established <10.0.0.9>:4242 90 granted from 93.184.216.34:5000 turned",
     .record =
         BIND4_ASKED "\"reply_code\":90,\"reply\":\"granted\",\"bound_ip\":\"0.0.0.0\",\"bound_port\":4242" CAME_IN,
     .inner_client = "226 thanks",
     .inner_server = "file",
     .lines = {C("\x04\x02\x00\x50\x5d\xb8\xd8\x22\0"), S("\x00\x5a\x10\x92\0\0\0\0"),
               S("\x00\x5a\x13\x88\x5d\xb8\xd8\x22"
                 "file"),
               C("226 thanks")}},
    {.name = "4a, BIND, somebody else came",
     .offer = "socks4a refused <10.0.0.2>:4242 91 rejected or failed turned",
     .record =
         "{\"version\":4,\"command\":\"bind\",\"address_type\":\"domain\",\"host\":\"h\",\"dest_port\":80,"
         "\"reply_code\":91,\"reply\":\"rejected or failed\"," BOUND ",\"peer_ip\":\"0.0.0.0\",\"peer_port\":0}\n",
     .lines = {C("\x04\x02\x00\x50\0\0\0\x01\0h\0"), S("\x00\x5a\x10\x92\x0a\0\0\2"), S("\x00\x5b\0\0\0\0\0\0")}},
    {.name = "4, BIND, nobody came",
     .offer = "socks4 incomplete (no peer) <10.0.0.2>:4242 90 granted turned",
     .record = BIND4_ASKED "\"reply_code\":90,\"reply\":\"granted\"," BOUND "}\n",
     .lines = {C("\x04\x02\x00\x50\x5d\xb8\xd8\x22\0"), S("\x00\x5a\x10\x92\x0a\0\0\2")}},
    {.name = "5, roles reversed",
     .reversed = true,
     .offer = "socks5 established example.com:443 0 succeeded reverse",
     .record = NONE_CHOSEN "," NAME_ASKED "," SUCCEEDED,
     .inner_client = "to the target",
     .inner_server = "from the target",
     .lines = {C(GREETING), S("\x05\x00"), C(BY_NAME), S(OK_V4), C("to the target"), S("from the target")}},
    {.name = NULL},
};
