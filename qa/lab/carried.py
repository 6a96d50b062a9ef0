"""Clients by hand for what no common client does: each takes (connection, do) and returns a result as client.py's.

`records` in a result: what only the client knows of one of several tunnels, by the name or address it asked for.
"""

import json
import socket
import ssl
import struct
import time

import addresses as at
import capsule
import raw
import websocket


def _source(connection, number=0):
    return connection["client"], connection["ports"][number]


def _ask(path, what):
    """One line of JSON to a helper in another namespace, and its answer."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(40)
        sock.connect(path)
        sock.sendall(json.dumps(what).encode() + b"\n")
        answer = sock.makefile("rb").readline()
        return json.loads(answer) if answer else None


def bind(connection, do):
    """SOCKS BIND: the proxy listens, a peer comes in and plays the client."""
    proxy, v5 = do["proxy"], do["proxy"]["type"] == "socks5"
    with raw.connect((proxy["address"], proxy["port"]), _source(connection)) as control:
        request = raw.socks5_request if v5 else raw.socks4_request
        bound = request(control, proxy, 2, do["peer"], do["port"])
        waiting = socket.socket(socket.AF_UNIX)
        waiting.settimeout(40)
        waiting.connect(do["helper"])
        say = {"address": bound[0], "port": bound[1], "first": do["first"], "source": do["peer"]}
        waiting.sendall(json.dumps(say).encode() + b"\n")
        came = (raw.socks5_reply if v5 else raw.socks4_reply)(control)
        first = do["first"].encode("latin-1")
        got = b""
        while len(got) < len(first) and (data := control.recv(65536)):
            got += data
        reply = do["reply"].encode("latin-1")
        control.sendall(reply)
        control.shutdown(socket.SHUT_WR)
        while data := control.recv(65536):
            got += data
    told = json.loads(waiting.makefile("rb").readline())
    waiting.close()
    return {
        "ok": got == first and told.get("received") == len(reply) and told.get("port") == came[1],
        "detail": told.get("error", ""),
        "bytes": [len(first), len(reply)],
        "child": {"src_ip": came[0], "src_port": came[1], "dest_ip": bound[0], "dest_port": bound[1]},
    }


def dns_query(name, number=0x4C41):
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels + b"\0\0\1\0\1"


def _is_answer(query, reply):
    return reply[:2] == query[:2] and len(reply) > 12 and reply[7] == 1


def udp(connection, do):
    """UDP ASSOCIATE, then one query to each target through the relay; the end is the control connection's."""
    proxy, source = do["proxy"], _source(connection)
    records, ok = {}, True
    with raw.connect((proxy["address"], proxy["port"]), source) as control, socket.socket(
        socket.AF_INET, socket.SOCK_DGRAM
    ) as sock:
        sock.bind(source)
        sock.settimeout(40)
        relay = raw.socks5_request(control, proxy, 3, "0.0.0.0", 0)
        for number, (host, port, name) in enumerate(do["queries"]):
            for noise in do["noise"] if number == do["noise_before"] else ():
                sock.sendto(bytes.fromhex(noise), relay)
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                    other.bind(_source(connection, 1))
                    other.sendto(bytes.fromhex(noise), relay)
            query = dns_query(name, 0x4C41 + number)
            sock.sendto(b"\0\0\0" + raw.socks5_address(host, port) + query, relay)
            datagram = sock.recvfrom(4096)[0]
            reply = datagram[10:]  # the answers come from an IPv4 address
            ok = ok and datagram[3] == 1 and _is_answer(query, reply)
            counts = records.setdefault(f"{host}:{port}", {"bytes": [0, 0]})["bytes"]
            counts[0] += len(query)
            counts[1] += len(reply)
    return {"ok": ok, "detail": "", "records": records}


def _counted_http(sock, host):
    ok, counts = raw.http(sock, host)
    return {"ok": ok, "detail": "", "bytes": counts}


def reverse(connection, do):
    """The victim connects to this client, who then speaks SOCKS 5 on that connection."""
    source = _source(connection)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.settimeout(40)
        listener.bind(source)
        listener.listen(1)
        _ask(do["helper"], {"address": source[0], "port": source[1]})
        sock, _ = listener.accept()
    sock.settimeout(40)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    raw.socks5_request(sock, {}, 1, do["host"], do["port"])
    if do["port"] == at.SMTP:
        ok, counts = raw.smtp(sock, "who@lab.test")
        return {"ok": ok, "detail": "", "bytes": counts}
    return _counted_http(sock, do["host"])


