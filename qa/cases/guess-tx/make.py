#!/usr/bin/python3
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402


def ask(ident, name):
    labels = b"".join(bytes([len(x)]) + x for x in name.split(b"."))
    return (struct.pack(">HHHHHH", ident, 0x100, 1, 0, 0, 0) + labels
            + struct.pack(">BHH", 0, 1, 1))


def framed(*messages):
    return b"".join(struct.pack(">H", len(m)) + m for m in messages)


# One message; two at once, of which none can be meant; a datagram.
one, two = ask(1, b"one.example"), ask(2, b"two.example")
f.save("input.pcap",
       [p for _, p in f.session("10.0.0.1", 1001, "10.0.0.2", 53,
                                [(True, framed(one))])]
       + [p for _, p in f.session("10.0.0.1", 1002, "10.0.0.2", 53,
                                  [(True, framed(one, two))])]
       + [f.udp("10.0.0.1", 1003, "10.0.0.2", 53, one)])
