# SOCKS4 without a user id, client's inner bytes with the request.
port: 1080

>>> \x04\x01\x00\x50\x5d\xb8\xd8\x22\x00GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< \x00\x5a\x00\x00\x00\x00\x00\x00HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ \x6f\x6b

expect records socks=1 tunnel=1 http=1 flow=2 anomaly=0
expect tunnel tunnel.type=socks4 tunnel.status=established tunnel.depth=1 tunnel.dest_ip=93.184.216.34
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=socks4 tunnel.depth=1
