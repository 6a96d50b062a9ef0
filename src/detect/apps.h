/* Application protocols as rules name them.
 *
 * The rule language knows more protocols than there are parsers: a rule for one without a parser is read and kept,
 * and told of as one that can't match. Constant tables, any thread. */
#ifndef BURROW_DETECT_APPS_H
#define BURROW_DETECT_APPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(identifier, "name in rules", "name of the parser, that is app_proto in records; NULL: there is none",
 *   transports (T: TCP, U: UDP)) */
#define DETECT_APPS(X)                                                                                                 \
    X(HTTP, "http", "http", T) /* HTTP of any version */                                                               \
    X(HTTP1, "http1", "http", T)                                                                                       \
    X(HTTP2, "http2", "http2", T)                                                                                      \
    X(TLS, "tls", "tls", T)                                                                                            \
    X(DNS, "dns", "dns", T | U)                                                                                        \
    X(SSH, "ssh", "ssh", T)                                                                                            \
    X(SMTP, "smtp", "smtp", T)                                                                                         \
    X(SOCKS, "socks", "socks", T | U)                                                                                  \
    X(WEBSOCKET, "websocket", "websocket", T)                                                                          \
    X(ICAP, "icap", "icap", T)                                                                                         \
    X(PROXYPROTO, "proxy-protocol", "proxy-protocol", T)                                                               \
    X(SSLPROXY, "sslproxy", "sslproxy", T)                                                                             \
    X(DOH2, "doh2", NULL, T)                                                                                           \
    X(FTP, "ftp", NULL, T)                                                                                             \
    X(FTP_DATA, "ftp-data", NULL, T)                                                                                   \
    X(IMAP, "imap", NULL, T)                                                                                           \
    X(POP3, "pop3", NULL, T)                                                                                           \
    X(SMB, "smb", NULL, T)                                                                                             \
    X(DCERPC, "dcerpc", NULL, T | U)                                                                                   \
    X(IRC, "irc", NULL, T)                                                                                             \
    X(JABBER, "jabber", NULL, T)                                                                                       \
    X(MSN, "msn", NULL, T)                                                                                             \
    X(MODBUS, "modbus", NULL, T)                                                                                       \
    X(ENIP, "enip", NULL, T | U)                                                                                       \
    X(DNP3, "dnp3", NULL, T)                                                                                           \
    X(NFS, "nfs", NULL, T | U)                                                                                         \
    X(NTP, "ntp", NULL, U)                                                                                             \
    X(TFTP, "tftp", NULL, U)                                                                                           \
    X(IKE, "ike", NULL, U)                                                                                             \
    X(KRB5, "krb5", NULL, T | U)                                                                                       \
    X(QUIC, "quic", NULL, U)                                                                                           \
    X(DHCP, "dhcp", NULL, U)                                                                                           \
    X(SIP, "sip", NULL, T | U)                                                                                         \
    X(RFB, "rfb", NULL, T)                                                                                             \
    X(MQTT, "mqtt", NULL, T)                                                                                           \
    X(PGSQL, "pgsql", NULL, T)                                                                                         \
    X(TELNET, "telnet", NULL, T)                                                                                       \
    X(LDAP, "ldap", NULL, T | U)                                                                                       \
    X(RDP, "rdp", NULL, T)                                                                                             \
    X(SNMP, "snmp", NULL, U)                                                                                           \
    X(MDNS, "mdns", NULL, U)                                                                                           \
    X(LLMNR, "llmnr", NULL, U)                                                                                         \
    X(BITTORRENT_DHT, "bittorrent-dht", NULL, U)

#define DETECT_APP_ENUM(id, name, parser, transports) APP_##id,
enum detect_app { APP_ANY, DETECT_APPS(DETECT_APP_ENUM) DETECT_APP_COUNT };
#undef DETECT_APP_ENUM

/* A set of protocols: 1 << enum detect_app. */
#define DETECT_APP_BIT(app) (UINT64_C(1) << (app))

/* By the name in a rule's header ("http", "ikev2" for "ike" ...). APP_ANY: it is none. */
enum detect_app detect_app_find(const char *name, size_t len);

/* Name in rules; "" for APP_ANY. */
const char *detect_app_name(enum detect_app app);

/* Name of the parser (app_proto.name); NULL: no parser provides it. */
const char *detect_app_parser(enum detect_app app);

bool detect_app_tcp(enum detect_app app);
bool detect_app_udp(enum detect_app app);

/* Does a flow whose protocol is `flow` count as `wanted`? HTTP is HTTP1 and HTTP2; DNS is DOH2, too. */
bool detect_app_is(enum detect_app flow, enum detect_app wanted);
/* The protocols of flows that count as this one, as DETECT_APP_BITs. */
uint64_t detect_app_flows(enum detect_app wanted);

#endif
