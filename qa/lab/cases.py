"""The regression captures: what each shows, how it is made, and the checks that record.py can't work out by itself.

Carried out like the lab's other connections (plan.py), so the clients' own word stands behind these, too.
"""

import addresses as at
import kinds
import plan
from plan import Connection

EGRESS_NAME = f"egress.{at.ZONE}"


class CaseConnection(Connection):
    """A connection with names that read well in a test."""

    def name(self, prefix="c"):
        return f"{'www' if prefix == 'c' else prefix}.{at.ZONE}"


def _alerts(*rules):
    """(sid, rule head, options): each has to fire exactly once."""
    return [
        f'alert {head} (msg:"lab {sid}"; {options} sid:{sid}; rev:1;)' for sid, (head, options) in enumerate(rules, 1)
    ]


def _older_tls(c):
    """TLS 1.2, in which the certificate can be seen."""
    c.do["argv"] += ["--tls-max", "1.2"]


def userpass_tls(c):
    plan.asked_by_name(c, "microsocks-user", "socks5", True, True)
    _older_tls(c)


def swaks(c):
    """A real mail client through proxychains."""
    host = c.name("mail")
    before, files = plan.chain(c, plan.hops("microsocks"), host, at.SMTP)
    c.layers[0][0].update(app_proto="smtp", sessions=[{"event_type": "smtp"}])
    mail = ["swaks", "--silent", "3", "--server", host, "--helo", "client.lab.test", "--timeout", "10"]
    mail += ["--from", "sender@lab.test", "--to", "who@lab.test", "--header", "Subject: from the lab", "--body", "Hi."]
    c.do = {"with": "command", "argv": before + mail, "files": files}


def nested(c):
    plan.nested_web(c, plan.hops("dante", "tinyproxy", "microsocks-user"), True)


def egress(c):
    c.name = lambda prefix="c": EGRESS_NAME
    plan.asked_by_name(c, "microsocks", "socks5")
    c.layers[0][0].update(address_source="egress", dest_ip=at.resolve(EGRESS_NAME))
    del c.name  # a plan holds values only


BIND = ["TUNNEL_SOCKS_UDP"]  # which came with BIND

