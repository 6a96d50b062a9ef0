"""What the clients of the lab are to do, and what has to be on record afterwards.

A plan is a list of connections. Each says how to make it (`do`, carried out by client.py) and what is expected:

    layers      one list for each layer of tunnels, outermost first; in it the tunnel records expected there:
                type, host or dest_ip, dest_port, status, and user, reply_code, address_source, app_proto, sessions
    sessions    records expected in the tunnel's child (or, for a direct connection, on the wire):
                {"event_type": ..., dotted key: value}
    ports       the client's source ports, first and last; None when the client can't choose, then `host` of the
                innermost layer tells the connection from all others
    find        where `ports` are: of the carrier's "source", of its "responder", or those of the tunnel's "child"
    leg         the last proxy's own connection to the target can be seen by who taps that side, too
    elsewhere   tunnel records on carriers that connections share: `host` and type tell whose they are

What a client alone knows (reply codes, bytes carried) comes from its result.
"""

import json
import os

import addresses as at
from net import PYTHON
from pcapfile import address

HERE = os.path.dirname(os.path.abspath(__file__))
FIRST_PORT, PORTS_EACH = 20000, 8
MOST = 1500  # connections, so that the ports stay below those that the kernel gives out


# How each kind of proxy says yes.
YES = {
    "socks5": {"reply_code": 0},
    "socks4": {"reply_code": 90},
    "socks4a": {"reply_code": 90},
    "http-connect": {"reply_code": 200},
}


def proxy(name, kind, user=False, password=at.PASSWORD):
    where, port = at.PROXIES[name]
    out = {"type": kind, "address": where, "port": port}
    return {**out, "user": at.USER, "password": password} if user else out


def curl_proxy(spec, kind=None):
    """A proxy as curl wants to see it."""
    scheme = kind or {"socks5": "socks5h"}.get(spec["type"], spec["type"])
    login = f"{spec['user']}:{spec['password']}@" if "user" in spec else ""
    return f"{scheme}://{login}{spec['address']}:{spec['port']}"


class Connection:
    def __init__(self, number, kind, net_tmp):
        self.id, self.kind, self.tmp = number, kind, net_tmp
        self.client = at.CLIENTS[number % len(at.CLIENTS)]
        first = FIRST_PORT + PORTS_EACH * number
        self.ports = [first, first + PORTS_EACH - 1]
        self.do, self.layers, self.sessions, self.lookup = {}, [], [], None
        self.refused, self.find, self.elsewhere = False, "source", []
        self.leg = True

    @property
    def client_number(self):
        return at.CLIENTS.index(self.client)

    def name(self, prefix="c"):
        """A name that only this connection asks for."""
        return f"{prefix}{self.id}.{at.ZONE}"

    def curl(self, options, urls, count=False):
        """`count`: curl's own sums are what the tunnel carries (plain HTTP, no CONNECT)."""
        argv = ["curl", "-sS", "-k", "--max-time", "50", "-w", "%{json}\n"]
        if self.ports:
            argv += ["--interface", self.client, "--local-port", f"{self.ports[0]}-{self.ports[1]}"]
        for url in urls:
            argv += ["-o", os.devnull, url]
        self.do = {"with": "curl", "argv": argv + options, "count": count}

    def expect(self, kind, **fields):
        """One more layer with one record."""
        self.layers.append([{"type": kind, "status": "established", **YES.get(kind, {}), **fields}])

    def expect_refused(self, kind, **fields):
        self.refused = True
        self.layers.append([{"type": kind, "status": "refused", **fields}])

    def as_dict(self):
        return {key: value for key, value in vars(self).items() if key != "tmp"}


def http_session(host, url="/"):
    return {"event_type": "http", "http.hostname": host, "http.url": url}


def tls_session(host):
    return {"event_type": "tls", "tls.sni": host}


def web(host, secure):
    """URL, and what a tunnel's record says of one visit."""
    if secure:
        return f"https://{host}/", {"dest_port": at.HTTPS, "app_proto": "tls", "sessions": [tls_session(host)]}
    return f"http://{host}/", {"dest_port": at.HTTP, "app_proto": "http", "sessions": [http_session(host)]}


def by_name(host):
    return {"host": host, "address_source": "placeholder"}


def direct(c, secure):
    host = c.name()
    url, seen = web(host, secure)
    c.curl([], [url])
    c.sessions = seen["sessions"]


def resolved_by_client(c, name, kind):
    """The client looks the name up and asks the proxy for the address."""
    host = c.name()
    url, seen = web(host, False)
    c.curl(["--proxy", curl_proxy(proxy(name, kind), kind)], [url], count=True)
    c.expect(kind, dest_ip=at.resolve(host), address_source="request", **seen)


