# SOCKS4a: request and inner request in one segment.
port: 1080

>>> \x04\x01\x00\x50\x00\x00\x00\x07\x00example.com\x00GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< \x00\x5a\x00\x00\x00\x00\x00\x00
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records socks=1 tunnel=1 http=1 flow=2 anomaly=0
expect tunnel tunnel.type=socks4a tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=80
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=socks4a tunnel.depth=1
