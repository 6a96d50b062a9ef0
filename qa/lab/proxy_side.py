"""Proxies of the lab that no package has, in the proxy's namespace: written here, small, and only for the lab.

    proxy_side.py FOLDER

A UDP proxy over HTTP/1.1 (RFC 9298); the sender of SSLproxy's divert line; and a victim that connects out to whoever
is named on the socket FOLDER/victim.sock, and serves SOCKS 5 on that connection (reverse SOCKS).
"""

import asyncio
import ipaddress
import json
import os
import re
import socket
import sys
from urllib.parse import unquote

import addresses as at
import capsule

PIECE = 65536


async def pump(reader, writer):
    """Until one side ends; the end is handed on."""
    try:
        while data := await reader.read(PIECE):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


async def join(a, b):
    """Two connections, (reader, writer) each, made one."""
    await asyncio.gather(pump(a[0], b[1]), pump(b[0], a[1]), return_exceptions=True)
    a[1].close()
    b[1].close()


class Victim:
    """Connects out, then is asked as a SOCKS 5 server is."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def serve(self):
        _, count = await self.reader.readexactly(2)
        await self.reader.readexactly(count)
        self.writer.write(b"\x05\x00")
        kind = (await self.reader.readexactly(4))[3]
        if kind == 3:
            host = (await self.reader.readexactly((await self.reader.readexactly(1))[0])).decode()
        else:
            host = str(ipaddress.ip_address(await self.reader.readexactly(4 if kind == 1 else 16)))
        port = int.from_bytes(await self.reader.readexactly(2), "big")
        try:
            inner = await asyncio.open_connection(host, port)
        except OSError:
            self.writer.write(b"\x05\x05\x00\x01" + bytes(6))
            self.writer.close()
            return
        address, own = inner[1].get_extra_info("sockname")[:2]
        self.writer.write(b"\x05\x00\x00\x01" + socket.inet_aton(address) + own.to_bytes(2, "big"))
        await join((self.reader, self.writer), inner)


# What serves a victim's connection, once its order's is closed: nothing else holds the task (asyncio holds it weakly).
serving = set()


async def connect_back(reader, writer):
    serving.add(asyncio.current_task())
    asyncio.current_task().add_done_callback(serving.discard)
    where = json.loads(await reader.readline())
    writer.close()
    own = (at.PROXIES["victim"][0], 0)
    try:
        reader, writer = await asyncio.open_connection(where["address"], where["port"], local_addr=own)
        await Victim(reader, writer).serve()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


class Target(asyncio.DatagramProtocol):
    """The UDP proxy's socket to the target: each datagram that comes is a capsule for the client."""

    def __init__(self, writer):
        self.writer = writer

    def datagram_received(self, data, _address):
        self.writer.write(capsule.datagram(data))


async def udp_proxy(reader, writer):
    """One request, RFC 9298 section 3.2; after the 101, capsules (RFC 9297) until the client closes."""
    transport = None
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        match = re.match(r"GET /\.well-known/masque/udp/([^/]+)/(\d+)/ HTTP/1\.1\r\n", head)
        if not match or "upgrade: connect-udp" not in head.lower():
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        loop = asyncio.get_running_loop()
        remote = (unquote(match[1]), int(match[2]))
        try:
            found = await loop.getaddrinfo(*remote, family=socket.AF_INET, type=socket.SOCK_DGRAM)
        except OSError:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        transport, _ = await loop.create_datagram_endpoint(lambda: Target(writer), remote_addr=found[0][4])
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: connect-udp\r\n"
            b"Capsule-Protocol: ?1\r\n\r\n"
        )
        capsules = capsule.Reader()
        while data := await reader.read(PIECE):
            for payload in capsules.feed(data):
                transport.sendto(payload)
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        if transport:
            transport.close()
        writer.close()


async def sslproxy(reader, writer):
    """What SSLproxy sends to the program that it diverts to: one line about the connection, then its bytes."""
    address, port = writer.get_extra_info("peername")[:2]
    own = writer.get_extra_info("sockname")
    divert = await asyncio.open_connection(at.WEB[0], at.DIVERTED, local_addr=(own[0], 0))
    first = await reader.read(PIECE)
    line = f"SSLproxy: [127.0.0.1]:34649,[{address}]:{port},[{at.WEB[1]}]:{at.HTTPS},s\r\n"
    divert[1].write(line.encode() + first)
    await join((reader, writer), divert)


async def main():
    folder = sys.argv[1]
    await asyncio.start_unix_server(connect_back, os.path.join(folder, "victim.sock"))
    await asyncio.start_server(sslproxy, *at.PROXIES["sslproxy"])
    server = await asyncio.start_server(udp_proxy, *at.PROXIES["udp-proxy"])
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