def asked_by_name(c, name, kind, secure=False, user=False):
    host = c.name()
    c.leg = name != "ssh"  # whose other leg is inside its ssh connection
    url, seen = web(host, secure)
    spec = proxy(name, kind, user)
    c.curl(["--proxy", curl_proxy(spec)], [url], count=not secure)
    extra = {"user": at.USER} if user else {}
    c.expect(kind, **by_name(host), **seen, **extra)


def name_seen_before(c):
    asked_by_name(c, "microsocks", "socks5")
    c.lookup = c.name()
    c.layers[0][0].update(address_source="passive-dns", dest_ip=at.resolve(c.lookup))


def ipv6_target(c):
    c.curl(["--proxy", curl_proxy(proxy("microsocks", "socks5"))], [f"http://[{at.WEB6}]/"], count=True)
    target = address(at.WEB6)
    session = {"event_type": "http", "dest_ip": target}
    c.expect("socks5", dest_ip=target, dest_port=80, app_proto="http", address_source="request", sessions=[session])


def large(c):
    host = c.name()
    c.curl(["--proxy", curl_proxy(proxy("dante", "socks5"))], [f"http://{host}/large"], count=True)
    session = http_session(host, "/large")
    c.expect("socks5", **by_name(host), dest_port=80, app_proto="http", sessions=[session])


def connect(c, name, secure, user=False):
    host = c.name()
    url, seen = web(host, secure)
    c.curl(["-p", "-x", curl_proxy(proxy(name, "http", user))], [url])
    extra = {"user": at.USER} if user else {}
    c.expect("http-connect", **by_name(host), **seen, **extra)


def connect_two_requests(c):
    host = c.name()
    c.curl(["-p", "-x", curl_proxy(proxy("tinyproxy", "http"))], [f"http://{host}/", f"http://{host}/second"])
    sessions = [http_session(host), http_session(host, "/second")]
    c.expect("http-connect", **by_name(host), dest_port=80, app_proto="http", sessions=sessions)


def connect_after_407(c, secure):
    """The first CONNECT without credentials, the second with them, on one TCP connection."""
    host = c.name()
    url, seen = web(host, secure)
    login = f"{at.USER}:{at.PASSWORD}"
    c.curl(["-p", "-x", curl_proxy(proxy("squid", "http")), "--proxy-anyauth", "--proxy-user", login], [url])
    c.expect("http-connect", **by_name(host), **seen, user=at.USER)
    first = {"type": "http-connect", "status": "refused", "host": host, "dest_port": seen["dest_port"]}
    c.layers[0].insert(0, {**first, "reply_code": 407})


def forwarded(c, name, user=False):
    host = c.name()
    url, seen = web(host, False)
    c.curl(["-x", curl_proxy(proxy(name, "http", user))], [url])
    extra = {"user": at.USER} if user else {}
    c.expect("http-proxy", **by_name(host), **seen, **extra)


def forwarded_a_b_a(c):
    """Three requests for two origins on one connection to the proxy: two tunnels."""
    a, b = c.name("a"), c.name("b")
    urls = [f"http://{a}/", f"http://{b}/", f"http://{a}/again"]
    c.curl(["-x", curl_proxy(proxy("squid", "http", True))], urls)
    common = {"dest_port": 80, "app_proto": "http", "user": at.USER}
    c.expect("http-proxy", **by_name(a), **common, sessions=[http_session(a), http_session(a, "/again")])
    other = {"type": "http-proxy", "status": "established", **by_name(b), **common, "sessions": [http_session(b)]}
    c.layers[0].append(other)


def mail(c, name, kind, user=False):
    host = c.name("mail")
    spec = proxy(name, kind, user)
    c.do = {"with": "smtp", "proxy": spec, "host": host, "port": at.SMTP}
    extra = {"user": at.USER} if user else {}
    carrier = "http-connect" if kind == "http" else kind
    session = {"event_type": "smtp"}
    c.expect(carrier, **by_name(host), dest_port=at.SMTP, app_proto="smtp", sessions=[session], **extra)


def ssh(c, name, kind):
    host = c.name("ssh")
    counts = os.path.join(c.tmp, f"ssh-{c.id}.counts")
    relay = [PYTHON, os.path.join(HERE, "relay.py"), c.client, str(c.ports[0])]
    relay += [f"'{json.dumps(proxy(name, kind))}'", host, str(at.SSH), counts]
    c.do = {"with": "ssh", "relay": " ".join(relay), "host": host, "counts": counts}
    carrier = "http-connect" if kind == "http" else kind
    c.expect(carrier, **by_name(host), dest_port=at.SSH, app_proto="ssh", sessions=[{"event_type": "ssh"}])


