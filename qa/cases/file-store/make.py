#!/usr/bin/python3
import hashlib
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

# Replies whose names would like to be paths. The long one is more than waits in memory; the last one ends early.
small = b"small file that a rule wants"
large = b"LARGE" + bytes(range(256)) * 1200
other = b"nobody wants this"
cut = b"only the begin" + b"of it is here"


def get(path, body, said=None):
    return [(True, b"GET %s HTTP/1.1\r\nHost: example.com\r\n\r\n" % path),
            (False, b"HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=\"../../..%s\"\r\n"
                    b"Content-Length: %d\r\n\r\n" % (path, said or len(body)))] + \
           [m for at in range(0, len(body), 1400) for m in ((False, body[at:at + 1400]), (True, b""))]


post = (b"POST /up HTTP/1.1\r\nHost: example.com\r\nContent-Length: 6\r\n\r\nposted")
packets = []
for port, messages in enumerate([
        get(b"/etc/small", small) + get(b"/other", other),
        get(b"/large", large),
        get(b"/again", small),
        [(True, post), (False, b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nanswered")],
        get(b"/cut", cut, 1000)]):
    packets += [p for _, p in f.session("10.0.0.1", 40000 + port, "192.0.2.80", 80, messages)]
f.save("input.pcap", packets)
with open("expected", "w") as out:
    kept = large[:200 << 10]  # response-body-limit
    for body in sorted([small, kept, b"posted", b"answered", cut], key=lambda b: hashlib.sha256(b).hexdigest()):
        digest = hashlib.sha256(body).hexdigest()
        out.write(f"{digest}  {digest[:2]}/{digest}\n")
# Where a link is in the way nothing is written through it.
digest = hashlib.sha256(b"answered").hexdigest()
os.makedirs(f"filestore/{digest[:2]}")
with open("target", "w") as out:
    out.write("untouched")
os.symlink(os.path.abspath("target"), f"filestore/{digest[:2]}/{digest}")
