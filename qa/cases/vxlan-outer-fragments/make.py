#!/usr/bin/python3
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

# A VXLAN packet in outer fragments that come in the wrong order.
packets = []
for up, p in f.session("10.0.0.1", 40000, "10.0.0.2", 80, f.http("inner.test", b"x" * 1200)):
    ends = (("192.0.2.1", 50000, "192.0.2.2") if up else
            ("192.0.2.2", 60000, "192.0.2.1"))
    outer = f.vxlan(*ends, 7, f.ethernet(p))
    if len(outer) < 600:
        packets.append(outer)
    else:
        packets += f.fragments(outer, 480)[::-1]
f.save("input.pcap", packets)
