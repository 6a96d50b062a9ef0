"""More kinds of connections than plan.py's: what is no plain CONNECT, and what only looks like a tunnel.

KINDS and NEEDS are all kinds that there are, plan.py's included.
"""

import os

import addresses as at
import plan
from plan import by_name, curl_proxy, http_session, proxy, tls_session, web


def bind(c, name, kind, inner="http"):
    """The client listens at the proxy; a web client (or an SSH one) comes in from one of the servers."""
    host, peer = c.name(), at.WEB[c.client_number]
    if inner == "http":
        first = f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"
        reply = "HTTP/1.1 200 OK\r\nContent-Length: 19\r\nConnection: close\r\n\r\nA page of the lab.\n"
        session = http_session(host)
    else:
        first, reply, session = "SSH-2.0-lab_peer\r\n", "SSH-2.0-lab_client\r\n", {"event_type": "ssh"}
    helper = os.path.join(c.tmp, "peer.sock")
    c.do = {"with": "bind", "proxy": proxy(name, kind), "peer": peer, "port": 20, "helper": helper}
    c.do.update(first=first, reply=reply)
    c.expect(kind, address_source="request", app_proto=inner, sessions=[session])


def udp(c, targets, noise=(), before=0):
    """Each target: (host or address, port, name asked for). `noise` is sent before one of them."""
    c.do = {"with": "udp", "proxy": proxy("dante", "socks5"), "queries": targets}
    c.do.update(noise=list(noise), noise_before=before)
    layer = {}
    for host, port, _ in targets:
        where = {"dest_ip": host} if host == at.DNS else {"host": host}
        want = {"type": "socks5-udp", "status": "established", **where, "dest_port": port, "app_proto": "dns"}
        layer[host, port] = {**want, "control": True, "sessions": [{"event_type": "dns"}]}
    c.layers.append(list(layer.values()))


def udp_dns(c):
    udp(c, [(at.DNS, 53, c.name("udp"))])


def udp_by_name(c):
    udp(c, [(c.name("ns"), 53, c.name("udp"))])


def udp_several(c):
    udp(c, [(at.DNS, 53, c.name("udpa")), (at.DNS, 5300, c.name("udpb")), (at.DNS, 53, c.name("udpc"))])


def dns_over_tcp(c, name, kind, user=False):
    """A query to the lab's name server, as TCP has them (RFC 1035 section 4.2.2)."""
    host = c.name("ns") if kind == "socks4a" else at.DNS
    c.do = {"with": "dns-tcp", "proxy": proxy(name, kind, user), "host": host, "port": 53, "name": c.name("tcp")}
    c.leg = False
    carrier, extra = "http-connect" if kind == "http" else kind, {"user": at.USER} if user else {}
    where = by_name(host) if host != at.DNS else {"dest_ip": host, "address_source": "request"}
    c.expect(carrier, **where, dest_port=53, app_proto="dns", sessions=[{"event_type": "dns"}], **extra)


def udp_noise(c, before):
    """What is no request is sent to the relay, from the client's port and from another."""
    targets = [(at.DNS, 53, c.name("udpa")), (at.DNS, 53, c.name("udpb"))]
    udp(c, targets, ["00", "ffffffffffffffffffffffff", "0000000900000000"], before)


def haproxy(c, form):
    host = c.name()
    port = at.HAPROXY_PORTS[form]
    address, kind = at.PROXIES["haproxy"][0], form.split()[1]
    url, seen = web(host, kind != "http")
    c.curl(["--connect-to", f"{host}:{seen['dest_port']}:{address}:{port}"], [url], count=kind == "http")
    c.find = "child"
    if kind == "tlv":  # TLS ends at haproxy
        seen.update(app_proto="http", sessions=[http_session(host)], host=host)
    seen.update(dest_ip=address, dest_port=port)
    c.expect("proxy-protocol", address_source="request", **seen)


def sslproxy(c):
    host = c.name()
    c.do = {"with": "plain", "server": at.PROXIES["sslproxy"], "host": host}
    c.find = "child"
    where = {"dest_ip": at.WEB[1], "dest_port": at.HTTPS, "address_source": "request"}
    c.expect("sslproxy", **where, app_proto="http", sessions=[http_session(host)])


