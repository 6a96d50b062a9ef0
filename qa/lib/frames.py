"""Packets, built from the inside out: what cases with recipes are made of.

Each function returns bytes; addresses are text. `save` writes a pcap file
whose frames are a millisecond apart.
"""

import ipaddress
import struct

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def address(text):
    """Return an address's bytes."""
    return ipaddress.ip_address(text).packed


def checksum(data):
    """Return the Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip(src, dst, proto, payload, ident=1, fragment=0):
    """Return an IPv4 or IPv6 packet; fragment: flags and offset of IPv4."""
    ends = address(src) + address(dst)
    if len(ends) == 32:
        head = struct.pack(">IHBB", 6 << 28, len(payload), proto, 64)
        return head + ends + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), ident,
                       fragment, 64, proto, 0) + ends
    return (head[:10] + struct.pack(">H", checksum(head)) + head[12:]
            + payload)


def _summed(src, dst, proto, head, at, payload):
    """Return head and payload with the checksum at its place."""
    message = head + payload
    pseudo = (address(src) + address(dst) + struct.pack(">I", len(message))
              + bytes([0, 0, 0, proto]))
    value = checksum(pseudo + message) or 0xffff
    return message[:at] + struct.pack(">H", value) + message[at + 2:]


def udp(src, sport, dst, dport, payload):
    """Return an IP packet with a UDP datagram."""
    head = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0)
    return ip(src, dst, 17, _summed(src, dst, 17, head, 6, payload))


def tcp(src, sport, dst, dport, seq, ack, flags, payload=b""):
    """Return an IP packet with a TCP segment."""
    head = struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 0x50, flags,
                       65535, 0, 0)
    return ip(src, dst, 6, _summed(src, dst, 6, head, 16, payload))


def icmp(src, dst, kind, code, rest, payload=b""):
    """Return an IPv4 packet with an ICMP message."""
    head = struct.pack(">BBHI", kind, code, 0, rest)
    head = struct.pack(">BBHI", kind, code, checksum(head + payload), rest)
    return ip(src, dst, 1, head + payload)


def ethernet(payload, kind=None):
    """Return an Ethernet frame; its type is that of the IP packet."""
    if kind is None:
        kind = 0x86dd if payload[0] >> 4 == 6 else 0x0800
    return (bytes.fromhex("020000000002020000000001")
            + struct.pack(">H", kind) + payload)


def vxlan(src, sport, dst, vni, frame):
    """Return an IP packet with VXLAN (RFC 7348)."""
    return udp(src, sport, dst, 4789,
               struct.pack(">II", 0x08000000, vni << 8) + frame)


def gre(src, dst, payload, key=None, kind=0x0800):
    """Return an IP packet with GRE (RFC 2784, 2890)."""
    head = struct.pack(">HH", 0 if key is None else 0x2000, kind)
    if key is not None:
        head += struct.pack(">I", key)
    return ip(src, dst, 47, head + payload)


def fragments(packet, size):
    """Return an IPv4 packet as fragments of so many bytes."""
    body = packet[20:]
    src = str(ipaddress.ip_address(packet[12:16]))
    dst = str(ipaddress.ip_address(packet[16:20]))
    return [ip(src, dst, packet[9], body[at:at + size], 77,
               at // 8 | (0x2000 if at + size < len(body) else 0))
            for at in range(0, len(body), size)]


def session(client, cport, server, sport, messages):
    """Return [(to the server?, packet)] of a TCP connection from its SYN to
    its end; messages: [(to the server?, bytes)]."""
    ends = {True: (client, cport, server, sport),
            False: (server, sport, client, cport)}
    seq = {True: 1000, False: 2000}
    packets = []

    def send(up, flags, payload=b""):
        ack = seq[not up] if flags & ACK else 0
        packets.append((up, tcp(*ends[up], seq[up], ack, flags, payload)))
        seq[up] += len(payload) + (1 if flags & (SYN | FIN) else 0)

    send(True, SYN)
    send(False, SYN | ACK)
    send(True, ACK)
    for up, payload in messages:
        send(up, PSH | ACK, payload)
    send(True, FIN | ACK)
    send(False, FIN | ACK)
    send(True, ACK)
    return packets


def http(host, answer=b"hello"):
    """Return the messages of one HTTP transaction."""
    return [(True, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()),
            (False, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
             % (len(answer), answer))]


def save(path, packets):
    """Write IP packets, or whole frames, as an Ethernet capture."""
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for number, packet in enumerate(packets):
            if packet[0] >> 4 in (4, 6):
                packet = ethernet(packet)
            out.write(struct.pack("<IIII", 1700000000 + number // 1000,
                                  number % 1000 * 1000, len(packet),
                                  len(packet)) + packet)
