"""WebSocket (RFC 6455): a client's end by hand, with masking, fragments and control frames; and its frames."""

import base64
import os
import struct

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(code, payload, mask=False, final=True):
    """RFC 6455 section 5.2."""
    size = len(payload)
    head = bytes([(0x80 if final else 0) | code])
    bit = 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 1 << 16:
        head += bytes([bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", size)
    if not mask:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[i & 3] for i, byte in enumerate(payload))


class Reader:
    """Frames as they are complete: (code, payload), fragments as they come."""

    def __init__(self):
        self.data = b""

    def _one(self):
        data = self.data
        if len(data) < 2:
            return None
        size, pos = data[1] & 0x7F, 2
        extra = {126: 2, 127: 8}.get(size, 0)
        key_size = 4 if data[1] & 0x80 else 0
        if len(data) < pos + extra + key_size:
            return None
        if extra:
            size = int.from_bytes(data[pos : pos + extra], "big")
        pos += extra + key_size
        if len(data) < pos + size:
            return None
        payload = data[pos : pos + size]
        if key_size:
            key = data[pos - 4 : pos]
            payload = bytes(byte ^ key[i & 3] for i, byte in enumerate(payload))
        self.data = data[pos + size :]
        return data[0] & 15, payload

    def feed(self, data):
        self.data += data
        while (one := self._one()) is not None:
            yield one


class Client:
    """A socket whose bytes go in binary messages: it has what raw.Counted and ssh's relay ask of a socket."""

    def __init__(self, sock, host, path="/", protocol="binary"):
        self.sock, self.frames, self.ready, self.sends, self.closing = sock, Reader(), b"", 0, False
        key = base64.b64encode(os.urandom(16)).decode()
        sock.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"{f'Sec-WebSocket-Protocol: {protocol}' + chr(13) + chr(10) if protocol else ''}\r\n".encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = sock.recv(1)
            if not byte:
                raise ConnectionError("no answer to the Upgrade")
            head += byte
        if head.split()[1] != b"101":
            raise ConnectionError(head.split(b"\r\n")[0].decode("latin-1"))

    def sendall(self, data, code=BINARY):
        """In one frame, or every third time in two fragments with a ping between them."""
        self.sends += 1
        if self.sends % 3 or len(data) < 2:
            self.sock.sendall(frame(code, data, mask=True))
            return
        half = len(data) // 2
        self.sock.sendall(
            frame(code, data[:half], mask=True, final=False)
            + frame(PING, b"lab", mask=True)
            + frame(CONTINUATION, data[half:], mask=True)
        )

    def recv(self, size):
        """Payload of data frames; nothing when the other side closed."""
        while not self.ready and not self.closing:
            data = self.sock.recv(65536)
            if not data:
                break
            for code, payload in self.frames.feed(data):
                if code == CLOSE:
                    self.closing = True
                elif code == PING:
                    self.sock.sendall(frame(PONG, payload, mask=True))
                elif code in (CONTINUATION, TEXT, BINARY):
                    self.ready += payload
        out, self.ready = self.ready[:size], self.ready[size:]
        return out

    def shutdown(self, _how):
        self.sock.sendall(frame(CLOSE, struct.pack("!H", 1000), mask=True))

    def makefile(self, _mode):
        """Whole lines and the rest, as raw.Counted reads them."""
        return _File(self)

    def close(self):
        try:
            self.shutdown(None)
        except OSError:
            pass
        self.sock.close()


class _File:
    def __init__(self, client):
        self.client, self.data = client, b""

    def readline(self):
        while b"\n" not in self.data and (more := self.client.recv(65536)):
            self.data += more
        line, mark, self.data = self.data.partition(b"\n")
        return line + mark

    def read(self):
        while more := self.client.recv(65536):
            self.data += more
        out, self.data = self.data, b""
        return out