def icap(c, body=False):
    """squid shows the request to c-icap on one connection, and request and response on another: two sessions."""
    host = c.name()
    path = "/upload" if body else "/"
    url = f"http://{host}{path}"
    c.curl(["-x", curl_proxy(proxy("squid-icap", "http")), *(["--data-binary", "x" * 9000] if body else [])], [url])
    session = http_session(host, path)
    c.expect("http-proxy", **by_name(host), dest_port=at.HTTP, app_proto="http", sessions=[session])
    want = {"type": "icap", "status": "established", "host": host, "dest_port": at.HTTP, "app_proto": "http"}
    c.elsewhere = [{**want, "sessions": [{**session, "http.status": status}]} for status in (None, 200)]


def posted(c, name, *options):
    """A body through a forward proxy."""
    host = c.name()
    c.curl(["-x", curl_proxy(proxy(name, "http", name == "squid")), *options], [f"http://{host}/upload"])
    extra = {"user": at.USER} if name == "squid" else {}
    session = {**http_session(host, "/upload"), "http.status": 200}
    c.expect("http-proxy", **by_name(host), dest_port=at.HTTP, app_proto="http", sessions=[session], **extra)


def forwarded_after_407(c):
    """The same request twice on one connection, without credentials, then with them: one origin, one tunnel."""
    host = c.name()
    login = f"{at.USER}:{at.PASSWORD}"
    c.curl(["-x", curl_proxy(proxy("squid", "http")), "--proxy-anyauth", "--proxy-user", login], [f"http://{host}/"])
    session = http_session(host)
    c.expect("http-proxy", **by_name(host), dest_port=at.HTTP, app_proto="http", sessions=[session], user=at.USER)


def forwarded_407(c):
    host = c.name()
    c.curl(["-x", curl_proxy(proxy("squid", "http")), "--fail"], [f"http://{host}/"])
    c.expect_refused("http-proxy", host=host, dest_port=at.HTTP, reply_code=407)


def forwarded_many(c):
    """Ten requests to five origins on one kept connection."""
    hosts = [c.name(letter) for letter in "abcde"]
    urls = [f"http://{host}/" for host in hosts] + [f"http://{host}/again" for host in reversed(hosts)]
    c.curl(["-x", curl_proxy(proxy("squid", "http", True))], urls)
    c.layers.append([
        {
            "type": "http-proxy", "status": "established", **by_name(host), "dest_port": at.HTTP, "user": at.USER,
            "app_proto": "http", "sessions": [http_session(host), http_session(host, "/again")],
        }
        for host in hosts
    ])  # fmt: skip


def h2(c, names=("a", "b", "c"), refused=()):
    """CONNECT streams on one connection to nghttpx, in front of tinyproxy."""
    targets = [(c.name(name), at.HTTP) for name in names] + [(c.name(name), at.CLOSED) for name in refused]
    c.do = {"with": "h2", "server": at.PROXIES["nghttpx"], "targets": targets}
    layer = []
    for host, port in targets:
        want = {"type": "h2-connect", "host": host, "dest_port": port}
        if port == at.CLOSED:
            layer.append({**want, "status": "refused"})
        else:
            more = {"reply_code": 200, "app_proto": "http", "sessions": [http_session(host)]}
            layer.append({**want, "status": "established", "address_source": "placeholder", **more})
    c.layers.append(layer)


def websocket(c):
    host = c.name()
    address, port = at.PROXIES["websockify-web"]
    c.do = {"with": "websocket", "server": [address, port], "host": host}
    where = {"dest_ip": address, "dest_port": port, "address_source": "carrier"}
    c.expect("websocket", **where, app_proto="http", sessions=[http_session(host)])


def h2_secure(c):
    """TLS in a CONNECT stream."""
    h2(c, ("a",))
    host = c.name("a")
    c.do["targets"] = [(host, at.HTTPS)]
    c.layers[0][0].update(dest_port=at.HTTPS, app_proto="tls", sessions=[tls_session(host)])


def websocket_secure(c):
    host = c.name()
    address, port = at.PROXIES["websockify-tls"]
    c.do = {"with": "websocket", "server": [address, port], "host": host, "secure": True}
    where = {"dest_ip": address, "dest_port": port, "address_source": "carrier"}
    c.expect("websocket", **where, app_proto="tls", sessions=[tls_session(host)])


