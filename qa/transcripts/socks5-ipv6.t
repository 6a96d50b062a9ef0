# SOCKS5 by IPv6 address, the bound address is a name.
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x22\x00\x50
<<< \x05\x00\x00\x03\x02\x67\x77\x00\x01
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records socks=1 tunnel=1 http=1 anomaly=0
expect socks socks.version=5 socks.command=connect socks.address_type=ipv6 socks.dest_ip=2001:db8::22 socks.bound_host=gw socks.bound_port=1
expect tunnel tunnel.type=socks5 tunnel.status=established tunnel.depth=1 tunnel.dest_ip=2001:db8::22 tunnel.dest_port=80
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=socks5 tunnel.depth=1 dest_ip=2001:db8::22
