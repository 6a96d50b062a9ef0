# PROXY protocol version 1 before HTTP: the request is the client's that the header names.
port: 80

>>> PROXY TCP4 192.0.2.1 198.51.100.2 40000 443\r\n
>>+ GET /a HTTP/1.1\r\n
---
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records tunnel=1 http=1 flow=2 anomaly=0
expect tunnel tunnel.type=proxy-protocol tunnel.status=established tunnel.dest_ip=198.51.100.2 tunnel.dest_port=443 tunnel.address_source=request tunnel.app_proto=http
expect http src_ip=192.0.2.1 src_port=40000 dest_ip=198.51.100.2 dest_port=443 http.hostname=example.com http.url=/a tunnel.type=proxy-protocol tunnel.depth=1