def https(send, receive, host):
    """One request in TLS over what `send` and `receive` carry. -> was it answered with 200?"""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname=host)

    def done(step):
        while True:
            try:
                result = step()
                send(outgoing.read())
                return result
            except ssl.SSLWantReadError:
                send(outgoing.read())
                incoming.write(receive())

    done(tls.do_handshake)
    done(lambda: tls.write(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()))
    return done(lambda: tls.read(65536)).startswith(b"HTTP/1.1 200")


def web_socket(connection, do):
    sock = raw.connect(do["server"], _source(connection))
    host = do["host"]
    client = websocket.Client(sock, f"{do['server'][0]}:{do['server'][1]}")
    if not do.get("secure"):
        return _counted_http(client, host)
    ok = https(lambda data: data and client.sendall(data), lambda: client.recv(65536), host)
    client.close()
    return {"ok": ok, "detail": ""}


def plain(connection, do):
    """One HTTP request on a connection of its own, segment by segment as it is written."""
    return _counted_http(raw.connect(do["server"], _source(connection)), do["host"])


def _asked_over_tcp(sock, name):
    with sock:
        query = dns_query(name)
        sock.sendall(struct.pack("!H", len(query)) + query)
        reply = b""
        while len(reply) < 2 or len(reply) < 2 + int.from_bytes(reply[:2], "big"):
            if not (data := sock.recv(4096)):
                break
            reply += data
    return {"ok": _is_answer(query, reply[2:]), "detail": "", "bytes": [2 + len(query), len(reply)]}


def dns_tcp(connection, do):
    """One query over TCP, through a proxy if one is named."""
    where = do["host"], do["port"]
    if do["proxy"]:
        sock = raw.open_tunnel(do["proxy"], *where, _source(connection))
    else:  # from another port: the first may be that of the one through a proxy, just closed
        sock = raw.connect(where, _source(connection, 1))
    return _asked_over_tcp(sock, do["name"])


def connect_udp(connection, do):
    """RFC 9298 over HTTP/1.1: one query, its answer."""
    sock = raw.connect(do["server"], _source(connection))
    with sock:
        sock.sendall(
            f"GET /.well-known/masque/udp/{do['host']}/{do['port']}/ HTTP/1.1\r\n"
            f"Host: {do['server'][0]}:{do['server'][1]}\r\nConnection: Upgrade\r\nUpgrade: connect-udp\r\n"
            "Capsule-Protocol: ?1\r\n\r\n".encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n") and (byte := sock.recv(1)):
            head += byte
        status = int(head.split()[1])
        if status != 101:
            return {"ok": connection["refused"], "detail": f"status {status}", "reply_code": status}
        query, capsules, replies = dns_query(do["name"]), capsule.Reader(), []
        sock.sendall(capsule.datagram(query))
        while not replies and (data := sock.recv(65536)):
            replies += capsules.feed(data)
        return {"ok": _is_answer(query, replies[0]), "detail": "", "bytes": [len(query), len(replies[0])]}


class H2:
    """CONNECT streams on one HTTP/2 connection without TLS (prior knowledge), by the h2 module."""

    def __init__(self, sock):
        import h2.config  # of no other use in the lab
        import h2.connection
        import h2.events

        self.sock, self.events = sock, h2.events
        # Not validated: the module would have a :path in every request, which CONNECT must not have (RFC 9113 8.5).
        self.conn = h2.connection.H2Connection(h2.config.H2Configuration(validate_outbound_headers=False))
        self.conn.initiate_connection()
        self.streams = {}
        self.flush()

    def flush(self):
        self.sock.sendall(self.conn.data_to_send())

    def open(self, host, port):
        stream = self.conn.get_next_available_stream_id()
        self.conn.send_headers(stream, [(":method", "CONNECT"), (":authority", f"{host}:{port}")])
        self.streams[stream] = {"host": host, "port": port, "status": None, "sent": 0, "received": b"", "ended": False}
        self.flush()
        return stream

    def send(self, stream, data):
        self.conn.send_data(stream, data)
        self.streams[stream]["sent"] += len(data)
        self.flush()

    def https(self, stream):
        """One request in TLS on a stream."""
        state, at_byte = self.streams[stream], 0

        def receive():
            nonlocal at_byte
            self.pump(lambda: len(state["received"]) > at_byte)
            data = state["received"][at_byte:]
            at_byte += len(data)
            return data

        return https(lambda data: data and self.send(stream, data), receive, state["host"])

    def pump(self, done):
        """Handle what comes until `done()`."""
        while not done():
            data = self.sock.recv(65536)
            if not data:
                raise ConnectionError("the HTTP/2 connection ended")
            for event in self.conn.receive_data(data):
                self.handle(event)
            self.flush()

    def handle(self, event):
        stream = self.streams.get(getattr(event, "stream_id", None))
        if stream is None:
            return
        if isinstance(event, self.events.ResponseReceived):
            stream["status"] = int(dict(event.headers).get(":status") or dict(event.headers)[b":status"])
        elif isinstance(event, self.events.DataReceived):
            stream["received"] += event.data
            if event.flow_controlled_length:
                self.conn.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, (self.events.StreamEnded, self.events.StreamReset)):
            stream["ended"] = True


