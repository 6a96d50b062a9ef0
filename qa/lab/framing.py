"""The second reader's other framings: what is carried inside them, out of whole streams. See wire.py."""

import ipaddress
import re
import struct

import capsule
import pcapfile
import websocket

PROXY_V2 = b"\r\n\r\n\0\r\nQUIT\n"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def read_proxy_header(data):
    """PROXY protocol, both versions. -> (what it says, source, the rest), or None when it is none."""
    if data.startswith(PROXY_V2) and len(data) >= 16:
        size = struct.unpack("!H", data[14:16])[0]
        if data[12] != 0x21 or data[13] not in (0x11, 0x21):
            return None
        wide = 4 if data[13] == 0x11 else 16
        body, rest = data[16 : 16 + size], data[16 + size :]
        src, dst = body[:wide], body[wide : 2 * wide]
        sport, dport = struct.unpack("!HH", body[2 * wide : 2 * wide + 4])
        ask, pos = {"dest_ip": pcapfile.address(dst), "dest_port": dport}, 2 * wide + 4
        while pos + 3 <= len(body):
            kind, length = struct.unpack("!BH", body[pos : pos + 3])
            if kind == 2:  # PP2_TYPE_AUTHORITY
                ask["host"] = body[pos + 3 : pos + 3 + length].decode("latin-1")
            pos += 3 + length
        return ask, (pcapfile.address(src), sport), rest
    match = re.match(rb"PROXY TCP[46] (\S+) (\S+) (\d+) (\d+)\r\n", data)
    if not match:
        return None
    src, dst = (str(ipaddress.ip_address(part.decode())) for part in match.groups()[:2])
    ask = {"dest_ip": pcapfile.address(dst), "dest_port": int(match[4])}
    return ask, (pcapfile.address(src), int(match[3])), data[match.end() :]


def read_divert_line(data):
    """SSLproxy's line, as read_proxy_header."""
    match = re.match(rb"SSLproxy: \[[^]]+\]:\d+,\[([^]]+)\]:(\d+),\[([^]]+)\]:(\d+),[sp][^\r\n]*\r\n", data)
    if not match:
        return None
    ask = {"dest_ip": pcapfile.address(match[3].decode()), "dest_port": int(match[4])}
    return ask, (pcapfile.address(match[1].decode()), int(match[2])), data[match.end() :]


def websocket_payload(data):
    """The data frames' bytes; whether any was binary."""
    frames = list(websocket.Reader().feed(data))
    binary = any(code == websocket.BINARY for code, _ in frames)
    carried = (websocket.CONTINUATION, websocket.TEXT, websocket.BINARY)
    return b"".join(payload for code, payload in frames if code in carried), binary


def capsules(data):
    return list(capsule.Reader().feed(data))


def _frames(data):
    """HTTP/2 frames (RFC 9113 section 4.1): type, flags, stream, payload without padding and priority."""
    pos = 0
    while pos + 9 <= len(data):
        size = int.from_bytes(data[pos : pos + 3], "big")
        kind, flags = data[pos + 3], data[pos + 4]
        stream = int.from_bytes(data[pos + 5 : pos + 9], "big") & 0x7FFFFFFF
        payload = data[pos + 9 : pos + 9 + size]
        pos += 9 + size
        if kind in (0, 1) and flags & 8:
            payload = payload[1 : len(payload) - payload[0]]
        if kind == 1 and flags & 0x20:
            payload = payload[5:]
        yield kind, flags, stream, payload


def read_h2(data):
    """One direction of HTTP/2: {stream: [headers, DATA's bytes]}; header blocks in one frame each, as the lab has."""
    import hpack  # comes with python3-h2

    decoder, streams = hpack.Decoder(), {}
    for kind, _, stream, payload in _frames(data):
        if kind == 1:
            headers = {_text(name): _text(value) for name, value in decoder.decode(payload)}
            streams.setdefault(stream, [{}, b""])[0].update(headers)
        elif kind == 0:
            streams.setdefault(stream, [{}, b""])[1] += payload
    return streams


def _text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _encapsulated(cursor, head):
    """The parts of an ICAP message (RFC 3507 section 4.4.1): {name: its head's bytes}, and if a body follows."""
    parts, offsets = {}, []
    for item in head.get(b"encapsulated", b"").split(b","):
        name, _, offset = item.strip().partition(b"=")
        if offset:
            offsets.append((name, int(offset)))
    for (name, start), (_, end) in zip(offsets, offsets[1:]):
        parts[name] = cursor.take(end - start)
    return parts, bool(offsets) and offsets[-1][0] not in (b"null-body", b"opt-body")


def _chunks(cursor):
    """A body in chunks, or a preview of one."""
    while size := int(cursor.until(b"\r\n").partition(b";")[0], 16):
        cursor.take(size + 2)
    cursor.until(b"\r\n")


def read_icap(client, server, read_head):
    """ICAP requests that show HTTP: (method, ICAP head, encapsulated parts)."""
    while client.rest():
        line, head = read_head(client)
        parts, body = _encapsulated(client, head)
        if body:
            _chunks(client)
        while True:
            answer, answer_head = read_head(server)
            if answer.split()[1] == b"100":
                _chunks(client)
                continue
            if _encapsulated(server, answer_head)[1] and b" 204 " not in answer:
                _chunks(server)
            break
        if parts:
            yield line.split()[0], head, parts
