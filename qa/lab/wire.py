"""A second reader of tunnels: what a capture holds, in the shape of EVE records.

It shares nothing with the program under test, works on whole streams (no packet order, no state machine, no time), and
takes no names from DNS: so it is slow, simple and wrong in other places. The lab checks the clients' own lists
against it, and the benchmark's captures are counted with it beside tshark.

    wire.py CAPTURE     prints its records, one JSON object a line
"""

import base64
import json
import re
import struct
import sys

import framing
import pcapfile

METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"CONNECT")
SOCKS_CONNECT, SOCKS_BIND, SOCKS_UDP = 1, 2, 3


class Short(Exception):
    """The bytes end before the message does."""


class Cursor:
    def __init__(self, data):
        self.data, self.pos = data, 0

    def take(self, n):
        if self.pos + n > len(self.data):
            raise Short
        self.pos += n
        return self.data[self.pos - n : self.pos]

    def byte(self):
        return self.take(1)[0]

    def until(self, mark):
        end = self.data.find(mark, self.pos)
        if end < 0:
            raise Short
        out, self.pos = self.data[self.pos : end], end + len(mark)
        return out

    def rest(self):
        return self.data[self.pos :]


def _socks_address(cursor):
    """RFC 1928 section 5: the kind of address, the address, the port."""
    kind = cursor.byte()
    if kind == 3:
        where = {"host": cursor.take(cursor.byte()).decode("latin-1")}
    else:
        where = {"dest_ip": pcapfile.address(cursor.take(4 if kind == 1 else 16))}
    return {**where, "dest_port": struct.unpack("!H", cursor.take(2))[0]}


def is_socks5(client, server):
    """Methods were offered, and the answer is one of them, or that none will do (RFC 1928 section 3)."""
    if client[:1] != b"\x05" or server[:1] != b"\x05" or len(client) < 2 or len(server) < 2 or not client[1]:
        return False
    return server[1] == 0xFF or server[1] in client[2 : 2 + client[1]]


def second_reply(server):
    """BIND: who came in, in the second reply. None when it says no."""
    _, code, _ = server.take(3)
    peer = _socks_address(server)
    return None if code else peer


def second_reply4(server):
    _, code, port = struct.unpack("!BBH", server.take(4))
    address = pcapfile.address(server.take(4))
    return {"dest_ip": address, "dest_port": port} if code == 90 else None


def read_socks5(client, server):
    """RFC 1928 and 1929. -> (what was asked, command, bound address or None)"""
    ask, command, bound = {"type": "socks5", "status": "incomplete"}, SOCKS_CONNECT, None
    try:
        client.byte()
        client.take(client.byte())
        server.byte()
        if server.byte() == 2:
            client.byte()
            ask["user"] = client.take(client.byte()).decode("latin-1")
            client.take(client.byte())
            server.byte()
            if server.byte() != 0:
                ask["status"] = "refused"
                return ask, command, bound
        _, command, _ = client.take(3)
        ask.update(_socks_address(client))
        _, ask["reply_code"], _ = server.take(3)
        bound = _socks_address(server)
    except Short:
        # A refusal may be cut off before its address.
        if ask.get("reply_code"):
            ask["status"] = "refused"
        return ask, command, bound
    ask["status"] = "refused" if ask["reply_code"] else "established"
    return ask, command, bound


def read_socks4(client, server):
    """SOCKS 4, and 4A: an address of 0.0.0.x means that a name follows the user. -> as read_socks5"""
    ask, command, bound = {"type": "socks4", "status": "incomplete"}, SOCKS_CONNECT, None
    try:
        _, command, port = struct.unpack("!BBH", client.take(4))
        address, user = client.take(4), client.until(b"\0")
        ask["dest_port"] = port
        if user:
            ask["user"] = user.decode("latin-1")
        if address[:3] == b"\0\0\0" and address[3]:
            ask["type"], ask["host"] = "socks4a", client.until(b"\0").decode("latin-1")
        else:
            ask["dest_ip"] = pcapfile.address(address)
        server.byte()
        ask["reply_code"] = server.byte()
        port, address = struct.unpack("!H4s", server.take(6))
        bound = {"dest_ip": pcapfile.address(address), "dest_port": port}
        ask["status"] = "established" if ask["reply_code"] == 90 else "refused"
    except Short:
        pass
    return ask, command, bound