def websocket_ssh(c):
    address, port = at.PROXIES["websockify-ssh"]
    plan.ssh(c, "websockify-ssh", "websocket")
    del c.layers[0][0]["host"]
    c.layers[0][0].update(dest_ip=address, dest_port=port, address_source="carrier")


def reverse(c, port=at.HTTP):
    """The client listens; the victim connects to it and is asked as a SOCKS server is."""
    host = c.name()
    helper = os.path.join(c.tmp, "victim.sock")
    c.do = {"with": "reverse", "helper": helper, "host": host, "port": port}
    c.find = "responder"
    app, session = ("smtp", {"event_type": "smtp"}) if port == at.SMTP else ("http", http_session(host))
    c.expect("socks5", **by_name(host), dest_port=port, app_proto=app, sessions=[session], reverse=True)


def connect_udp(c, by_address=True):
    host = at.DNS if by_address else c.name("ns")
    c.do = {"with": "connect-udp", "server": at.PROXIES["udp-proxy"], "host": host, "port": 53, "name": c.name("udp")}
    where = {"dest_ip": host, "address_source": "request"} if by_address else by_name(host)
    c.leg = False  # it is DNS of a proxy's, which no tap has
    c.expect("connect-udp", **where, dest_port=53, app_proto="dns", sessions=[{"event_type": "dns"}], reply_code=101)


# --- what looks like a tunnel and is none


def noise(c, port, *messages):
    c.do = {"with": "noise", "server": [at.WEB[0], port], "messages": [message.hex() for message in messages]}


def dcerpc(c):
    """bind (C706 section 12.6.4.3) and a request: 05 00 0b at its beginning, 05 00 0c in the answer."""
    syntax = bytes(range(16)) + b"\1\0\0\0"
    bind_body = b"\xb8\x10\xb8\x10\0\0\0\0\1\0\0\0\0\0\1\0" + syntax * 2
    request_body = b"\x20\0\0\0\0\0\5\0" + bytes(32)
    messages = [
        bytes([5, 0, kind, 3, 0x10, 0, 0, 0]) + (16 + len(body)).to_bytes(2, "little") + bytes(2) + b"\1\0\0\0" + body
        for kind, body in ((11, bind_body), (0, request_body))
    ]
    noise(c, at.DCERPC, *messages)


def random_socks(c):
    """Starts as SOCKS 5 does; what follows, and what is answered, has no meaning."""
    tail = bytes((c.id * 37 + i * 101) % 256 for i in range(200))
    port = at.ECHO_PORTS[c.id % len(at.ECHO_PORTS)]
    noise(c, port, b"\x05\x01\x00" + tail, tail)


def random_socks_alone(c):
    noise(c, at.ECHO_PORTS[c.id % len(at.ECHO_PORTS)], b"\x05\x01\x00", b"\x05\x01\x00\x01\x0a\x4d\x03\x0a\x00\x50")


def tls_odd(c):
    host = c.name()
    c.curl(["--connect-to", f"{host}:443:{at.WEB[0]}:{at.TLS_ODD}"], [f"https://{host}/"])
    c.sessions = [{**tls_session(host), "dest_port": at.TLS_ODD}]


def connect_in_body(c):
    host = c.name()
    body = f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\nHTTP/1.1 200 OK\r\n\r\n\x05\x01"
    c.curl(["--data-binary", body], [f"http://{host}/upload"])
    c.sessions = [http_session(host, "/upload")]


def chat(c):
    c.do = {"with": "chat", "server": [at.WEB[0], at.CHAT]}
    c.sessions = [{"event_type": "http", "http.hostname": "chat.lab.test", "http.status": 101}]


def dns_odd(c):
    port = at.DNS_ODD[c.id % len(at.DNS_ODD)]
    c.do = {"with": "dns", "server": [at.DNS, port], "name": c.name("odd")}


UDP, FORWARD, WS = "TUNNEL_SOCKS_UDP", "TUNNEL_HTTP_PROXY", "TUNNEL_WEBSOCKET"

