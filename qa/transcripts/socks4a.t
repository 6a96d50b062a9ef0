# SOCKS4a by name, HTTP inside.
port: 1080

>>> \x04\x01\x00\x50\x00\x00\x00\x07bob\x00example.com\x00
<<< \x00\x5a\x00\x00\x00\x00\x00\x00
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records socks=1 tunnel=1 http=1 flow=2 anomaly=0
expect socks socks.version=4 socks.command=connect socks.address_type=domain socks.host=example.com socks.user=bob
expect tunnel tunnel.type=socks4a tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=80 tunnel.user=bob
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=socks4a tunnel.depth=1 tunnel.host=example.com
