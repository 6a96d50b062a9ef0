"""The ways a conversation is delivered: whole, split, with gaps.

A variant is a list of segments and datagrams; datagrams are never split. The
first of each list is always the whole conversation: what the others are
compared with.
"""

from collections import namedtuple

from . import wire

# lossy: a datagram is missing, and nobody can know that it was there.
Variant = namedtuple("Variant", "name segments lossy", defaults=[False])
Segment = namedtuple("Segment", "side data datagram lost", defaults=[False])


def _segments(lines):
    return [Segment(*line) for line in lines]


def _cut(line, boundaries):
    """The line's segments, cut there; a datagram stays whole."""
    if line.datagram:
        return _segments([line])
    ends = [*boundaries, len(line.data)]
    return [Segment(line.side, line.data[start:end], False)
            for start, end in zip([0, *ends], ends)]


def _whole(script):
    return Variant("whole", _segments(script.lines))


def _split(script):
    """Each byte of the handshake as a boundary, and then all of them."""
    for index, line in enumerate(script.lines[:script.handshake]):
        for at in range(1, 1 if line.datagram else len(line.data)):
            yield Variant(f"line {index + 1} split at byte {at}",
                          _segments(script.lines[:index]) + _cut(line, [at])
                          + _segments(script.lines[index + 1:]))
    single = [segment for line in script.lines[:script.handshake]
              for segment in _cut(line, range(1, len(line.data)))]
    yield Variant("byte by byte",
                  single + _segments(script.lines[script.handshake:]))


def _gaps(script):
    """Each line missing in turn."""
    for lost, line in enumerate(script.lines):
        segments = _segments(script.lines)
        segments[lost] = segments[lost]._replace(lost=True)
        yield Variant(f"line {lost + 1} lost", segments, line.datagram)


MODES = {"whole": None, "split": _split, "gaps": _gaps}


def variants(script, mode):
    """Return the variants of a mode, the whole conversation first."""
    make = MODES[mode]
    return [_whole(script), *(make(script) if make else ())]


def capture(script, played):
    """Return a pcap file's bytes: a connection for each variant."""
    out = wire.Capture()
    for number, variant in enumerate(played):
        connection = wire.Connection(out, number, script.port, script.udp,
                                     script.udp_client)
        stream = any(not segment.datagram for segment in variant.segments)
        if stream:
            connection.open()
        for side, data, datagram, lost in variant.segments:
            if datagram:
                connection.datagram(side, data, lost)
            else:
                connection.say(side, data, lost)
        if stream:
            connection.close(script.end)
        out.pause(0.001)
    return bytes(out.data)