def slow_handshake(c, name, kind):
    """Each byte of the SOCKS handshake in a segment of its own."""
    host = c.name()
    c.leg = name != "ssh"
    c.do = {"with": "http", "proxy": proxy(name, kind), "host": host, "port": 80, "how": "slow"}
    c.expect(kind, **by_name(host), dest_port=80, app_proto="http", sessions=[http_session(host)])


def hops(*names):
    kinds = {"tinyproxy": "http", "squid": "http", "ssh": "socks4a"}
    return [proxy(name, kinds.get(name, "socks5"), name in ("squid", "microsocks-user")) for name in names]


def chain(c, way, host, port):
    """proxychains: each hop is asked for the next by address, the last for the host by name.

    Sets the layers; returns the command line to put before the client's, and the file that it needs.
    """
    # proxychains connects anew instead of using the socket it is given, so the port can't be chosen.
    c.ports, c.client = None, at.CLIENTS[0]
    lines = ["strict_chain", "quiet_mode", "proxy_dns", "remote_dns_subnet 224", "[ProxyList]"]
    for spec, after in zip(way, [*way[1:], None]):
        login = f" {spec['user']} {spec['password']}" if "user" in spec else ""
        lines.append(f"{spec['type'].removesuffix('a')} {spec['address']} {spec['port']}{login}")
        kind = "http-connect" if spec["type"] == "http" else spec["type"]
        extra = {"user": spec["user"]} if "user" in spec else {}
        if after:
            app = "http" if after["type"] == "http" else "socks"
            where = {"dest_ip": after["address"], "dest_port": after["port"], "address_source": "request"}
            c.expect(kind, app_proto=app, **where, **extra)
        else:
            c.expect(kind, **by_name(host), dest_port=port, **extra)
    conf = os.path.join(c.tmp, f"chain-{c.id}.conf")
    return ["proxychains4", "-q", "-f", conf], {conf: "\n".join(lines) + "\n"}


def chained_curl(c, way, host, port, url):
    before, files = chain(c, way, host, port)
    c.curl([], [url])
    c.do["argv"] = before + c.do["argv"]
    c.do["files"] = files


def nested_web(c, way, secure):
    host = c.name()
    url, seen = web(host, secure)
    chained_curl(c, way, host, seen["dest_port"], url)
    c.layers[-1][0].update(seen)


def nested_refused(c):
    """The innermost proxy says no; the layers around it are established."""
    host = c.name("closed")
    way = hops("dante", "tinyproxy", "microsocks")
    chained_curl(c, way, host, at.CLOSED, f"http://{host}:{at.CLOSED}/")
    c.refused = True
    c.layers[-1][0].update(status="refused", reply_code=5)


def refused(c, name, kind, prefix="closed", port=at.CLOSED, user=False, password=at.PASSWORD):
    host = c.name(prefix)
    spec = proxy(name, kind, user, password)
    c.curl([*(["-p"] if kind == "http" else []), "--proxy", curl_proxy(spec)], [f"http://{host}:{port}/"])
    carrier = "http-connect" if kind == "http" else kind
    extra = {"user": at.USER} if user else {}
    if kind == "socks5" and password != at.PASSWORD:
        c.expect_refused(carrier, **extra)  # the client never came to say what it wanted
    else:
        c.expect_refused(carrier, host=host, dest_port=port, **extra)


def no_answer(c):
    """ssh -D closes the connection without a word when the port is closed."""
    host = c.name("closed")
    c.curl(["--proxy", curl_proxy(proxy("ssh", "socks5"))], [f"http://{host}:{at.CLOSED}/"])
    c.refused = True
    c.layers.append([{"type": "socks5", "status": "incomplete", "host": host, "dest_port": at.CLOSED}])


