#!/usr/bin/python3
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

# A router and the host itself say that a port can't be reached; one error
# speaks of nothing that was seen. Two security associations, and an ARP pair.
lost = f.udp("10.0.0.1", 5000, "10.0.0.2", 9, b"hello")
unseen = f.udp("10.0.0.7", 5000, "10.0.0.2", 9, b"hello")
arp = "0001 0800 0604 %s 020000000001 0a000001 000000000000 0a000002"
f.save("input.pcap", [
    lost,
    f.icmp("10.9.9.9", "10.0.0.1", 3, 1, 0, lost[:28]),
    f.icmp("10.0.0.2", "10.0.0.1", 3, 3, 0, lost[:28]),
    f.icmp("10.9.9.9", "10.0.0.7", 11, 0, 0, unseen[:28]),
    f.ip("10.0.0.1", "10.0.0.2", 50, b"\0\0\1\0" + b"\0\0\0\1" + b"e" * 16),
    f.ip("10.0.0.1", "10.0.0.2", 50, b"\0\0\2\0" + b"\0\0\0\1" + b"e" * 16),
    f.ip("10.0.0.1", "10.0.0.2", 132, b"\x1f\x40\x0b\x59" + bytes(8)),
    f.ethernet(bytes.fromhex(arp % "0001"), 0x0806),
    f.ethernet(bytes.fromhex(arp % "0002"), 0x0806),
])
