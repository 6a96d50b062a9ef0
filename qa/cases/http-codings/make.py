#!/usr/bin/python3
import os
import random
import sys
import zlib

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

SEGMENT = 1400


def text(n):
    """Return n bytes that compress a little, the same each time."""
    dice = random.Random(n)
    return bytes(dice.choice(b"abcdefghijklm ") for _ in range(n))


def pack(plain, window):
    z = zlib.compressobj(6, zlib.DEFLATED, window)
    return z.compress(plain) + z.flush()


def gzip(plain):
    return pack(plain, 31)


def wrapped(plain):
    return pack(plain, 15)


def bare(plain):
    return pack(plain, -15)


def spoilt(packed):
    """Change the last byte but eight, the first of gzip's checksum."""
    return packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:]


def named(packed):
    """A header with a name and a checksum of the header that is wrong."""
    return packed[:3] + b"\x0a" + packed[4:10] + b"name\0" + b"\x01\x02" + packed[10:]


page = text(50000)
lzma = bytes.fromhex("5d00000100ffffffffffffffff002a1a08a2032566f14b78c5a205ff2ee6d9d2201acc39a9292833ffffb0bc0000")

# The reply's path, its coding and body.
replies = [
    ("gzip", "gzip", gzip(page)),
    ("bytes-behind", "X-GZIP", gzip(page) + b"behind"),
    ("two-members", "gzip", gzip(page[:20000]) + gzip(page[20000:])),
    ("nothing", "gzip", gzip(b"")),
    ("bare", "deflate", bare(page)),
    ("wrapped", "deflate", wrapped(page)),
    ("gzip-called-deflate", "deflate", gzip(page)),
    ("zlib-called-gzip", "gzip", wrapped(page)),
    ("bare-called-gzip", "gzip", bare(page)),
    ("plain-called-gzip", "gzip", page),
    ("twice", "gzip, deflate", gzip(wrapped(page))),
    ("thrice", "gzip, gzip, gzip", gzip(gzip(gzip(page)))),
    ("odd-name", "xgzipx", gzip(page)),
    ("unknown", "rot13", page),
    ("broken-checksum", "gzip", spoilt(gzip(page))),
    ("broken-header", "gzip", named(gzip(page))),
    ("cut", "gzip", gzip(page)[:10000]),
    ("long", "gzip", gzip(text(300000))),
    ("long-broken", "gzip", spoilt(gzip(text(300000)))),
    ("bomb", "gzip, gzip", gzip(gzip(bytes(30000000)))),
    ("lzma", "lzma", lzma),
    ("gap", "gzip", gzip(page)),
]

packets = []
for number, (name, coding, body) in enumerate(replies):
    messages = [
        (True, b"GET /%s HTTP/1.1\r\nHost: a.example\r\n\r\n" % name.encode()),
        (False, b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n"
         % (coding.encode(), len(body))),
    ]
    messages += [(False, body[i:i + SEGMENT]) for i in range(0, len(body), SEGMENT)]
    if name == "gap":
        messages += f.http("behind.example", b"hello")
    session = f.session("10.0.0.1", 40000 + number, "192.0.2.80", 80, messages)
    if name == "gap":  # the tenth segment of the body
        session.remove([p for p in session if not p[0] and len(p[1]) > SEGMENT][9])
    packets += [p for _, p in session]

for number, (name, coding, body) in enumerate([("up", "gzip", gzip(page)), ("up-twice", "gzip, gzip", gzip(page))]):
    messages = [
        (True, b"PUT /%s HTTP/1.1\r\nHost: a.example\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n"
         % (name.encode(), coding.encode(), len(body))),
        (True, body),
        (False, b"HTTP/1.1 204 No Content\r\n\r\n"),
    ]
    packets += [p for _, p in f.session("10.0.0.1", 50000 + number, "192.0.2.80", 80, messages)]

f.save("input.pcap", packets)
