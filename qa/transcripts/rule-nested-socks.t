# Rule: SOCKS 5 inside SOCKS 4A inside CONNECT: two proxies inside others.
rules: tunnel-policy.rules
port: 3128

>>> CONNECT one.example:443 HTTP/1.1\r\n
>>+ Host: one.example:443\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
>>> \x04\x01\x04\x38\x00\x00\x00\x01\x00two.example\x00
<<< \x00\x5a\x00\x00\x00\x00\x00\x00
>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x03\x0bwww.example\x00\x50
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: www.example\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records alert=2
expect alert alert.signature_id=4220010 tunnel.type=http-connect tunnel.depth=1
expect alert alert.signature_id=4220010 tunnel.type=socks4a tunnel.depth=2
