#!/usr/bin/python3
"""What a client's socket is told of a datagram that is rejected."""
import socket

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_RECVERR
             if hasattr(socket, "IP_RECVERR") else 11, 1)
s.settimeout(3)
s.connect(("10.77.0.2", 9))
s.send(b"reject me")
try:
    s.recv(10)
    print("datagram answered")
except OSError as error:
    print("datagram", type(error).__name__)
