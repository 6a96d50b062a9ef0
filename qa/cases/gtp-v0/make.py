#!/usr/bin/python3
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402


def gtp0(up, kind, payload):
    ends = ("192.0.2.1", "192.0.2.2") if up else ("192.0.2.2", "192.0.2.1")
    head = struct.pack(">BBHHHI8s", 0x1e, kind, len(payload), 1, 2,
                       0xffffffff, b"\x21\x43\x65\x07\0\0\0\x10")
    return f.udp(ends[0], 3386, ends[1], 3386, head + payload)


# A session is carried, then something is asked for (3GPP TS 09.60).
f.save("input.pcap",
       [gtp0(up, 255, packet) for up, packet in
        f.session("10.0.0.1", 1001, "10.0.0.2", 80, f.http("a.example"))]
       + [gtp0(True, 16, b"\0" * 30)])
