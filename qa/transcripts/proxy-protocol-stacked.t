# A proxy behind a proxy: two headers, one in the other.
port: 80

>>> PROXY TCP4 192.0.2.1 198.51.100.2 40000 80\r\n
>>+ \r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x09\xc6\x33\x64\x0a\x9c\x40\x00\x50
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records tunnel=2 http=1 flow=3 anomaly=0
expect http src_ip=192.0.2.9 dest_ip=198.51.100.10 tunnel.depth=2 tunnel.path.0.type=proxy-protocol tunnel.path.1.type=proxy-protocol tunnel.path.1.src_ip=192.0.2.1
