#!/usr/bin/python3
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

PROXY = ("10.9.0.1", 1080)


def tunnel(client, port, target, path):
    """A SOCKS5 session through the proxy to a target, with one request."""
    where = f.address(target) + b"\x00\x50"
    request = (f"GET {path} HTTP/1.1\r\nHost: www.example\r\n"
               f"User-Agent: agent-{client}\r\n\r\n").encode()
    return f.session(client, port, *PROXY, [
        (True, b"\x05\x01\x00"), (False, b"\x05\x00"),
        (True, b"\x05\x01\x00\x01" + where),
        (False, b"\x05\x00\x00\x01\x0a\x09\x00\x01\x30\x39"),
        (True, request),
        (False, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")])


# Two clients, two targets, all through one proxy: who is counted is the
# client, and where it went, not the proxy.
sessions = [("10.0.0.1", "198.51.100.1"), ("10.0.0.1", "198.51.100.1"),
            ("10.0.0.2", "198.51.100.1"), ("10.0.0.1", "198.51.100.2"),
            ("10.0.0.2", "198.51.100.2"), ("10.0.0.1", "198.51.100.1")]
packets = []
for number, (client, target) in enumerate(sessions):
    packets += [p for _, p in tunnel(client, 2000 + number, target,
                                     "/first" if number == 0 else "/more")]
f.save(os.path.join(os.environ["OUTPUT_DIR"], "input.pcap"), packets)
