#!/usr/bin/python3
import base64
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

# An attachment of 300,000 bytes, of which rules see the first 100,000: one
# word at its begin, one across base64's lines, one behind what is seen.
content = bytearray(b"early-word" + b"." * 299990)
content[50:61] = b"across-line"
content[200000:200009] = b"late-word"
body = base64.encodebytes(bytes(content)).replace(b"\n", b"\r\n")

message = (
    b"Received: from a by b\r\nReceived: from b by c\r\n"
    b"From: Alice <alice@a.example>\r\nTo: bob@b.example\r\nCc: carol@c.example\r\n"
    b"Date: Mon, 1 Jun 2026 10:00:00 +0000\r\nSubject: the invoice\r\n"
    b"Message-ID: <id-1@a.example>\r\nX-Mailer: mailer 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b"<a href=3D\"http://bad.example/=\r\nx\">in-the-text</a>\r\n"
    b"--b\r\nContent-Type: application/octet-stream\r\n"
    b"Content-Disposition: attachment; filename=\"invoice.exe\"\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + body + b"--b--\r\n")


def pieces(data):
    """Segments, each eighth acknowledged."""
    out = []
    for at in range(0, len(data), 1400):
        out.append((True, data[at:at + 1400]))
        if len(out) % 9 == 8:
            out.append((False, b""))
    return out + [(False, b"")]


def mail(how):
    up = [(False, b"220 mx ESMTP\r\n"), (True, b"EHLO a.example\r\n"), (False, b"250 mx\r\n"),
          (True, b"MAIL FROM:<alice@a.example>\r\n"), (False, b"250 ok\r\n"),
          (True, b"RCPT TO:<bob@b.example>\r\n"), (False, b"250 ok\r\n")]
    if how == "data":
        up += [(True, b"DATA\r\n"), (False, b"354 go\r\n")]
        up += pieces(message + b".\r\n")
    else:
        for at in range(0, len(message), 60001):
            part = message[at:at + 60001]
            last = b" LAST" if at + 60001 >= len(message) else b""
            up += pieces(b"BDAT %d%s\r\n" % (len(part), last) + part)
            up += [(False, b"250 ok\r\n")] if not last else []
    return up + [(False, b"250 queued\r\n"), (True, b"QUIT\r\n"), (False, b"221 bye\r\n")]


hello = [(True, b"\x05\x01\x00"), (False, b"\x05\x00"),
         (True, b"\x05\x01\x00\x01\xc0\x00\x02\x19\x00\x19"),
         (False, b"\x05\x00\x00\x01\x0a\x00\x00\x09\x04\x00")]
sessions = (f.session("10.0.0.1", 1001, "10.0.0.2", 25, mail("data")),
            f.session("10.0.0.1", 1002, "10.0.0.2", 25, mail("bdat")),
            f.session("10.0.0.1", 1003, "10.0.0.3", 1080, hello + mail("data")))
f.save("input.pcap", [packet for s in sessions for _, packet in s])
