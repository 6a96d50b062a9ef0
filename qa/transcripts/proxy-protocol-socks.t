# A PROXY header before SOCKS5 before HTTP: the client is the header's at every depth.
port: 1080

>>> PROXY TCP4 192.0.2.1 198.51.100.2 40000 1080\r\n
>>+ \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x03\x0bexample.com\x00\x50
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records tunnel=2 socks=1 http=1 flow=3 anomaly=0
expect tunnel tunnel.type=proxy-protocol tunnel.depth=1 tunnel.app_proto=socks
expect tunnel tunnel.type=socks5 tunnel.depth=2 tunnel.host=example.com tunnel.app_proto=http
expect http src_ip=192.0.2.1 src_port=40000 dest_port=80 tunnel.depth=2 tunnel.path.0.type=proxy-protocol tunnel.path.1.type=socks5