def h2_connect(connection, do):
    """All streams are opened, then used side by side."""
    records, ok = {}, True
    with raw.connect(do["server"], _source(connection)) as sock:
        h2 = H2(sock)
        numbers = [h2.open(host, port) for host, port in do["targets"]]
        h2.pump(lambda: all(s["status"] for s in h2.streams.values()))
        granted = [n for n in numbers if h2.streams[n]["status"] == 200]
        for n in (n for n in granted if h2.streams[n]["port"] == at.HTTPS):
            ok = ok and h2.https(n)
        granted = [n for n in granted if h2.streams[n]["port"] != at.HTTPS]
        for n in granted:
            host = h2.streams[n]["host"]
            h2.send(n, f"GET / HTTP/1.1\r\nHost: {host}\r\n".encode())
        for n in granted:
            h2.send(n, b"Connection: close\r\n\r\n")
        h2.pump(lambda: all(s["ended"] for s in h2.streams.values() if s["port"] != at.HTTPS))
        for (host, port), n in zip(do["targets"], numbers):
            stream = h2.streams[n]
            if port == at.HTTPS:
                continue
            if n in granted:
                ok = ok and stream["received"].startswith(b"HTTP/1.1 200")
                records[f"{host}:{port}"] = {"bytes": [stream["sent"], len(stream["received"])]}
            else:
                ok = ok and host.startswith("closed")
                records[f"{host}:{port}"] = {"reply_code": stream["status"]}
        h2.conn.close_connection()
        h2.flush()
    return {"ok": ok, "detail": "", "records": records}


# --- what looks like a tunnel and is none


def noise(connection, do):
    """Messages to a server, one answer awaited after each."""
    with raw.connect(do["server"], _source(connection)) as sock:
        for message in do["messages"]:
            sock.sendall(bytes.fromhex(message))
            if not sock.recv(65536):
                return {"ok": False, "detail": "no answer"}
    return {"ok": True, "detail": ""}


def chat(connection, do):
    """Text in JSON on a WebSocket, one of them with what would be a tunnel's request in it."""
    ws = websocket.Client(raw.connect(do["server"], _source(connection)), "chat.lab.test", "/chat", None)
    heard = []
    for say in ("hello", "CONNECT www.lab.test:80 HTTP/1.1", "SSH-2.0-talk"):
        ws.sock.sendall(websocket.frame(websocket.TEXT, json.dumps({"say": say}).encode(), mask=True))
        heard.append(json.loads(ws.recv(65536))["heard"]["say"])
        time.sleep(0.01)
    ws.close()
    return {"ok": len(heard) == 3, "detail": ""}


def ask(connection, do):
    """Queries to name servers, without a proxy."""
    ok = True
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(_source(connection))
        sock.settimeout(40)
        for number, (host, port, name) in enumerate(do["queries"]):
            query = dns_query(name, 0x4C41 + number)
            sock.sendto(query, (host, port))
            ok = ok and _is_answer(query, sock.recvfrom(4096)[0])
    return {"ok": ok, "detail": ""}


def dns_odd(connection, do):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(_source(connection))
        sock.settimeout(40)
        query = dns_query(do["name"])
        sock.sendto(query, tuple(do["server"]))
        return {"ok": _is_answer(query, sock.recvfrom(4096)[0]), "detail": ""}


WAYS = {
    "bind": bind, "udp": udp, "reverse": reverse, "websocket": web_socket, "plain": plain, "connect-udp": connect_udp,
    "h2": h2_connect, "noise": noise, "chat": chat, "dns": dns_odd,
    "ask": ask, "dns-tcp": dns_tcp,
}  # fmt: skip
