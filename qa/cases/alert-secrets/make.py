#!/usr/bin/python3
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402


def pieces(data, size):
    return [(True, data[at:at + size]) for at in range(0, len(data), size)]


# Credentials in whole messages, cut small, sent again from their middle on,
# too early, without the connection's begin, and in tunnels inside tunnels.
web = ("10.0.0.1", "10.0.0.2")
request = (b"GET /a HTTP/1.1\r\nHost: a.example\r\n"
           b"Authorization: Basic UGFzc3dvcmQtMQ==\r\nX-After: seen\r\n\r\n")
answer = (False, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
plain = f.session(web[0], 1001, web[1], 80, [(True, request), answer])
small = f.session(web[0], 1002, web[1], 80, pieces(request, 7) + [answer])

again = f.session(web[0], 1003, web[1], 80, [(True, request), answer])
at = request.index(b"UGFz") + 4
again.insert(4, (True, f.tcp(web[0], 1003, web[1], 80, 1001 + at, 2001,
                             f.ACK, request[at:])))

early = f.session(web[0], 1004, web[1], 80, pieces(request, at) + [answer])
early[3], early[4] = early[4], early[3]

middle = f.session(web[0], 1005, web[1], 80,
                   pieces(request, at) + [answer])[4:]

auth = b"\x05\x01\x02", b"\x01\x03bob\x0aPassword-2"
ask = b"\x05\x01\x00\x03\x09b.example\x00\x50"
inner = [(True, auth[0]), (False, b"\x05\x02"),
         (True, auth[1][:9]), (True, auth[1][9:]), (False, b"\x01\x00"),
         (True, ask), (False, b"\x05\x00\x00\x01\x0a\x00\x00\x09\x00\x50"),
         (True, request), answer]
socks = f.session(web[0], 1006, web[1], 1080, inner)
nested = f.session(web[0], 1007, web[1], 3128, [
    (True, b"CONNECT c.example:1080 HTTP/1.1\r\nHost: c.example:1080\r\n"
           b"proxy-authorization: basic UGFzc3dvcmQtMw==\r\n\r\n"),
    (False, b"HTTP/1.1 200 OK\r\n\r\n")] + inner)

f.save("input.pcap", [packet for s in (plain, small, again, early, middle,
                                       socks, nested) for _, packet in s])
