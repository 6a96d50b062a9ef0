#!/usr/bin/python3
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

# IPv6 in IPv4, GRE in that, and a proxy's connection in GRE.
messages = [(True, b"CONNECT 203.0.113.9:80 HTTP/1.1\r\n"
                   b"Host: 203.0.113.9:80\r\n\r\n"),
            (False, b"HTTP/1.1 200 OK\r\n\r\n")] + f.http("inner.test")
packets = []
for up, p in f.session("10.0.0.1", 40000, "10.0.0.2", 3128, messages):
    six = ("2001:db8::1", "2001:db8::2")
    four = ("192.0.2.1", "192.0.2.2")
    if not up:
        six, four = six[::-1], four[::-1]
    packets.append(f.ip(*four, 41, f.gre(*six, p, key=99)))
f.save("input.pcap", packets)