# folder, what it shows, connections, and then what is particular: where it is captured, rules, checks.
CASES = [
    {
        "name": "lab-direct",
        "shows": "HTTP and HTTPS without any proxy: no tunnel, nothing marked as carried",
        "connections": [lambda c: plan.direct(c, False), lambda c: plan.direct(c, True)],
    },
    {
        "name": "lab-socks4-http",
        "shows": "SOCKS 4 by address, after the client looked the name up itself; dante",
        "connections": [lambda c: plan.resolved_by_client(c, "dante", "socks4")],
        "rules": _alerts(
            (f"http {at.CLIENTS[0]} any -> {at.resolve('www.lab.test')} 80", 'http.host; content:"www.lab.test";'),
            ("http any any -> any any", 'tunnel.type:socks4; http.uri; content:"/";'),
        ),
    },
    {
        "name": "lab-socks4a-http",
        "shows": "SOCKS 4A, by name; ssh -D",
        "connections": [lambda c: plan.asked_by_name(c, "ssh", "socks4a")],
    },
    {
        "name": "lab-socks5-dns-name",
        "shows": "SOCKS 5 by name, after the client's own DNS answer for that name was on the wire: the child has the address",
        "connections": [plan.name_seen_before],
        "rules": _alerts(
            (f"http any any -> {at.resolve('www.lab.test')} 80", 'http.uri; content:"/";'),
            ("http any any -> any any", 'tunnel.address_source:passive-dns; http.uri; content:"/";'),
        ),
    },
    {
        "name": "lab-socks5-placeholder",
        "shows": "SOCKS 5 by name, no DNS seen: a placeholder address stands for the name",
        "connections": [lambda c: plan.asked_by_name(c, "dante", "socks5")],
        "rules": _alerts(
            ("http any any -> 240.0.0.0/4 80", 'tunnel.address_source:placeholder; http.uri; content:"/";')
        ),
    },
    {
        "name": "lab-socks5-ipv6",
        "shows": "SOCKS 5 to an IPv6 address, asked over IPv4; microsocks",
        "connections": [plan.ipv6_target],
    },
    {
        "name": "lab-socks5-userpass-tls",
        "shows": "SOCKS 5 with user and password, TLS 1.2 inside: the user on record, the password nowhere; microsocks",
        "connections": [userpass_tls],
        "checks": [
            {"event_type": "tls", "tls.subject": "O=Burrow lab, CN=lab.test"},
        ],
        "rules": _alerts(("tls any any -> any 443", 'tls.sni; content:"www.lab.test";')),
    },
    {
        "name": "lab-socks5-bad-password",
        "shows": "SOCKS 5, the password is wrong: refused before a target was named; microsocks",
        "connections": [lambda c: plan.refused(c, "microsocks-user", "socks5", "c", 80, True, at.WRONG_PASSWORD)],
    },
    {
        "name": "lab-socks5-refused",
        "shows": "SOCKS 5 to a closed port (reply 5) and to a target that the proxy's rules forbid (reply 2); dante",
        "connections": [
            lambda c: plan.refused(c, "dante", "socks5"),
            lambda c: plan.refused(c, "dante", "socks5", "denied", 80),
        ],
    },
    {
        "name": "lab-socks5-no-answer",
        "shows": "SOCKS 5, and the proxy closes the connection without a reply; ssh -D",
        "connections": [plan.no_answer],
    },
    {
        "name": "lab-socks5-slow",
        "shows": "SOCKS 5 handshake with every byte in a segment of its own, then plain HTTP; dante",
        "connections": [lambda c: plan.slow_handshake(c, "dante", "socks5")],
    },
    {
        "name": "lab-socks5-udp-dns",
        "shows": "SOCKS 5 UDP ASSOCIATE with one DNS query through the relay; dante",
        "connections": [kinds.udp_dns],
        "checks": [{"event_type": "dns", "dns.type": "request", "dns.queries[0].rrname": "udp.lab.test"}],
    },
    {
        "name": "lab-socks5-egress",
        "shows": "SOCKS 5 by name, captured at the proxy: its own connection to the target is seen, and gives the address",
        "connections": [egress],
        "checks": [
            {
                "event_type": "tunnel",
                "tunnel.egress.src_ip": at.PROXY_HOST,
                "tunnel.egress.dest_ip": at.resolve(EGRESS_NAME),
                "tunnel.egress.dest_port": 80,
            }
        ],
        "tap": at.TAP_BOTH_LEGS,
    },
    {
        "name": "lab-smtp-socks5",
        "shows": "SMTP, whose server speaks first, through SOCKS 5: swaks by way of proxychains; microsocks",
        "connections": [swaks],
        "checks": [
            {
                "event_type": "smtp",
                "smtp.helo": "client.lab.test",
                "smtp.mail_from": "<sender@lab.test>",
                "smtp.rcpt_to[0]": "<who@lab.test>",
                "tunnel.type": "socks5",
            }
        ],
    },
    {
        "name": "lab-ssh-connect",
        "shows": "SSH through CONNECT to port 22; tinyproxy",
        "connections": [lambda c: plan.ssh(c, "tinyproxy", "http")],
        "checks": [{"event_type": "ssh", "ssh.client.proto_version": "2.0", "ssh.server.proto_version": "2.0"}],
    },
    {
        "name": "lab-connect-407",
        "shows": "CONNECT without credentials, 407, CONNECT with credentials on the same connection, TLS inside; squid",
        "connections": [lambda c: plan.connect_after_407(c, True)],
    },
    {
        "name": "lab-connect-two-requests",
        "shows": "Plain HTTP inside CONNECT, two requests on one tunnel; tinyproxy",
        "connections": [plan.connect_two_requests],
        "rules": _alerts(
            ("http any any -> any 80", 'http.uri; content:"/second";'),
            ("http any any -> any 80", 'tunnel.host; content:"www.lab.test"; http.uri; content:"/"; bsize:1;'),
        ),
    },
    {
        "name": "lab-connect-refused",
        "shows": "CONNECT refused three times: 503 and 403 by squid, 500 by tinyproxy",
        "connections": [
            lambda c: plan.refused(c, "squid", "http", user=True),
            lambda c: plan.refused(c, "squid", "http", "denied", 80, True),
            lambda c: plan.refused(c, "tinyproxy", "http"),
        ],
    },
    {
        "name": "lab-http-proxy-a-b-a",
        "shows": "A forward-proxy connection with requests for origins A, B and A again: two children; squid",
        "connections": [plan.forwarded_a_b_a],
    },
    {
        "name": "lab-nested-socks5-connect-socks5-tls",
        "shows": "TLS inside SOCKS 5 inside CONNECT inside SOCKS 5: three tunnels, and the records of each; proxychains",
        "connections": [nested],
        "rules": _alerts(
            ("tls any any -> any 443", 'tunnel.depth:3; tls.sni; content:"www.lab.test";'),
            ("tls any any -> any 443", 'tunnel.user; content:"labuser"; tls.sni; content:"www.lab.test";'),
        ),
    },
    {
        "name": "lab-socks5-bind",
        "shows": "SOCKS 5 BIND: who came in is the child's client, the address that was told its server; dante",
        "connections": [lambda c: kinds.bind(c, "dante", "socks5"), lambda c: kinds.bind(c, "dante", "socks5", "ssh")],
        "features": BIND,
    },
    {
        "name": "lab-socks4-bind",
        "shows": "SOCKS 4 BIND; dante",
        "connections": [lambda c: kinds.bind(c, "dante", "socks4")],
        "features": BIND,
    },
    {
        "name": "lab-socks5-udp-by-name",
        "shows": "SOCKS 5 UDP ASSOCIATE, the target by name, answered from its address; dante",
        "connections": [kinds.udp_by_name],
    },
    {
        "name": "lab-socks5-udp-several",
        "shows": "SOCKS 5 UDP ASSOCIATE with two targets and three queries: two children; dante",
        "connections": [kinds.udp_several],
    },
    {
        "name": "lab-reverse-socks5",
        "shows": "The TCP responder asks SOCKS 5 of who connected to it: the child's client is the responder",
        "connections": [kinds.reverse],
        "features": BIND,
    },
    {
        "name": "lab-proxy-v1",
        "shows": "PROXY protocol version 1 before HTTP, both of the proxy's legs captured: one tunnel; haproxy",
        "connections": [lambda c: kinds.haproxy(c, "v1 http")],
    },
    {
        "name": "lab-proxy-v2-tlv",
        "shows": "PROXY protocol version 2 with authority and unique id before HTTP, and before TLS without; haproxy",
        "connections": [lambda c: kinds.haproxy(c, "v2 tlv"), lambda c: kinds.haproxy(c, "v2 tls")],
    },
    {
        "name": "lab-sslproxy",
        "shows": "HTTP behind SSLproxy's line, sent by a program of the lab's",
        "connections": [kinds.sslproxy],
    },
    {
        "name": "lab-http-proxy-post",
        "shows": "Bodies through a forward proxy: by length, after 100 Continue, in chunks; squid",
        "connections": [
            lambda c: kinds.posted(c, "squid", "--data-binary", "x" * 3000),
            lambda c: kinds.posted(c, "squid", "-H", "Expect: 100-continue", "--data-binary", "x" * 9000),
            lambda c: kinds.posted(c, "squid", "-H", "Transfer-Encoding: chunked", "--data-binary", "x" * 9000),
        ],
    },
    {
        "name": "lab-http-proxy-407",
        "shows": "A forward-proxy request without credentials, 407, again with them on the same connection; squid",
        "connections": [kinds.forwarded_after_407],
    },
    {
        "name": "lab-icap",
        "shows": "A request and its response shown to an ICAP server by a forward proxy; squid, c-icap",
        "connections": [kinds.icap],
    },
    {
        "name": "lab-h2-connect",
        "shows": "Three CONNECT streams on one HTTP/2 connection in cleartext, one refused; nghttpx",
        "connections": [lambda c: kinds.h2(c, ("a", "b"), ("closed",))],
    },
    {
        "name": "lab-websocket-ssh",
        "shows": "SSH in WebSocket messages; websockify",
        "connections": [kinds.websocket_ssh],
    },
    {
        "name": "lab-connect-udp",
        "shows": "A DNS query in capsules after Upgrade: connect-udp, by address; a proxy of the lab's",
        "connections": [kinds.connect_udp],
    },
    {
        "name": "lab-look-alikes",
        "shows": "DCE/RPC, noise after 05 01 00, CONNECT in a body, a WebSocket chat: no tunnels",
        "connections": [kinds.dcerpc, kinds.random_socks, kinds.connect_in_body, kinds.chat],
    },
]  # fmt: skip
