#!/usr/bin/python3
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402


def opened(cport, port):
    return [p for _, p in f.session("10.0.0.1", cport, "10.0.0.2", port,
                                    [])][:3]


def up(cport, port, seq, data):
    return f.tcp("10.0.0.1", cport, "10.0.0.2", port, seq, 2001, f.ACK, data)


def down(cport, port, ack):
    return f.tcp("10.0.0.2", port, "10.0.0.1", cport, 2001, ack, f.ACK)


# Four bytes are missing in the middle; ten at the end; an answer.
f.save("input.pcap",
       opened(1001, 9000) + [up(1001, 9000, 1001, b"VERY"),
                             up(1001, 9000, 1009, b"DATA"),
                             down(1001, 9000, 1013)]
       + opened(1002, 9000) + [up(1002, 9000, 1001, b"LAST"),
                               down(1002, 9000, 1015)]
       + opened(1003, 80) + [up(1003, 80, 1001,
                                b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                             down(1003, 80, 1028)])
