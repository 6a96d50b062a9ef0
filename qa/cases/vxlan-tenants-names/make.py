#!/usr/bin/python3
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

NAME = b"\x02db\x04test\0"


def dns(ident, address):
    """A question for db.test and its answer."""
    ask = struct.pack(">6H", ident, 0x0100, 1, 0, 0, 0) + NAME + b"\0\1\0\1"
    answer = (struct.pack(">6H", ident, 0x8180, 1, 1, 0, 0) + NAME +
              b"\0\1\0\1" + b"\xc0\x0c\0\1\0\1\0\0\x0e\x10\0\4" + address)
    return ask, answer


def tenant(vni, address):
    """Alike in all but what the name means, and for whom."""
    def wrap(up, packet):
        ends = (("192.0.2.1", 50000, "192.0.2.2") if up else
                ("192.0.2.2", 50001, "192.0.2.1"))
        return f.vxlan(*ends, vni, f.ethernet(packet))

    packets = []
    if address:
        ask, answer = dns(vni, address)
        packets = [wrap(True, f.udp("10.0.0.1", 5353, "10.0.0.53", 53, ask)),
                   wrap(False, f.udp("10.0.0.53", 53, "10.0.0.1", 5353,
                                     answer))]
    messages = [(True, b"\5\1\0"), (False, b"\5\0"),
                (True, b"\5\1\0\3\7db.test\0\x50"),
                (False, b"\5\0\0\1\xc0\0\2\x63\x10\0")]
    messages += f.http("db.test")
    socks = [wrap(up, p) for up, p in
             f.session("10.0.0.1", 40000, "10.0.0.2", 1080, messages)]
    # The proxy's other leg, in the same tenant's network.
    leg = [wrap(up, p) for up, p in
           f.session("10.0.0.2", 41000, "10.0.0.9", 80, f.http("db.test"))]
    if vni != 9:
        return packets + socks
    # It begins before the proxy says yes.
    return (socks[:6] + leg[:3] + socks[6:8] + leg[3:5] + socks[8:] + leg[5:])


# Tenant 9 was told nothing, and its proxy's other leg is there; tenant 10 has
# neither.
f.save("input.pcap", tenant(7, b"\xcb\0\x71\7") +
       tenant(8, b"\xcb\0\x71\x08") + tenant(9, b"") + tenant(10, b""))