# name, how it is made, and the words of --build-info's `Features:` line that it needs.
MORE = [
    ("socks5 bind http, dante", lambda c: bind(c, "dante", "socks5"), UDP),
    ("socks5 bind ssh, dante", lambda c: bind(c, "dante", "socks5", "ssh"), UDP),
    ("socks4 bind http, dante", lambda c: bind(c, "dante", "socks4"), UDP),
    ("socks5 udp dns, dante", udp_dns, UDP),
    ("socks5 udp dns by name, dante", udp_by_name, UDP),
    ("socks5 udp dns, several targets, dante", udp_several, UDP),
    ("socks5 udp dns after noise, dante", lambda c: udp_noise(c, 0), UDP),
    ("socks5 udp dns among noise, dante", lambda c: udp_noise(c, 1), UDP),
    ("socks5 https, dante", lambda c: plan.asked_by_name(c, "dante", "socks5", True), ""),
    ("socks5 http, microsocks", lambda c: plan.asked_by_name(c, "microsocks", "socks5"), ""),
    ("connect http with password, squid", lambda c: plan.connect(c, "squid", False, True), ""),
    ("socks5 dns over tcp, dante", lambda c: dns_over_tcp(c, "dante", "socks5"), ""),
    ("socks5 dns over tcp, microsocks", lambda c: dns_over_tcp(c, "microsocks-user", "socks5", True), ""),
    ("socks4a dns over tcp, ssh -D", lambda c: dns_over_tcp(c, "ssh", "socks4a"), ""),
    ("connect dns over tcp, tinyproxy", lambda c: dns_over_tcp(c, "tinyproxy", "http"), ""),
    ("connect dns over tcp, squid", lambda c: dns_over_tcp(c, "squid", "http", True), ""),
    *((f"proxy {form}, haproxy", lambda c, form=form: haproxy(c, form), "TUNNEL_PROXY_PROTOCOL")
      for form in at.HAPROXY_PORTS),
    ("sslproxy's line, own sender", sslproxy, "TUNNEL_SSLPROXY"),
    ("icap, squid and c-icap", icap, f"TUNNEL_ICAP {FORWARD}"),
    ("icap with a body, squid and c-icap", lambda c: icap(c, True), f"TUNNEL_ICAP {FORWARD}"),
    ("forward proxy, POST, squid", lambda c: posted(c, "squid", "--data-binary", "x" * 3000), FORWARD),
    ("forward proxy, POST, tinyproxy", lambda c: posted(c, "tinyproxy", "--data-binary", "x" * 3000), FORWARD),
    ("forward proxy, 100-continue, squid",
     lambda c: posted(c, "squid", "-H", "Expect: 100-continue", "--data-binary", "x" * 70000), FORWARD),
    ("forward proxy, chunked upload, squid",
     lambda c: posted(c, "squid", "-H", "Transfer-Encoding: chunked", "--data-binary", "x" * 40000), FORWARD),
    ("forward proxy after a 407, squid", forwarded_after_407, FORWARD),
    ("refused: forward proxy without credentials, squid", forwarded_407, FORWARD),
    ("forward proxy, five origins twice, squid", forwarded_many, FORWARD),
    ("h2 connect, three streams, nghttpx", h2, "TUNNEL_H2_CONNECT"),
    ("h2 connect, one of three refused, nghttpx", lambda c: h2(c, ("a", "b"), ("closed",)), "TUNNEL_H2_CONNECT"),
    ("h2 connect https, nghttpx", h2_secure, "TUNNEL_H2_CONNECT"),
    ("websocket http, websockify", websocket, WS),
    ("websocket https, websockify", websocket_secure, WS),
    ("websocket ssh, websockify", websocket_ssh, WS),
    ("reverse socks5 http", reverse, UDP),
    ("reverse socks5 smtp", lambda c: reverse(c, at.SMTP), UDP),
    ("connect-udp dns, own proxy", connect_udp, "CONNECT_UDP"),
    ("connect-udp dns by name, own proxy", lambda c: connect_udp(c, False), "CONNECT_UDP"),
    ("no tunnel: DCE/RPC", dcerpc, ""),
    ("no tunnel: 05 01 00 and noise", random_socks, ""),
    ("no tunnel: 05 01 00, then a request, answered with noise", random_socks_alone, ""),
    ("no tunnel: TLS on a port of its own", tls_odd, ""),
    ("no tunnel: CONNECT in a body", connect_in_body, ""),
    ("no tunnel: WebSocket chat", chat, ""),
    ("no tunnel: DNS on odd ports", dns_odd, ""),
]  # fmt: skip

KINDS = plan.KINDS + [(name, build) for name, build, _ in MORE]
NEEDS = {**plan.NEEDS, **{name: words for name, _, words in MORE if words}}
