# Two CONNECT streams and an ordinary request at once, their frames mixed.
port: 8080

>>> PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n
>>+ \x00\x00\x00\x04\x00\x00\x00\x00\x00
<<< \x00\x00\x00\x04\x00\x00\x00\x00\x00
<<+ \x00\x00\x00\x04\x01\x00\x00\x00\x00
>>> \x00\x00,\x01\x04\x00\x00\x00\x01\x00\x07:method\x07CONNECT\x00\n:authority\x0eexample.com:80
>>+ \x00\x00U\x01\x04\x00\x00\x00\x03\x00\x07:method\x07CONNECT\x00\n:authority\x0b10.0.0.2:22\x00\x13proxy-authorization\x16Basic YWxpY2U6c2VjcmV0
>>+ \x00\x00A\x01\x05\x00\x00\x00\x05\x00\x07:method\x03GET\x00\x07:scheme\x04http\x00\x05:path\x04/own\x00\n:authority\rproxy.example
<<< \x00\x00\r\x01\x04\x00\x00\x00\x03\x00\x07:status\x03200
<<+ \x00\x00\x1f\x01\x04\x00\x00\x00\x05\x00\x07:status\x03404\x00\x0econtent-length\x012
<<+ \x00\x00\r\x01\x04\x00\x00\x00\x01\x00\x07:status\x03200
---
<<< \x00\x00\x15\x00\x00\x00\x00\x00\x03SSH-2.0-OpenSSH_9.2\r\n
<<+ \x00\x00\x02\x00\x01\x00\x00\x00\x05no
>>> \x00\x00&\x00\x00\x00\x00\x00\x01GET /a HTTP/1.1\r\nHost: example.com\r\n\r\n
>>+ \x00\x00\x0b\x00\x00\x00\x00\x00\x03SSH-2.0-x\r\n
<<< \x00\x00(\x00\x01\x00\x00\x00\x01HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok
>>> \x00\x00\x00\x00\x01\x00\x00\x00\x01
>>+ \x00\x00\x04\x03\x00\x00\x00\x00\x03\x00\x00\x00\x08

expect records tunnel=2 http=6 ssh=1 flow=3 anomaly=0
expect tunnel tunnel.type=h2-connect tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=80 tunnel.reply_code=200 tunnel.app_proto=http
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=h2-connect tunnel.depth=1
expect tunnel tunnel.type=h2-connect tunnel.status=established tunnel.dest_ip=10.0.0.2 tunnel.dest_port=22 tunnel.user=alice tunnel.app_proto=ssh tunnel.address_source=request
expect http http.url=/own http.status=404 http.version=2 http.http2.stream_id=5 http.length=2
