#!/usr/bin/python3
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

# SOCKS5 without a password to 203.0.113.9, and HTTP in it.
messages = [(True, b"\5\1\0"), (False, b"\5\0"),
            (True, b"\5\1\0\1\xcb\0\x71\x09\0\x50"),
            (False, b"\5\0\0\1\xc0\0\2\x63\x10\0")] + f.http("inner.test")
packets = [f.vxlan("192.0.2.1", 50000, "192.0.2.2", 7, f.ethernet(p)) if up
           else f.vxlan("192.0.2.2", 50001, "192.0.2.1", 7, f.ethernet(p))
           for up, p in f.session("10.0.0.1", 40000, "10.0.0.2", 1080, messages)]
f.save("input.pcap", packets)
