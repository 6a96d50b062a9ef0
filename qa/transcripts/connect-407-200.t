# HTTP CONNECT: 407, then 200 on the same connection.
port: 3128

>>> CONNECT example.com:80 HTTP/1.1\r\n
>>+ Host: example.com:80\r\n\r\n
<<< HTTP/1.1 407 Proxy Authentication Required\r\n
<<+ Proxy-Authenticate: Basic realm="proxy"\r\n
<<+ Content-Length: 0\r\n\r\n
>>> CONNECT example.com:80 HTTP/1.1\r\n
>>+ Host: example.com:80\r\n
>>+ Proxy-Authorization: Basic YWxpY2U6c2VjcmV0\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records tunnel=2 http=3 flow=2 anomaly=0
expect http http.http_method=CONNECT http.status=407
expect tunnel tunnel.status=refused tunnel.reply_code=407
expect tunnel tunnel.type=http-connect tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=80 tunnel.reply_code=200 tunnel.user=alice
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=http-connect tunnel.depth=1