def read_head(cursor):
    """Start line and headers of an HTTP message."""
    lines = cursor.until(b"\r\n\r\n").split(b"\r\n")
    pairs = [line.partition(b":") for line in lines[1:]]
    return lines[0], {name.strip().lower(): value.strip() for name, _, value in pairs}


def skip_body(cursor, headers, to_the_end):
    """RFC 9112 section 6.3, for what clients and servers here send."""
    if b"chunked" in headers.get(b"transfer-encoding", b"").lower():
        while size := int(cursor.until(b"\r\n").split(b";")[0], 16):
            cursor.take(size + 2)
        cursor.until(b"\r\n")
    elif b"content-length" in headers:
        cursor.take(int(headers[b"content-length"]))
    elif to_the_end:
        cursor.pos = len(cursor.data)


def read_response(cursor, method):
    """Status of the next final response, its body skipped; None when there is none."""
    status = 0
    try:
        while status < 200 and status != 101:
            line, headers = read_head(cursor)
            status = int(line.split()[1])
        if not (method == b"HEAD" or status in (101, 204, 304) or (method == b"CONNECT" and status < 300)):
            skip_body(cursor, headers, to_the_end=True)
    except Short:
        return status or None
    return status


def split_target(text, port=None):
    """`host:port` or `[v6]:port` -> {host or dest_ip, dest_port}"""
    match = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([^:/]+))(?::(\d+))?", text)
    if not match:
        raise ValueError(f"no target: {text}")
    literal, name, given = match.groups()
    port = int(given or port or 0)
    if literal or re.fullmatch(r"[\d.]+", name):
        return {"dest_ip": pcapfile.address(literal or name), "dest_port": port}
    return {"host": name, "dest_port": port}


def basic_user(headers):
    kind, _, value = headers.get(b"proxy-authorization", b"").partition(b" ")
    if kind.lower() != b"basic":
        return {}
    return {"user": base64.b64decode(value).decode("latin-1").partition(":")[0]}


TLS_VERSIONS = {b"\x03\x01": "TLSv1", b"\x03\x02": "TLS 1.1", b"\x03\x03": "TLS 1.2", b"\x03\x04": "TLS 1.3"}


def read_hello(data, from_client):
    """ClientHello or ServerHello, RFC 8446 section 4.1. -> version, {extension: its bytes}"""
    records, hello, extensions = Cursor(data), b"", {}
    try:
        while len(hello) < 4 or len(hello) < 4 + int.from_bytes(hello[1:4], "big"):
            records.take(3)
            hello += records.take(struct.unpack("!H", records.take(2))[0])
        cursor = Cursor(hello[: 4 + int.from_bytes(hello[1:4], "big")])
        cursor.take(4)
        version = cursor.take(2)
        cursor.take(32)
        cursor.take(cursor.byte())  # session id
        if from_client:
            cursor.take(struct.unpack("!H", cursor.take(2))[0])  # cipher suites
            cursor.take(cursor.byte())  # compression methods
        else:
            cursor.take(3)
        cursor.take(2)
        while cursor.rest():
            kind, length = struct.unpack("!HH", cursor.take(4))
            extensions[kind] = cursor.take(length)
    except Short:
        return None, {}
    return version, extensions


