#!/usr/bin/python3
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

# Each packet is a piece of a stream: what begins in one may end in the next, while all of it was there before.
streams = [
    [b"..alpha beta..", b"..alpha ", b"beta.."],                    # a second whole match, cut
    [b"..alpha beta..", b"....", b"...."],                          # none
    [b"..alpha beta..alp", b"ha beta.."],                           # cut in a pattern
    [b"..alpha beta..alpha be", b"ta..", b"alpha", b" ", b"beta"],  # two more
    [b"one=1 two=2 ", b"one=3 ", b"....", b"two=4 "],               # patterns on their own
]
packets = []
for port, pieces in enumerate(streams):
    messages = []
    for piece in pieces:
        messages += [(True, piece), (False, b"ok")]
    packets += [p for _, p in f.session("10.0.0.1", 40000 + port, "192.0.2.80", 7777, messages)]
f.save("input.pcap", packets)
