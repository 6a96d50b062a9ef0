"""The ways a conversation is delivered: whole, split, with gaps.

A variant is a list of segments (side, bytes, lost). The first of each list is
always the whole conversation: what the others are compared with.
"""

from collections import namedtuple

from . import wire

Variant = namedtuple("Variant", "name segments")


def _segments(lines):
    return [(side, data, False) for side, data in lines]


def _whole(script):
    return Variant("whole", _segments(script.lines))


def _split(script):
    """Each byte of the handshake as a boundary, and then all of them."""
    for index, (side, data) in enumerate(script.lines[:script.handshake]):
        for at in range(1, len(data)):
            halves = [(side, data[:at], False), (side, data[at:], False)]
            yield Variant(f"line {index + 1} split at byte {at}",
                          _segments(script.lines[:index]) + halves
                          + _segments(script.lines[index + 1:]))
    single = [(side, data[at:at + 1], False)
              for side, data in script.lines[:script.handshake]
              for at in range(len(data))]
    yield Variant("byte by byte",
                  single + _segments(script.lines[script.handshake:]))


def _gaps(script):
    """Each line missing in turn."""
    for lost in range(len(script.lines)):
        yield Variant(f"line {lost + 1} lost",
                      [(side, data, index == lost) for index, (side, data)
                       in enumerate(script.lines)])


MODES = {"whole": None, "split": _split, "gaps": _gaps}


def variants(script, mode):
    """Return the variants of a mode, the whole conversation first."""
    make = MODES[mode]
    return [_whole(script), *(make(script) if make else ())]


def capture(script, played):
    """Return a pcap file's bytes: a connection for each variant."""
    out = wire.Capture()
    for number, variant in enumerate(played):
        connection = wire.Connection(out, number, script.port)
        connection.open()
        for side, data, lost in variant.segments:
            connection.say(side, data, lost)
        connection.close(script.end)
        out.pause(0.001)
    return bytes(out.data)
