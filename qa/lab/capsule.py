"""Capsules (RFC 9297) that carry UDP datagrams (RFC 9298): made, and taken apart as they come."""

DATAGRAM = 0


def number(value):
    """A variable-length integer, RFC 9000 section 16."""
    for bits, mark in ((6, 0), (14, 1), (30, 2)):
        if value < 1 << bits:
            size = (bits + 2) // 8
            return (value | mark << bits).to_bytes(size, "big")
    raise ValueError(f"{value} is more than the lab sends")


def take_number(data, pos):
    """-> value, position after it; (None, pos) when there are too few bytes."""
    if pos >= len(data):
        return None, pos
    size = 1 << (data[pos] >> 6)
    if pos + size > len(data):
        return None, pos
    return int.from_bytes(data[pos : pos + size], "big") & ((1 << (8 * size - 2)) - 1), pos + size


def datagram(payload):
    """One UDP payload: context 0 is UDP, RFC 9298 section 5."""
    return number(DATAGRAM) + number(len(payload) + 1) + b"\0" + payload


class Reader:
    def __init__(self):
        self.data = b""

    def feed(self, data):
        """The UDP payloads that are complete now."""
        self.data += data
        while True:
            kind, pos = take_number(self.data, 0)
            length, pos = take_number(self.data, pos) if kind is not None else (None, 0)
            if length is None or pos + length > len(self.data):
                return
            value, self.data = self.data[pos : pos + length], self.data[pos + length :]
            if kind == DATAGRAM and value[:1] == b"\0":
                yield value[1:]
