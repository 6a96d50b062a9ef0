"""The lab's name server: answers A for names of the lab as addresses.py says, nothing for other types."""

import select
import socket
import struct
import sys
import threading

import addresses as at

A, IN = 1, 1
NXDOMAIN = 3


def answer(query):
    """The response to one query, or None when it is none."""
    if len(query) < 17 or query[2] & 0x80:
        return None
    labels, pos = [], 12
    while pos < len(query) and query[pos]:
        labels.append(query[pos + 1 : pos + 1 + query[pos]].decode("ascii", "replace"))
        pos += 1 + query[pos]
    question = query[12 : pos + 5]
    if len(question) < 5:
        return None
    qtype, qclass = struct.unpack("!HH", question[-4:])
    address = at.resolve(".".join(labels))
    record = b""
    if address and (qtype, qclass) == (A, IN):
        # 0xc00c points at the name in the question
        record = struct.pack("!HHHIH", 0xC00C, A, IN, 300, 4) + socket.inet_aton(address)
    rcode = 0 if address else NXDOMAIN
    flags = 0x8580 | rcode  # response, authoritative, recursion as it was asked
    return struct.pack("!2sHHHHH", query[:2], flags, 1, 1 if record else 0, 0, 0) + question + record


def serve_tcp(listener):
    """One query a connection, its length before it."""
    while True:
        sock, _ = listener.accept()
        with sock, sock.makefile("rb") as file:
            sock.settimeout(10)
            try:
                reply = answer(file.read(int.from_bytes(file.read(2), "big")))
                if reply:
                    sock.sendall(struct.pack("!H", len(reply)) + reply)
            except OSError:
                pass


def main():
    """dns_server.py ADDRESS PORT..."""
    address, *ports = sys.argv[1:]
    listener = socket.create_server((address, int(ports[0])))
    threading.Thread(target=serve_tcp, args=(listener,), daemon=True).start()
    sockets = []
    for port in ports:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((address, int(port)))
        sockets.append(s)
    while True:
        for s in select.select(sockets, [], [])[0]:
            query, peer = s.recvfrom(4096)
            reply = answer(query)
            if reply:
                s.sendto(reply, peer)


if __name__ == "__main__":
    main()
