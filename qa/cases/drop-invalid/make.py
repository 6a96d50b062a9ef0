#!/usr/bin/python3
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

ends = "10.0.0.1", 1001, "10.0.0.2", 80
packets = [p for _, p in f.session(*ends, f.http("a.example"))]
# Before the request: bytes far beyond the window, and a reset there.
packets.insert(3, f.tcp(*ends, 900000, 2001, f.ACK, b"nobody takes it"))
packets.insert(4, f.tcp(*ends, 900000, 2001, f.RST | f.ACK))
f.save("input.pcap", packets)
