"""A mail server that takes everything and keeps nothing. It speaks first, which is what the lab wants of it."""

import asyncio
import sys


async def session(reader, writer):
    async def say(line):
        writer.write(line + b"\r\n")
        await writer.drain()

    try:
        await say(b"220 mail.lab.test ESMTP lab")
        while line := await reader.readline():
            verb = line.split(b":")[0].split()[:1]
            verb = verb[0].upper() if verb else b""
            if verb == b"EHLO":
                await say(b"250-mail.lab.test\r\n250 8BITMIME")
            elif verb == b"DATA":
                await say(b"354 go on")
                while (await reader.readline()) not in (b".\r\n", b""):
                    pass
                await say(b"250 2.0.0 taken")
            elif verb == b"QUIT":
                await say(b"221 2.0.0 bye")
                break
            elif verb in (b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"):
                await say(b"250 2.0.0 ok")
            else:
                await say(b"502 5.5.2 not here")
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(session, sys.argv[1:], 25)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
