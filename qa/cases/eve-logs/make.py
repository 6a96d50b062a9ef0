#!/usr/bin/python3
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402


def ask(ident, kind):
    return struct.pack(">6H", ident, 0x100, 1, 0, 0, 0) + b"\1a\7example\0" + struct.pack(">2H", kind, 1)


packets = [f.udp("10.0.0.1", 40000 + kind, "192.0.2.53", 53, ask(kind, kind)) for kind in (1, 28, 15)]
packets += [p for _, p in f.session("10.0.0.1", 40000, "192.0.2.80", 80, f.http("www.example.com"))]
f.save("input.pcap", packets)
