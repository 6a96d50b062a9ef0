"""Captures, read plainly: packets, TCP streams put together, UDP flows. Slow and simple on purpose.

Ethernet only, whole connections without fragments: what the lab's and the benchmark's captures are.
"""

import ipaddress
import struct
from collections import namedtuple

ETHERNET = 1
IPV4, IPV6, VLAN = 0x0800, 0x86DD, 0x8100
TCP, UDP = 6, 17
FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10

Packet = namedtuple("Packet", "number time proto src sport dst dport flags seq data")


def _byte_order(magic):
    """Byte order and fraction of a second of a pcap file, by its first four bytes."""
    for order in "<>":
        value = struct.unpack(order + "I", magic)[0]
        if value == 0xA1B2C3D4:
            return order, 1e-6
        if value == 0xA1B23C4D:
            return order, 1e-9
    raise ValueError("not a pcap file")


def raw_packets(path):
    """(time in seconds, record header, bytes) of each packet."""
    with open(path, "rb") as file:
        head = file.read(24)
        order, unit = _byte_order(head[:4])
        if struct.unpack(order + "I", head[20:24])[0] & 0x0FFFFFFF != ETHERNET:
            raise ValueError(f"{path}: not Ethernet")
        while len(record := file.read(16)) == 16:
            seconds, fraction, length, _ = struct.unpack(order + "IIII", record)
            data = file.read(length)
            if len(data) < length:
                return  # still being written
            yield seconds + fraction * unit, record, data


def _decode(number, time, frame):
    pos, kind = 14, struct.unpack_from("!H", frame, 12)[0]
    while kind == VLAN:
        kind, pos = struct.unpack_from("!H", frame, pos + 2)[0], pos + 4
    if kind == IPV4:
        end = pos + struct.unpack_from("!H", frame, pos + 2)[0]
        proto, src, dst = frame[pos + 9], frame[pos + 12 : pos + 16], frame[pos + 16 : pos + 20]
        pos += (frame[pos] & 15) * 4
    elif kind == IPV6:
        end = pos + 40 + struct.unpack_from("!H", frame, pos + 4)[0]
        proto, src, dst = frame[pos + 6], frame[pos + 8 : pos + 24], frame[pos + 24 : pos + 40]
        pos += 40
    else:
        return None
    if proto == TCP:
        sport, dport, seq, _, offset, flags = struct.unpack_from("!HHIIBB", frame, pos)
        return Packet(number, time, TCP, src, sport, dst, dport, flags, seq, frame[pos + (offset >> 4) * 4 : end])
    if proto == UDP:
        sport, dport = struct.unpack_from("!HH", frame, pos)
        return Packet(number, time, UDP, src, sport, dst, dport, 0, 0, frame[pos + 8 : end])
    return None


def packets(path):
    """The TCP and UDP packets of a capture; numbers count every packet from 1, as other tools do."""
    for number, (time, _, frame) in enumerate(raw_packets(path), 1):
        packet = _decode(number, time, frame)
        if packet:
            yield packet


def address(value):
    """Bytes or text as EVE has it: IPv6 in full, as Suricata 8 writes it."""
    return ipaddress.ip_address(value).exploded


class Half:
    """One direction of a TCP connection."""

    def __init__(self):
        self.base = None  # sequence number of the first byte
        self.segments = []

    def add(self, packet):
        if packet.flags & SYN:
            self.base = (packet.seq + 1) & 0xFFFFFFFF
        elif self.base is None:
            self.base = packet.seq
        if packet.data:
            self.segments.append(((packet.seq - self.base) & 0xFFFFFFFF, packet.data))

    def bytes(self):
        """What was sent, up to the first hole. A one-byte probe of a closed window repeats an old byte: dropped."""
        out = bytearray()
        for offset, data in sorted(s for s in self.segments if s[0] < 1 << 31):
            if offset > len(out):
                break
            out += data[len(out) - offset :]
        return bytes(out)


class Stream:
    """A TCP connection or UDP flow; the client is who sent the SYN, or the first datagram."""

    def __init__(self, packet):
        self.number, self.time, self.proto = packet.number, packet.time, packet.proto
        self.client = (address(packet.src), packet.sport)
        self.server = (address(packet.dst), packet.dport)
        self.to_server, self.to_client = Half(), Half()
        self.datagrams = []  # (client sent it, bytes)


def streams(path):
    """The connections and UDP flows of a capture, in the order they began."""
    out, open_streams = [], {}
    for packet in packets(path):
        ends = ((packet.src, packet.sport), (packet.dst, packet.dport))
        key = (packet.proto, min(ends), max(ends))
        fresh = packet.flags & (SYN | ACK) == SYN
        if key in open_streams and fresh:
            # The same tuple again is a new connection, unless this SYN is the old one repeated.
            stream, _ = open_streams[key]
            if stream.to_server.base != (packet.seq + 1) & 0xFFFFFFFF:
                del open_streams[key]
        if key not in open_streams:
            open_streams[key] = (Stream(packet), ends[0])
            out.append(open_streams[key][0])
        stream, origin = open_streams[key]
        from_client = ends[0] == origin
        if packet.proto == UDP:
            stream.datagrams.append((from_client, packet.data))
        else:
            (stream.to_server if from_client else stream.to_client).add(packet)
    return out
