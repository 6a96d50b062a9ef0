# A proxy that speaks for itself (LOCAL): the child has the connection's own ends.
port: 80

>>> \r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00
---
>>> GET /health HTTP/1.1\r\n
>>+ Host: a.example\r\n\r\n
<<< HTTP/1.1 204 No Content\r\n\r\n

expect records tunnel=1 http=1 flow=2 anomaly=0
expect tunnel tunnel.type=proxy-protocol tunnel.status=established tunnel.dest_ip=10.88.0.1 tunnel.address_source=carrier
expect http dest_ip=10.88.0.1 dest_port=80 http.url=/health tunnel.type=proxy-protocol
