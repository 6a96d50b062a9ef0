# SOCKS5 BIND: the session is the one that came in, from the peer to where the proxy listened.
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x02\x00\x01\x5d\xb8\xd8\x22\x00\x50
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
<<< \x05\x00\x00\x01\xc6\x33\x64\x07\x9c\x40
---
<<< GET /a HTTP/1.1\r\n
<<+ Host: example.com\r\n\r\n
>>> HTTP/1.1 200 OK\r\n
>>+ Content-Length: 2\r\n\r\n
>>+ ok

expect records socks=1 tunnel=1 http=1 flow=2 anomaly=0
expect socks socks.version=5 socks.command=bind socks.dest_ip=93.184.216.34 socks.bound_ip=10.0.0.2 socks.bound_port=4242 socks.peer_ip=198.51.100.7 socks.peer_port=40000
expect tunnel tunnel.type=socks5 tunnel.status=established tunnel.dest_ip=10.0.0.2 tunnel.dest_port=4242 tunnel.address_source=request tunnel.app_proto=http tunnel.bytes_toserver=38 tunnel.bytes_toclient=40
expect http src_ip=198.51.100.7 src_port=40000 dest_ip=10.0.0.2 dest_port=4242 http.hostname=example.com tunnel.type=socks5
