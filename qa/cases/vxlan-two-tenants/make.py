#!/usr/bin/python3
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

# Two tenants with equal addresses and ports, their packets in turn; what
# goes back has other outer ports.
one = f.session("10.0.0.1", 40000, "10.0.0.2", 80, f.http("one.test"))
two = f.session("10.0.0.1", 40000, "10.0.0.2", 80, f.http("two.test"))
packets = []
for pair in zip(one, two):
    for vni, (up, packet) in zip((10, 20), pair):
        ends = (("192.0.2.1", 50000 + vni, "192.0.2.2") if up else
                ("192.0.2.2", 60000 + vni, "192.0.2.1"))
        packets.append(f.vxlan(*ends, vni, f.ethernet(packet)))
f.save("input.pcap", packets)
