# SOCKS5 inside HTTP CONNECT inside SOCKS4a, HTTP inside.
port: 1080

>>> \x04\x01\x0c\x38\x00\x00\x00\x01\x00proxy.example\x00
<<< \x00\x5a\x00\x00\x00\x00\x00\x00
>>> CONNECT socks.example:1080 HTTP/1.1\r\n
>>+ Host: socks.example:1080\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
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

expect records socks=2 tunnel=3 http=2 flow=4 anomaly=0
expect tunnel tunnel.type=socks4a tunnel.status=established tunnel.depth=1 tunnel.host=proxy.example tunnel.app_proto=http
expect tunnel tunnel.type=http-connect tunnel.status=established tunnel.depth=2 tunnel.host=socks.example tunnel.app_proto=socks
expect tunnel tunnel.type=socks5 tunnel.status=established tunnel.depth=3 tunnel.host=example.com tunnel.dest_port=80 tunnel.app_proto=http
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=socks5 tunnel.depth=3 tunnel.path.0.type=socks4a tunnel.path.1.type=http-connect tunnel.path.2.type=socks5
