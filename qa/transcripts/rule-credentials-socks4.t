# Rule: the user id of SOCKS 4 is no password.
rules: tunnel-policy.rules
port: 1080

>>> \x04\x01\x00\x50\x00\x00\x00\x01alice\x00www.example\x00
<<< \x00\x5a\x00\x00\x00\x00\x00\x00
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: www.example\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records alert=0
