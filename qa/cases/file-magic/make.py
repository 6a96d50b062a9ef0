#!/usr/bin/python3
import os
import struct
import sys
import zlib

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


png = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0))
       + chunk(b"IDAT", zlib.compress(b"\0" + b"\0" * 9 + b"\0" + b"\0" * 9)) + chunk(b"IEND", b""))
text = b"GIF8, it says, but it is words.\n" * 500
gif = b"GIF89a" + struct.pack("<HHBBB", 5, 7, 0, 0, 0) + b";"


def reply(body, pieces):
    size = -(-len(body) // pieces)
    return [(False, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))] + \
           [(False, body[at:at + size]) for at in range(0, len(body), size)]


messages = []
for path, body, pieces in ((b"/a", png, 9), (b"/b", text, 3), (b"/c", gif, 1)):
    messages += [(True, b"GET %s HTTP/1.1\r\nHost: example.com\r\n\r\n" % path)] + reply(body, pieces)
f.save("input.pcap", [p for _, p in f.session("10.0.0.1", 40000, "192.0.2.80", 80, messages)])
