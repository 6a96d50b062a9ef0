#!/usr/bin/python3
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

# Port 4789 as a client's, a broken frame in VXLAN, tunnels without end.
query = bytes.fromhex("0834 0100 0001 0000 0000 0000 03777777 0474657374 00 0001 0001")
answer = (bytes.fromhex("0834 8180 0001 0001 0000 0000 03777777 0474657374 00 0001 0001")
          + bytes.fromhex("c00c 0001 0001 0000003c 0004 cb007109"))
nested = f.udp("10.0.0.1", 1, "10.0.0.2", 2, b"x")
for i in range(12):
    nested = f.ip(f"10.1.{i}.1", f"10.1.{i}.2", 4, nested)
f.save("input.pcap", [
    f.udp("10.0.0.1", 4789, "10.0.0.53", 53, query),
    f.udp("10.0.0.53", 53, "10.0.0.1", 4789, answer),
    f.vxlan("192.0.2.1", 5, "192.0.2.2", 7, f.ethernet(b"\x45\0\xff\xff" + bytes(16), 0x0800)),
    nested,
])
