#!/usr/bin/python3
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

# Four connections: one is dropped by its address, one by what it asks, one is
# passed, one rejected; and a datagram that alone is dropped.
packets = []
for port, path in ((1001, "a"), (1002, "secret"), (1003, "secret"),
                   (1004, "reject")):
    client = "10.0.0.66" if port == 1001 else "10.0.0.1"
    server = "10.0.0.3" if port == 1003 else "10.0.0.2"
    messages = f.http("a.example")
    messages[0] = (True, messages[0][1].replace(b"/ ", f"/{path} ".encode()))
    packets += f.session(client, port, server, 80, messages)
packets += [(True, f.udp("10.0.0.1", 53, "10.0.0.2", 9, b"drop me")),
            (True, f.udp("10.0.0.1", 53, "10.0.0.2", 9, b"keep me"))]
f.save("input.pcap", [packet for _, packet in packets])
