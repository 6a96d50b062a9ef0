# HTTP CONNECT: 299 is a yes.
port: 3128

>>> CONNECT example.com:80 HTTP/1.1\r\n
>>+ Host: example.com:80\r\n\r\n
<<< HTTP/1.1 299 Whatever\r\n\r\n
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records tunnel=1 http=2 flow=2
expect tunnel tunnel.type=http-connect tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=80 tunnel.reply_code=299
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=http-connect tunnel.depth=1
