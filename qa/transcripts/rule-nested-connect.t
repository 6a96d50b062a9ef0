# Rule: CONNECT inside SOCKS.
rules: tunnel-policy.rules
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x03\x0dproxy.example\x0c\x38
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
>>> CONNECT www.example:80 HTTP/1.1\r\n
>>+ Host: www.example:80\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: www.example\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records alert=1
expect alert alert.signature_id=4220011 tunnel.type=socks5 http.http_method=CONNECT