KINDS = [
    ("direct http", lambda c: direct(c, False)),
    ("direct https", lambda c: direct(c, True)),
    ("socks4 http, dante", lambda c: resolved_by_client(c, "dante", "socks4")),
    ("socks5 http by address, microsocks", lambda c: resolved_by_client(c, "microsocks", "socks5")),
    ("socks4a http, ssh -D", lambda c: asked_by_name(c, "ssh", "socks4a")),
    ("socks4a https, ssh -D", lambda c: asked_by_name(c, "ssh", "socks4a", True)),
    ("socks5 http, dante", lambda c: asked_by_name(c, "dante", "socks5")),
    ("socks5 https, microsocks", lambda c: asked_by_name(c, "microsocks", "socks5", True)),
    ("socks5 https, ssh -D", lambda c: asked_by_name(c, "ssh", "socks5", True)),
    ("socks5 http with password, dante", lambda c: asked_by_name(c, "dante-user", "socks5", False, True)),
    ("socks5 https with password, microsocks", lambda c: asked_by_name(c, "microsocks-user", "socks5", True, True)),
    ("socks5 http, name looked up before", name_seen_before),
    ("socks5 http to an IPv6 address", ipv6_target),
    ("socks5 http, 320 KB", large),
    ("socks5 http, handshake byte by byte", lambda c: slow_handshake(c, "dante", "socks5")),
    ("socks4a http, handshake byte by byte", lambda c: slow_handshake(c, "ssh", "socks4a")),
    ("socks5 smtp, microsocks", lambda c: mail(c, "microsocks", "socks5")),
    ("socks5 ssh, dante", lambda c: ssh(c, "dante", "socks5")),
    ("connect http, tinyproxy", lambda c: connect(c, "tinyproxy", False)),
    ("connect https, tinyproxy", lambda c: connect(c, "tinyproxy", True)),
    ("connect https with password, squid", lambda c: connect(c, "squid", True, True)),
    ("connect http, two requests", connect_two_requests),
    ("connect https after a 407, squid", lambda c: connect_after_407(c, True)),
    ("connect http after a 407, squid", lambda c: connect_after_407(c, False)),
    ("connect smtp, squid", lambda c: mail(c, "squid", "http", True)),
    ("connect ssh, tinyproxy", lambda c: ssh(c, "tinyproxy", "http")),
    ("forward proxy, tinyproxy", lambda c: forwarded(c, "tinyproxy")),
    ("forward proxy with password, squid", lambda c: forwarded(c, "squid", True)),
    ("forward proxy, origins A B A", forwarded_a_b_a),
    ("socks5 > connect > socks5 https", lambda c: nested_web(c, hops("dante", "tinyproxy", "microsocks-user"), True)),
    ("socks5 > socks5 http", lambda c: nested_web(c, hops("microsocks", "dante"), False)),
    ("connect > socks4a https", lambda c: nested_web(c, hops("squid", "ssh"), True)),
    ("socks5 > connect > socks5, refused", nested_refused),
    ("refused: closed port, dante socks5", lambda c: refused(c, "dante", "socks5")),
    ("refused: closed port, microsocks", lambda c: refused(c, "microsocks", "socks5")),
    ("refused: socks4a, of which dante sees the 0.0.0.1", lambda c: refused(c, "dante", "socks4a", "c", 80)),
    ("no answer: closed port, ssh -D", no_answer),
    ("refused: closed port, tinyproxy", lambda c: refused(c, "tinyproxy", "http")),
    ("refused: closed port, squid", lambda c: refused(c, "squid", "http", user=True)),
    ("refused: by rule, dante", lambda c: refused(c, "dante", "socks5", "denied", 80)),
    ("refused: by rule, squid", lambda c: refused(c, "squid", "http", "denied", 80, True)),
    ("refused: by rule, tinyproxy", lambda c: refused(c, "tinyproxy", "http", "denied", 80)),
    ("refused: no such name, microsocks", lambda c: refused(c, "microsocks", "socks5", "nx", 80)),
    (
        "refused: wrong password, microsocks",
        lambda c: refused(c, "microsocks-user", "socks5", "c", 80, True, at.WRONG_PASSWORD),
    ),
    ("refused: wrong password, squid", lambda c: refused(c, "squid", "http", "c", 80, True, at.WRONG_PASSWORD)),
]


def make(count, net, kinds):
    """`count` connections, the kinds in turn; without the kinds that this host's network can't do."""
    kinds = [(name, build) for name, build in kinds if net.ipv6 or build is not ipv6_target]
    out = []
    for number in range(count):
        name, build = kinds[number % len(kinds)]
        connection = Connection(number, name, net.tmp)
        build(connection)
        out.append(connection.as_dict())
    return out

# Kinds that ask for more than every version of burrow has: the word of --build-info's `Features:` line.
NEEDS = {
    "forward proxy, tinyproxy": "TUNNEL_HTTP_PROXY",
    "forward proxy with password, squid": "TUNNEL_HTTP_PROXY",
    "forward proxy, origins A B A": "TUNNEL_HTTP_PROXY",
}
