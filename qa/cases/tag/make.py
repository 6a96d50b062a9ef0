#!/usr/bin/python3
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

# Ten datagrams each: of a flow whose third is alerted, of a host whose third
# is alerted and that then speaks to another, of a flow that nobody tags.
packets = []
for port, word in ((1001, b"flow"), (1002, b"host"), (1003, b"none")):
    client = f"10.0.0.{port - 1000}"
    packets += [f.udp(client, port, "10.0.1.1" if i < 6 else "10.0.1.2", 2000,
                      word if i == 2 else b"x%d" % i) for i in range(10)]
f.save(os.path.join(os.environ["OUTPUT_DIR"], "input.pcap"), packets)
