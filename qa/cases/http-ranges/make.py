#!/usr/bin/python3
import hashlib
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

whole = bytes(range(256)) * 8 + b"what lies across two of its ranges" + bytes(range(255, -1, -1)) * 8


def part(path, first, last, body=whole, total=None):
    data = body[first:last + 1]
    return [(True, b"GET %s HTTP/1.1\r\nHost: example.com\r\nRange: bytes=%d-%d\r\n\r\n" % (path, first, last)),
            (False, b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %d-%d/%s\r\nContent-Length: %d\r\n\r\n%s"
             % (first, last, b"%d" % (total or len(body)), len(data), data))]


end = len(whole) - 1
flows = [
    part(b"/order", 0, 2059) + part(b"/order", 2060, end),
    part(b"/mixed", 3000, end) + part(b"/mixed", 0, 999) + part(b"/mixed", 900, 3100),
    part(b"/hole", 0, 999) + part(b"/hole", 1001, end),
    part(b"/two", 0, 2000) + part(b"/other", 2001, end) + part(b"/two", 2001, end, total=len(whole) + 1),
    part(b"/lie", 0, 2000, total=1 << 60) + part(b"/lie", (1 << 60) - 10, (1 << 60) - 1, total=1 << 60),
]
packets = []
for port, messages in enumerate(flows):
    packets += [p for _, p in f.session("10.0.0.1", 40000 + port, "192.0.2.80", 80, messages)]
f.save("input.pcap", packets)
with open("digests", "w") as out:
    out.write(hashlib.sha256(whole).hexdigest() + "\n")
with open("test.rules", "w") as out:
    out.write(f"""\
alert http any any -> any any (msg:"digest"; flow:to_client; filesha256:{os.getcwd()}/digests; filestore; sid:1;)
alert http any any -> any any (msg:"across"; flow:to_client; file.data; content:"lies across two of its"; sid:2;)
alert http any any -> any any (msg:"size"; flow:to_client; filesize:{len(whole)}; sid:3;)
""")
