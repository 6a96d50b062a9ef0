#!/usr/bin/python3
import gzip
import hashlib
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOPDIR"], "qa", "lib"))
import frames as f  # noqa: E402

# A form, a compressed reply, and one whose request line has no version.
fox = b"The quick brown fox jumps over the lazy dog."
form = (b"--b\r\nContent-Disposition: form-data; name=f; filename=\"up.txt\"\r\n\r\n" + fox
        + b"\r\n--b--\r\n")
packed = gzip.compress(fox, mtime=0)
messages = [
    (True, b"POST /up HTTP/1.1\r\nHost: example.com\r\nContent-Type: multipart/form-data; boundary=b\r\n"
           b"Content-Length: %d\r\n\r\n%s" % (len(form), form)),
    (False, b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(packed), packed)),
    (True, b"GET /Old\r\nUser-Agent: forgetful\r\n\r\n"),
    (False, b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 10-12/20\r\nContent-Length: 3\r\n\r\nabc"),
]
f.save("input.pcap", [p for _, p in f.session("10.0.0.1", 40000, "192.0.2.80", 80, messages)])
with open("digests", "w") as out:
    out.write(hashlib.md5(b"another").hexdigest() + "\n" + hashlib.md5(fox).hexdigest() + "  fox\n")
with open("test.rules", "w") as out:
    out.write(f"""\
alert http any any -> any any (msg:"form"; flow:to_server; filename:"up"; fileext:"txt"; filesize:{len(fox)}; sid:1;)
alert http any any -> any any (msg:"digest"; flow:to_client; filemd5:{os.getcwd()}/digests; sid:2;)
alert http any any -> any any (msg:"other digests"; filemd5:!{os.getcwd()}/digests; filesize:<4; sid:3;)
alert http any any -> any any (msg:"content"; flow:to_client; file.data; content:"lazy dog"; sid:4;)
alert http any any -> any any (msg:"two files' halves"; flow:to_server; filesize:>{len(fox)}; filename:"up"; sid:5;)
alert http any any -> any any (msg:"event"; app-layer-event:http.request_line_missing_protocol; sid:6;)
alert http any any -> any any (msg:"path"; flow:to_server; http.uri; content:"/Old"; sid:7;)
""")
