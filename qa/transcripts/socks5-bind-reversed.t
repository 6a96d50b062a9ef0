# SOCKS5 BIND with reversed roles: the connection's client is the proxy, and what it sends is the peer's.
port: 4711

<<< \x05\x01\x00
>>> \x05\x00
<<< \x05\x02\x00\x01\x5d\xb8\xd8\x22\x00\x50
>>> \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
>>> \x05\x00\x00\x01\xc6\x33\x64\x07\x9c\x40
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records socks=1 tunnel=1 http=1 flow=2 anomaly=0
expect tunnel tunnel.status=established tunnel.dest_ip=10.0.0.2 tunnel.dest_port=4242 tunnel.reverse=true
expect http src_ip=198.51.100.7 src_port=40000 dest_ip=10.0.0.2 dest_port=4242 http.hostname=example.com
