#!/usr/bin/python3
"""A capture, and a database of two networks in MaxMind's format."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

OUT = os.environ["OUTPUT_DIR"]


def packed(value):
    """Encode a value of the format's data section; numbers are (bits, n)."""
    if isinstance(value, str):
        raw = value.encode()
        assert len(raw) < 29
        return bytes([0x40 | len(raw)]) + raw
    if isinstance(value, dict):
        parts = [packed(k) + packed(v) for k, v in value.items()]
        return bytes([0xe0 | len(parts)]) + b"".join(parts)
    if isinstance(value, list):
        return bytes([len(value), 4]) + b"".join(packed(v) for v in value)
    kind, value = value
    return {16: b"\xa2" + struct.pack(">H", value),
            32: b"\xc4" + struct.pack(">I", value),
            64: b"\x08\x02" + struct.pack(">Q", value)}[kind]


def database(networks):
    """Return a database; networks: {(address, bits): country}."""
    nodes, data = [[None, None]], b""
    for (where, bits), country in networks.items():
        number = int.from_bytes(f.address(where), "big")
        at, here = 0, len(data)
        data += packed({"country": {"iso_code": country}})
        for i in range(bits):
            side = number >> (31 - i) & 1
            if i == bits - 1:
                nodes[at][side] = -1 - here
            elif nodes[at][side] is None:
                nodes.append([None, None])
                nodes[at][side] = len(nodes) - 1
            at = nodes[at][side] if i < bits - 1 else at
    tree = b""
    for node in nodes:
        for to in node:
            if to is None:
                to = len(nodes)
            elif to < 0:
                to = len(nodes) + 16 + (-1 - to)
            tree += struct.pack(">I", to)[1:]
    about = packed({"binary_format_major_version": (16, 2),
                    "binary_format_minor_version": (16, 0),
                    "build_epoch": (64, 1),
                    "database_type": "Test", "description": {"en": "test"},
                    "ip_version": (16, 4), "languages": ["en"],
                    "node_count": (32, len(nodes)),
                    "record_size": (16, 24)})
    return tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + about


with open(os.path.join(OUT, "test.mmdb"), "wb") as out:
    out.write(database({("192.0.2.0", 24): "DE", ("198.51.100.0", 25): "FR"}))
f.save(os.path.join(OUT, "input.pcap"), [
    f.udp("192.0.2.9", 1000, "198.51.100.1", 2000, b"a"),
    f.udp("192.0.2.9", 1001, "198.51.100.200", 2000, b"b"),
    f.udp("203.0.113.1", 1002, "198.51.100.1", 2000, b"c")])
