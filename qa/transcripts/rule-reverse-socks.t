# Rule: the connection's server is the SOCKS client.
rules: tunnel-policy.rules
port: 4711

<<< \x05\x01\x00
>>> \x05\x00
<<< \x05\x01\x00\x03\x0bwww.example\x00\x50
>>> \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
---
<<< GET /a HTTP/1.1\r\n
<<+ Host: www.example\r\n\r\n
>>> HTTP/1.1 200 OK\r\n
>>+ Content-Length: 2\r\n\r\n
>>+ ok

expect records alert=1
expect alert alert.signature_id=4220050 src_ip=10.88.0.1
