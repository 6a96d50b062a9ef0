# HTTP CONNECT, HTTP inside.
port: 3128

>>> CONNECT example.com:80 HTTP/1.1\r\n
>>+ Host: example.com:80\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records tunnel=1 http=2 flow=2 anomaly=0
expect http http.http_method=CONNECT http.status=200
expect tunnel tunnel.type=http-connect tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=80 tunnel.reply_code=200 tunnel.app_proto=http tunnel.bytes_toserver=38 tunnel.bytes_toclient=40
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=http-connect tunnel.depth=1 tunnel.host=example.com
expect flow app_proto=http dest_port=3128
