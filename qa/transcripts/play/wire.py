"""Writing captures: Ethernet, IPv4, TCP and UDP, checksums and numbers right.

One packet a microsecond, connections one after the other.
"""

import ipaddress
import struct

TCP, UDP = 6, 17
FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
START = 1_500_000_000_000_000  # microseconds since 1970
MSS = 1460
SERVER = ipaddress.IPv4Address("10.88.0.1").packed
CLIENT_NET = ipaddress.IPv4Network("10.77.0.0/16")
CLIENT_MAC, SERVER_MAC = b"\x02\0\0\0\0\x01", b"\x02\0\0\0\0\x02"


def checksum(data):
    """Return the Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def client_of(number):
    """Return address and port of the number-th connection's client."""
    return CLIENT_NET[number + 1], 20000 + number


class Capture:
    """A pcap file that is being put together in memory."""

    def __init__(self):
        self.data = bytearray(struct.pack(
            "<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        self.time = START
        self.ident = 0

    def frame(self, data):
        """Add one frame."""
        self.time += 1
        self.data += struct.pack("<IIII", *divmod(self.time, 1_000_000),
                                 len(data), len(data)) + data

    def pause(self, seconds):
        """Let time pass."""
        self.time += int(seconds * 1_000_000)


class Connection:
    """A TCP connection between client number `number` and the server."""

    def __init__(self, capture, number, port, udp_port=0, udp_client=0):
        self.capture = capture
        address, self.client_port = client_of(number)
        self.addresses = address.packed, SERVER
        self.ports = self.client_port, port
        self.udp_ports = udp_client or self.client_port, udp_port
        self.next = [0x10000000 + number * 0x10000,
                     0x80000000 + number * 0x10000]

    def _send(self, side, flags, data=b"", lost=False):
        other = 1 - side
        ack = self.next[other] if flags & ACK else 0
        options = struct.pack("!BBH", 2, 4, MSS) if flags & SYN else b""
        head = struct.pack("!HHIIBBHHH", self.ports[side], self.ports[other],
                           self.next[side] & 0xFFFFFFFF, ack & 0xFFFFFFFF,
                           5 + len(options) // 4 << 4, flags, 65535, 0, 0)
        addresses = self.addresses[side] + self.addresses[other]
        tcp = head + options + data
        pseudo = addresses + struct.pack("!BBH", 0, TCP, len(tcp))
        tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
        self.next[side] += len(data) + bool(flags & (SYN | FIN))
        if not lost:
            self.capture.frame(self._ethernet(side, addresses, TCP, tcp))

    def _ethernet(self, side, addresses, protocol, data):
        self.capture.ident = (self.capture.ident + 1) & 0xFFFF
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(data),
                           self.capture.ident, 0x4000, 64, protocol, 0)
        total = struct.pack("!H", checksum(head + addresses))
        macs = (SERVER_MAC + CLIENT_MAC, CLIENT_MAC + SERVER_MAC)[side]
        return macs + b"\x08\0" + head[:10] + total + addresses + data

    def open(self):
        """Shake hands."""
        self._send(0, SYN)
        self._send(1, SYN | ACK)
        self._send(0, ACK)

    def say(self, side, data, lost=False):
        """Send one segment, and the other side's ACK of it.

        A lost one is only missing in the capture: its ACK is there.
        """
        for at in range(0, len(data), MSS):
            self._send(side, PSH | ACK, data[at:at + MSS], lost)
            self._send(1 - side, ACK)

    def datagram(self, side, data, lost=False):
        """Send a UDP datagram."""
        ports = self.udp_ports
        addresses = self.addresses[side] + self.addresses[1 - side]
        head = struct.pack("!HHH", ports[side], ports[1 - side],
                           8 + len(data))
        pseudo = addresses + struct.pack("!BBH", 0, UDP, 8 + len(data))
        total = checksum(pseudo + head + b"\0\0" + data) or 0xFFFF
        if not lost:
            udp = head + struct.pack("!H", total) + data
            self.capture.frame(self._ethernet(side, addresses, UDP, udp))

    def close(self, how):
        """End the connection: "fin" (the client first), "rst" or "none"."""
        if how == "fin":
            self._send(0, FIN | ACK)
            self._send(1, FIN | ACK)
            self._send(0, ACK)
        elif how == "rst":
            self._send(0, RST | ACK)
