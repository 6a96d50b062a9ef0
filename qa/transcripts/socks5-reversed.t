# SOCKS5 with reversed roles: the connection's server is the SOCKS client.
port: 4711

<<< \x05\x01\x00
>>> \x05\x00
<<< \x05\x01\x00\x03\x0bexample.com\x00\x50
>>> \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
---
<<< GET /a HTTP/1.1\r\n
<<+ Host: example.com\r\n\r\n
>>> HTTP/1.1 200 OK\r\n
>>+ Content-Length: 2\r\n\r\n
>>+ ok

expect records socks=1 tunnel=1 http=1 flow=2 anomaly=0
expect tunnel tunnel.type=socks5 tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=80 tunnel.reverse=true
expect http src_ip=10.88.0.1 http.hostname=example.com tunnel.type=socks5
