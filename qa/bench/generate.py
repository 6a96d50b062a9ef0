#!/usr/bin/env python3
"""A capture to measure with where there is none of real traffic.

    generate.py OUT [CONNECTIONS]

HTTP as it is, in SOCKS 5 and in CONNECT, a third each: short connections of 1 KB objects and, every fiftieth, one of
200 KB; 32 of them open at a time. The same bytes every time. Real clients and proxies vary more, so figures
from this capture compare with one another, not with those of captured traffic.
"""

import heapq
import socket
import struct
import sys

SYN, ACK, PSH, FIN = 0x02, 0x10, 0x08, 0x01
SEGMENT = 1448
OPEN_AT_ONCE = 32
START = 1_700_000_000_000_000  # microseconds
PROXY = "198.18.1.1"


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(src, sport, dst, dport, seq, ack, flags, payload):
    ends = socket.inet_aton(src) + socket.inet_aton(dst)
    tcp = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 64240, 0, 0) + payload
    pseudo = ends + struct.pack("!BBH", 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + ends
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + ip + tcp


def say(*turns):
    """(client speaks, bytes) for each turn, the client first."""
    return [(i % 2 == 0, data) for i, data in enumerate(turns)]


def http(host, number):
    size = 200_000 if number % 50 == 49 else 1024
    request = f"GET /object/{number} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: generate/1\r\nAccept: */*\r\n\r\n"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {size}\r\nServer: generate\r\n\r\n"
    return say(request.encode(), head.encode() + b"x" * size)


def conversation(number):
    """Server's address and port, and who says what."""
    host = f"s{number % 97}.generate.test"
    session = http(host, number)
    if number % 3 == 0:
        return f"198.18.2.{1 + number % 97}", 80, session
    if number % 3 == 1:
        ask = b"\5\1\0\3" + bytes([len(host)]) + host.encode() + b"\0\x50"
        return PROXY, 1080, say(b"\5\1\0", b"\5\0", ask, b"\5\0\0\1\0\0\0\0\0\0") + session
    ask = f"CONNECT {host}:80 HTTP/1.1\r\nHost: {host}:80\r\n\r\n".encode()
    return PROXY, 8888, say(ask, b"HTTP/1.1 200 Connection established\r\n\r\n") + session


def connection(number):
    """The frames of one connection, from SYN to the last ACK."""
    server, port, turns = conversation(number)
    client = (f"198.18.1.{10 + number % 4}", 20000 + number % 40000)
    seq = {True: 1_000_000 + number, False: 2_000_000 + number}  # by: the client speaks

    def send(client_speaks, flags, payload=b""):
        src, dst = (client, (server, port)) if client_speaks else ((server, port), client)
        ack = seq[not client_speaks] if flags & ACK else 0
        out = frame(*src, *dst, seq[client_speaks], ack, flags, payload)
        seq[client_speaks] += len(payload) + bool(flags & (SYN | FIN))
        return out

    yield send(True, SYN)
    yield send(False, SYN | ACK)
    yield send(True, ACK)
    for client_speaks, data in turns:
        for at in range(0, len(data), SEGMENT):
            yield send(client_speaks, ACK | PSH, data[at : at + SEGMENT])
            if at // SEGMENT % 2:
                yield send(not client_speaks, ACK)
    yield send(True, FIN | ACK)
    yield send(False, FIN | ACK)
    yield send(True, ACK)


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 4000
    # Whose turn it is next: (time, number of the connection, its frames); a finished one makes room for the next.
    turns = [(START + 40 * n, n, connection(n)) for n in range(min(OPEN_AT_ONCE, count))]
    begun = len(turns)
    with open(sys.argv[1], "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        while turns:
            time, number, frames = heapq.heappop(turns)
            data = next(frames, None)
            if data is None:
                if begun < count:
                    heapq.heappush(turns, (time, begun, connection(begun)))
                    begun += 1
                continue
            out.write(struct.pack("<IIII", time // 1_000_000, time % 1_000_000, len(data), len(data)) + data)
            heapq.heappush(turns, (time + 40 * OPEN_AT_ONCE, number, frames))


if __name__ == "__main__":
    main()
