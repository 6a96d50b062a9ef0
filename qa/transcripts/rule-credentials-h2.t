# Rule: CONNECT on a stream of HTTP/2 with the password for everyone to read.
rules: tunnel-policy.rules
port: 8080

>>> PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n
>>+ \x00\x00\x00\x04\x00\x00\x00\x00\x00
<<< \x00\x00\x00\x04\x00\x00\x00\x00\x00
<<+ \x00\x00\x00\x04\x01\x00\x00\x00\x00
>>> \x00\x00\x00\x04\x01\x00\x00\x00\x00
>>+ \x00\x00X\x01\x04\x00\x00\x00\x01\x00\x07:method\x07CONNECT\x00\n:authority\x0eexample.com:80
>>+ \x00\x13proxy-authorization\x16Basic YWxpY2U6c2VjcmV0
<<< \x00\x00\r\x01\x04\x00\x00\x00\x01\x00\x07:status\x03200
---
>>> \x00\x00&\x00\x00\x00\x00\x00\x01GET /a HTTP/1.1\r\nHost: example.com\r\n\r\n
<<< \x00\x00(\x00\x00\x00\x00\x00\x01HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok

expect records alert=1
expect alert alert.signature_id=4220062 tunnel.user=alice tunnel.type=h2-connect
