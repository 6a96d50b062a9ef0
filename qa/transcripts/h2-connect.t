# CONNECT on a stream of HTTP/2 with prior knowledge, HTTP/1 inside.
port: 8080

>>> PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n
>>+ \x00\x00\x00\x04\x00\x00\x00\x00\x00
<<< \x00\x00\x00\x04\x00\x00\x00\x00\x00
<<+ \x00\x00\x00\x04\x01\x00\x00\x00\x00
>>> \x00\x00\x00\x04\x01\x00\x00\x00\x00
>>+ \x00\x00,\x01\x04\x00\x00\x00\x01\x00\x07:method\x07CONNECT\x00\n:authority\x0eexample.com:80
<<< \x00\x00\r\x01\x04\x00\x00\x00\x01\x00\x07:status\x03200
---
>>> \x00\x00&\x00\x00\x00\x00\x00\x01GET /a HTTP/1.1\r\nHost: example.com\r\n\r\n
<<< \x00\x00(\x00\x00\x00\x00\x00\x01HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok
>>> \x00\x00\x00\x00\x01\x00\x00\x00\x01
<<< \x00\x00\x00\x00\x01\x00\x00\x00\x01

expect records tunnel=1 http=4 flow=2 anomaly=0
expect tunnel tunnel.type=h2-connect tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=80 tunnel.reply_code=200 tunnel.app_proto=http
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=h2-connect tunnel.depth=1
expect flow app_proto=http2 dest_port=8080