class Reader:
    """Writes `records` for each stream; flow ids are just counted."""

    def __init__(self):
        self.records = []
        self.relays = {}  # a UDP relay's address, as the proxy said it -> the user of the control connection, or None
        self.last_id = 0

    def new_id(self):
        self.last_id += 1
        return self.last_id

    def emit(self, kind, flow, **fields):
        self.records.append({"event_type": kind, **flow, **fields})

    def read(self, path):
        # TCP first, for a relay's address is learnt there.
        for stream in sorted(pcapfile.streams(path), key=lambda s: s.proto != pcapfile.TCP):
            flow = {
                "flow_id": self.new_id(),
                "src_ip": stream.client[0],
                "src_port": stream.client[1],
                "dest_ip": stream.server[0],
                "dest_port": stream.server[1],
            }
            if stream.proto == pcapfile.TCP:
                self.session(flow, [], stream.to_server.bytes(), stream.to_client.bytes())
            elif stream.server in self.relays:
                self.udp_relay(flow, stream)
        return self.records

    def session(self, flow, path, c, s):
        """One connection, on the wire or carried; returns its application protocol."""
        for kind, read in (("proxy-protocol", framing.read_proxy_header), ("sslproxy", framing.read_divert_line)):
            if said := read(c):
                ask, source, rest = said
                self.child(flow, path, {"type": kind, "status": "established", **ask}, rest, s, source)
                return kind
        if is_socks5(c, s) or is_socks5(s, c):
            self.socks5(flow, path, c, s)
            return "socks"
        if c[:1] == b"\x04" and s[:1] in (b"\0", b""):
            client, server = Cursor(c), Cursor(s)
            ask, command, bound = read_socks4(client, server)
            self.asked(flow, path, (ask, command, bound), client, server)
            return "socks"
        if c.startswith(framing.PREFACE):
            self.h2(flow, path, c[len(framing.PREFACE) :], s)
            return "http2"
        if c.split(b"\r\n")[0].endswith(b" ICAP/1.0"):
            self.icap(flow, path, c, s)
            return "icap"
        if c.split(b" ")[0] in METHODS:
            self.http(flow, path, c, s)
            return "http"
        if c[:2] == b"\x16\x03":
            self.tls(flow, c, s)
            return "tls"
        if c[:4] == b"SSH-" or s[:4] == b"SSH-":
            self.emit("ssh", flow)
            return "ssh"
        if s[:4] == b"220 " and c[:4].upper() in (b"EHLO", b"HELO"):
            self.emit("smtp", flow)
            return "smtp"
        if flow.get("dest_port") == 53 and c and s:
            self.emit("dns", flow)
            return "dns"
        return "failed" if c or s else None

    def child(self, flow, path, ask, c, s, source=None):
        """The record of one tunnel; when it was opened, what it carried. `c` is what the child's client sent."""
        where = {k: ask[k] for k in ("host", "dest_ip", "dest_port") if k in ask}
        tunnel = {**ask, "depth": len(path) + 1}
        address, port = source or (flow["src_ip"], flow["src_port"])
        if ask["status"] == "established":
            inner_id = self.new_id()
            path = [*path, ask["type"]]
            inner = {"flow_id": inner_id, "src_ip": address, "src_port": port, **where}
            inner["tunnel"] = {"type": ask["type"], "depth": len(path), "path": [{"type": t} for t in path], **where}
            app = self.datagrams(inner, c, s) if isinstance(c, list) else self.session(inner, path, c, s)
            tunnel.update(child_flow_id=inner_id, bytes_toserver=sum(map(len, c)) if isinstance(c, list) else len(c))
            tunnel.update(bytes_toclient=sum(map(len, s)) if isinstance(s, list) else len(s))
            if app:
                tunnel["app_proto"] = app
        self.emit("tunnel", {**flow, "tunnel": tunnel})

    def datagrams(self, inner, sent, received):
        if inner["dest_port"] == 53 and sent and received:
            self.emit("dns", inner)
            return "dns"
        return None

    def asked(self, flow, path, said, client, server):
        """What a SOCKS request came to. With BIND the peer that came in is the child's client."""
        ask, command, bound = said
        if command == SOCKS_BIND and ask["status"] == "established":
            try:
                came = (second_reply if ask["type"] == "socks5" else second_reply4)(server)
            except Short:
                came = None
            if came:
                ask = {k: v for k, v in ask.items() if k != "host"}
                ask.update(bound)
                self.child(flow, path, ask, server.rest(), client.rest(), (came["dest_ip"], came["dest_port"]))
                return
            ask["status"] = "refused"
        if command == SOCKS_UDP and bound:
            self.relays[(bound["dest_ip"], bound["dest_port"])] = ask.get("user")
            return
        self.child(flow, path, ask, client.rest(), server.rest())

    def socks5(self, flow, path, c, s):
        client, server = Cursor(c), Cursor(s)
        if not is_socks5(c, s):  # the responder is the client
            ask, _, _ = read_socks5(server, client)
            source = (flow["dest_ip"], flow["dest_port"])
            self.child(flow, path, {**ask, "reverse": True}, server.rest(), client.rest(), source)
            return
        self.asked(flow, path, read_socks5(client, server), client, server)

    def h2(self, flow, path, c, s):
        """A tunnel for each CONNECT stream."""
        sent, received = framing.read_h2(c), framing.read_h2(s)
        for stream, (headers, data) in sent.items():
            if headers.get(":method") != "CONNECT":
                continue
            answer, reply = received.get(stream, [{}, b""])
            ask = {"type": "h2-connect", "status": "incomplete", **split_target(headers[":authority"])}
            if status := int(answer.get(":status", 0)):
                ask.update(reply_code=status, status="established" if status < 300 else "refused")
            self.child(flow, path, ask, data, reply)

    def icap(self, flow, path, c, s):
        """A tunnel for each client and origin."""
        sessions = {}
        for method, head, parts in framing.read_icap(Cursor(c), Cursor(s), read_head):
            line, headers = read_head(Cursor(parts[b"req-hdr"]))
            host = headers.get(b"host", b"").decode("latin-1")
            client = head.get(b"x-client-ip", b"").decode() or flow["src_ip"]
            known = sessions.get((client, host))
            if known is None:
                where = split_target(host, 80)
                ask = {"type": "icap", "status": "established", "depth": len(path) + 1, **where, "app_proto": "http"}
                known = sessions[(client, host)] = {**ask, "child_flow_id": self.new_id()}
            inner = {"flow_id": known["child_flow_id"], "src_ip": client, "dest_port": known["dest_port"]}
            inner["tunnel"] = {"type": "icap", "depth": known["depth"], "host": known.get("host")}
            inner["tunnel"]["path"] = [{"type": kind} for kind in [*path, "icap"]]
            status = None
            if b"res-hdr" in parts:
                status = int(read_head(Cursor(parts[b"res-hdr"]))[0].split()[1])
            http_method, target = line.split()[:2]
            url = re.sub(r"^http://[^/]*", "", target.decode("latin-1"))
            self.request(inner, host, http_method, url, status)
        for ask in sessions.values():
            self.emit("tunnel", {**flow, "tunnel": ask})

    def udp_relay(self, flow, stream):
        """RFC 1928 section 7: a child for each target, by the requests' headers."""
        targets = {}
        for from_client, datagram in stream.datagrams:
            cursor = Cursor(datagram)
            try:
                if cursor.take(3) != bytes(3) or datagram[3] not in (1, 3, 4):
                    continue
                where = _socks_address(cursor)
            except Short:
                continue
            named = [t for t in targets.values() if "host" in t[0] and t[0]["dest_port"] == where["dest_port"]]
            if not from_client and json.dumps(where) not in targets and len(named) == 1:
                where = named[0][0]  # asked by name, answered from the address
            counts = targets.setdefault(json.dumps(where), [where, 0, 0, 0])
            counts[1 if from_client else 2] += len(cursor.rest())
            counts[3] += from_client
        user = self.relays[stream.server]
        for where, sent, received, queries in targets.values():
            tunnel = {"type": "socks5-udp", "depth": 1, **where}
            ask = {**tunnel, "status": "established", "child_flow_id": self.new_id()}
            ask.update(bytes_toserver=sent, bytes_toclient=received)
            if user:
                ask["user"] = user
            if where["dest_port"] in (53, 5300):
                ask["app_proto"] = "dns"
                inner = {"flow_id": ask["child_flow_id"], "src_ip": flow["src_ip"], "src_port": flow["src_port"]}
                for _ in range(queries):
                    self.emit("dns", {**inner, **where, "tunnel": {**tunnel, "path": [{"type": "socks5-udp"}]}})
            self.emit("tunnel", {**flow, "tunnel": ask})

    def http(self, flow, path, c, s):
        client, server = Cursor(c), Cursor(s)
        origins = {}
        while client.rest():
            try:
                line, headers = read_head(client)
            except Short:
                break
            method, target = line.split()[:2]
            if method == b"CONNECT":
                if self.connect(flow, path, target.decode("latin-1"), headers, client, server):
                    return
                continue
            try:
                skip_body(client, headers, to_the_end=False)
            except Short:  # the answer came before the body's end
                client.pos = len(client.data)
            status = read_response(server, method)
            if status == 101:
                self.request(flow, headers.get(b"host", b"").decode("latin-1"), method, target.decode("latin-1"), status)
                self.upgraded(flow, path, target.decode("latin-1"), headers, client.rest(), server.rest())
                return
            if target.startswith(b"http://"):
                self.forwarded(flow, path, origins, line, headers, status)
            else:
                host = headers.get(b"host", b"").decode("latin-1")
                self.request(flow, host, method, target.decode("latin-1"), status)
        for authority, ask in origins.items():
            if ask["status"] != "refused" or authority[0] not in origins:  # refused for good
                self.emit("tunnel", {**flow, "tunnel": ask})

    def connect(self, flow, path, target, headers, client, server):
        """True when it came to a tunnel, so that no more requests follow."""
        ask = {"type": "http-connect", "status": "incomplete", **split_target(target), **basic_user(headers)}
        status = read_response(server, b"CONNECT")
        if status:
            ask.update(reply_code=status, status="established" if status < 300 else "refused")
        self.child(flow, path, ask, client.rest(), server.rest())
        return ask["status"] == "established"

    def upgraded(self, flow, path, target, headers, c, s):
        """What a 101 began: WebSocket with a protocol in it, or UDP in capsules."""
        kind = headers.get(b"upgrade", b"").lower()
        if kind == b"websocket":
            (sent, binary), (received, _) = framing.websocket_payload(c), framing.websocket_payload(s)
            if binary:  # the lab's chat is text
                where = {"dest_ip": flow["dest_ip"], "dest_port": flow["dest_port"]}
                self.child(flow, path, {"type": "websocket", "status": "established", **where}, sent, received)
        elif kind == b"connect-udp":
            match = re.fullmatch(r"/\.well-known/masque/udp/([^/]+)/(\d+)/", target)
            ask = {"type": "connect-udp", "status": "established", "reply_code": 101}
            ask.update(split_target(f"{match[1]}:{match[2]}"))
            self.child(flow, path, ask, framing.capsules(c), framing.capsules(s))

    def request(self, flow, host, method, url, status):
        http = {"hostname": re.sub(r":\d+$", "", host), "url": url, "http_method": method.decode("latin-1")}
        self.emit("http", flow, http={**http, "status": status} if status else http)

    def forwarded(self, flow, path, origins, line, headers, status):
        """A request with an absolute URI: one child for each origin. A 407 is the proxy's own and opens none."""
        method, target = line.split()[:2]
        authority, _, rest = target.decode("latin-1").removeprefix("http://").partition("/")
        where = split_target(authority, 80)
        ask = {"type": "http-proxy", "depth": len(path) + 1, **where, **basic_user(headers)}
        if status == 407:
            origins[authority, "refused"] = {**ask, "status": "refused", "reply_code": status}
            return
        known = origins.get(authority)
        if known is None:
            known = {**ask, "status": "established", "child_flow_id": self.new_id(), "app_proto": "http"}
            origins[authority] = known
        inner = {"flow_id": known["child_flow_id"], "src_ip": flow["src_ip"], "src_port": flow["src_port"], **where}
        inner["tunnel"] = {"type": "http-proxy", "depth": known["depth"], **where}
        inner["tunnel"]["path"] = [{"type": kind} for kind in [*path, "http-proxy"]]
        self.request(inner, authority, method, "/" + rest, status)

    def tls(self, flow, c, s):
        tls = {}
        client, server = read_hello(c, True), read_hello(s, False)
        if 0 in client[1]:  # server_name, RFC 6066 section 3: one name, after list length, type and length
            tls["sni"] = client[1][0][5:].decode("latin-1")
        if server[0]:  # in TLS 1.3 the true version is in supported_versions
            tls["version"] = TLS_VERSIONS.get(server[1].get(43, server[0]), "other")
        self.emit("tls", flow, tls=tls)


def main():
    for record in Reader().read(sys.argv[1]):
        print(json.dumps(record))


if __name__ == "__main__":
    main()
