#!/usr/bin/python3
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402


def tagged(vlan, packet):
    return f.ethernet(struct.pack(">HH", vlan, 0x0800) + packet, 0x8100)


# A tap: what the client sends has a tag, what the server sends has none; the
# tunnel's ends are in VLANs of their own; a datagram's fragments in two.
session = f.session("10.0.0.1", 1001, "10.0.0.2", 80, f.http("a.example"))
inner = f.session("10.1.0.1", 1001, "10.1.0.2", 80, f.http("b.example"))
query = f.udp("10.0.0.3", 1003, "10.0.0.2", 53,
              bytes.fromhex("000101000001000000000000")
              + b"\x07example\x03org\0\0\x01\0\x01")
first, *rest = f.fragments(query, 24)
f.save("input.pcap",
       [tagged(3136, p) if up else p for up, p in session]
       + [tagged(7 if up else 8, f.gre(*ends, p)) for up, p in inner
          for ends in [("192.0.2.1", "192.0.2.2") if up
                       else ("192.0.2.2", "192.0.2.1")]]
       + [tagged(1, first)] + [tagged(2, p) for p in rest])
