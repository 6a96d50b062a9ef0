# SOCKS5 by IPv4 address, HTTP inside: the child goes to the address that was asked for.
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x01\x5d\xb8\xd8\x22\x00\x50
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records socks=1 tunnel=1 http=1 flow=2 anomaly=0
expect socks socks.version=5 socks.command=connect socks.address_type=ipv4 socks.dest_ip=93.184.216.34 socks.dest_port=80
expect tunnel tunnel.type=socks5 tunnel.status=established tunnel.depth=1 tunnel.dest_ip=93.184.216.34 tunnel.dest_port=80 tunnel.address_source=request
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=socks5 tunnel.depth=1 dest_ip=93.184.216.34 tunnel.address_source=request
