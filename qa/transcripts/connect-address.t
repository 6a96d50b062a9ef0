# HTTP CONNECT to an address.
port: 3128

>>> CONNECT 93.184.216.34:80 HTTP/1.1\r\n
>>+ Host: 93.184.216.34:80\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records tunnel=1 http=2 flow=2 anomaly=0
expect tunnel tunnel.type=http-connect tunnel.status=established tunnel.depth=1 tunnel.dest_ip=93.184.216.34 tunnel.dest_port=80 tunnel.address_source=request
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=http-connect tunnel.depth=1 dest_ip=93.184.216.34
