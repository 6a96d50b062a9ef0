"""Proxy clients by hand: for what curl can't do, with every byte counted and the source port chosen.

A proxy is {"type": socks4|socks4a|socks5|http|websocket, "address", "port", "user"?, "password"?}; `how` says how the SOCKS
handshake is sent: "normal", "slow" (each byte a segment of its own).
"""

import base64
import ipaddress
import socket
import struct
import time

import websocket


class Refused(Exception):
    """The proxy said no; args[0] is its reply code, or None when it just hung up."""


def _send(sock, data, how):
    if how != "slow":
        sock.sendall(data)
        return
    for byte in data:
        sock.sendall(bytes([byte]))
        time.sleep(0.003)


def _receive(sock, n):
    out = b""
    while len(out) < n:
        data = sock.recv(n - len(out))
        if not data:
            raise Refused(None)
        out += data
    return out


def socks4_reply(sock):
    """The address and port of a reply that grants."""
    _, code, port = struct.unpack("!BBH", _receive(sock, 4))
    address = socket.inet_ntoa(_receive(sock, 4))
    if code != 90:
        raise Refused(code)
    return address, port


def socks4_request(sock, proxy, command, host, port, how="normal"):
    """The request; the address and port of the reply."""
    user = proxy.get("user", "").encode() + b"\0"
    if proxy["type"] == "socks4a":
        where, name = b"\0\0\0\1", host.encode() + b"\0"
    else:
        where, name = socket.inet_aton(socket.gethostbyname(host)), b""
    _send(sock, struct.pack("!BBH", 4, command, port) + where + user + name, how)
    return socks4_reply(sock)


def socks5_address(host, port):
    """RFC 1928 section 5: an address as such, anything else as a name."""
    try:
        where = ipaddress.ip_address(host)
    except ValueError:
        name = host.encode()
        return bytes([3, len(name)]) + name + struct.pack("!H", port)
    return bytes([1 if where.version == 4 else 4]) + where.packed + struct.pack("!H", port)


def socks5_reply(sock):
    """The address and port of a reply that grants."""
    code, kind = struct.unpack("!xBxB", _receive(sock, 4))
    if code:
        raise Refused(code)
    address = _receive(sock, {1: 4, 4: 16}[kind])
    family = socket.AF_INET if kind == 1 else socket.AF_INET6
    return socket.inet_ntop(family, address), struct.unpack("!H", _receive(sock, 2))[0]


def socks5_request(sock, proxy, command, host, port, how="normal"):
    """Method, user and request; the address and port of the reply."""
    user = proxy.get("user")
    _send(sock, b"\x05\x02\x00\x02" if user else b"\x05\x01\x00", how)
    method = _receive(sock, 2)[1]
    if method == 2:
        name, word = user.encode(), proxy["password"].encode()
        _send(sock, b"\x01" + bytes([len(name)]) + name + bytes([len(word)]) + word, how)
        if _receive(sock, 2)[1]:
            raise Refused(None)
    elif method:
        raise Refused(method)
    _send(sock, bytes([5, command, 0]) + socks5_address(host, port), how)
    return socks5_reply(sock)


def _connect(sock, proxy, host, port):
    request = f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n"
    if "user" in proxy:
        pair = f"{proxy['user']}:{proxy['password']}".encode()
        request += f"Proxy-Authorization: Basic {base64.b64encode(pair).decode()}\r\n"
    sock.sendall(request.encode() + b"\r\n")
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += _receive(sock, 1)
    code = int(head.split()[1])
    if code != 200:
        raise Refused(code)


def open_tunnel(proxy, host, port, source=("", 0), how="normal"):
    """A socket whose bytes go to host:port by way of the proxy."""
    sock = connect((proxy["address"], proxy["port"]), source)
    try:
        if proxy["type"] == "websocket":
            return websocket.Client(sock, f"{proxy['address']}:{proxy['port']}")
        if proxy["type"] == "socks5":
            socks5_request(sock, proxy, 1, host, port, how)
        elif proxy["type"] == "http":
            _connect(sock, proxy, host, port)
        else:
            socks4_request(sock, proxy, 1, host, port, how)
    except BaseException:
        sock.close()
        raise
    return sock


class Counted:
    """A socket read by lines and written whole, that counts both ways."""

    def __init__(self, sock):
        self.sock, self.sent, self.received = sock, 0, 0
        self.file = sock.makefile("rb")

    def send(self, data):
        self.sock.sendall(data)
        self.sent += len(data)

    def line(self):
        data = self.file.readline()
        self.received += len(data)
        return data

    def rest(self):
        data = self.file.read()
        self.received += len(data)
        return data


def smtp(sock, recipient):
    """Hand over one mail. True when it was taken, and the bytes sent and received."""
    end = Counted(sock)
    taken = False
    end.line()
    for say in (
        b"EHLO client.lab.test\r\n",
        b"MAIL FROM:<sender@lab.test>\r\n",
        f"RCPT TO:<{recipient}>\r\n".encode(),
        b"DATA\r\n",
        b"From: sender@lab.test\r\nSubject: from the lab\r\n\r\nHello.\r\n.\r\n",
        b"QUIT\r\n",
    ):
        end.send(say)
        reply = end.line()
        while reply[3:4] == b"-":
            reply = end.line()
        taken = taken or (say.endswith(b"\r\n.\r\n") and reply.startswith(b"250"))
    end.rest()
    sock.close()
    return taken, [end.sent, end.received]


def http(sock, host):
    """One request. True when it was answered with 200, and the bytes sent and received."""
    end = Counted(sock)
    end.send(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    status = end.line()
    end.rest()
    sock.close()
    return status.startswith(b"HTTP/1.1 200"), [end.sent, end.received]


def connect(where, source):
    """A TCP connection to (address, port), segments sent as they are written."""
    sock = socket.create_connection(tuple(where), timeout=40, source_address=source)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock
