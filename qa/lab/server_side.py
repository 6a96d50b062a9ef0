"""Servers of the lab besides nginx, sshd and the rest, in the server's namespace.

    server_side.py FOLDER

The program that SSLproxy diverts to; a WebSocket chat, a DCE/RPC endpoint and servers that answer anything with noise,
which are no proxies and must not be taken for any; and peers that connect to where they are told on the socket
FOLDER/peer.sock (for BIND).
"""

import asyncio
import base64
import hashlib
import json
import os
import sys

import addresses as at
import websocket

PIECE = 65536
PAGE = b"A page of the lab.\n"


async def diverted(reader, writer):
    """HTTP after the line about the connection, one request."""
    try:
        await reader.readuntil(b"\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(PAGE) + PAGE)
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def noise(reader, writer):
    """Every message is answered with bytes that nobody can have chosen."""
    try:
        while data := await reader.read(PIECE):
            writer.write(hashlib.sha256(data).digest())
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def dcerpc(reader, writer):
    """bind and bind_ack (C706, chapter 12), then a response of zeros to each request."""
    try:
        while head := await reader.readexactly(16):
            await reader.readexactly(int.from_bytes(head[8:10], "little") - 16)
            kind = {11: 12, 0: 2}.get(head[2], 3)
            body = bytes(44)
            writer.write(b"\x05\x00" + bytes([kind, 3]) + head[4:8] + (16 + len(body)).to_bytes(2, "little"))
            writer.write(b"\0\0" + head[12:16] + body)
            await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def chat(reader, writer):
    """A WebSocket server that says what it hears, in JSON."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        key = next(line.split(":")[1].strip() for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key"))
        accept = base64.b64encode(hashlib.sha1((key + websocket.GUID).encode()).digest()).decode()
        writer.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        frames = websocket.Reader()
        while data := await reader.read(PIECE):
            for code, payload in frames.feed(data):
                if code == websocket.CLOSE:
                    writer.write(websocket.frame(code, payload))
                    return
                heard = json.dumps({"heard": json.loads(payload)}).encode()
                writer.write(websocket.frame(websocket.TEXT, heard))
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def peer(reader, writer):
    """Connect to a bound address and be the client there; what was sent and received goes back."""
    say = json.loads(await reader.readline())
    try:
        source = (say["source"], 0)
        inner, out = await asyncio.open_connection(say["address"], say["port"], local_addr=source)
        out.write(say["first"].encode("latin-1"))
        received = await inner.read(-1)
        told = {"port": out.get_extra_info("sockname")[1], "received": len(received)}
        out.close()
    except OSError as error:
        told = {"error": str(error)}
    writer.write(json.dumps(told).encode() + b"\n")
    await writer.drain()
    writer.close()


async def main():
    folder = sys.argv[1]
    await asyncio.start_unix_server(peer, os.path.join(folder, "peer.sock"))
    await asyncio.start_server(diverted, at.WEB[0], at.DIVERTED)
    await asyncio.start_server(dcerpc, at.WEB[0], at.DCERPC)
    for port in at.ECHO_PORTS:
        await asyncio.start_server(noise, at.WEB[0], port)
    server = await asyncio.start_server(chat, at.WEB[0], at.CHAT)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
