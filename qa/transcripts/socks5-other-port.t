# SOCKS5 on a port that says nothing.
port: 4711

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x03\x0bexample.com\x00\x50
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records socks=1 tunnel=1 http=1 anomaly=0
expect tunnel tunnel.type=socks5 tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=80
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=socks5 tunnel.depth=1
