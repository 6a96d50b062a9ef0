# SOCKS5 in WebSocket, HTTP in it.
port: 8080

>>> GET /tunnel HTTP/1.1\r\n
>>+ Host: ws.example\r\n
>>+ Upgrade: websocket\r\n
>>+ Connection: Upgrade\r\n
>>+ Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n
>>+ Sec-WebSocket-Version: 13\r\n\r\n
<<< HTTP/1.1 101 Switching Protocols\r\n
<<+ Upgrade: websocket\r\n
<<+ Connection: Upgrade\r\n
<<+ Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n
>>> \x82\x837\xfa!=2\xfb!
<<< \x82\x02\x05\x00
>>> \x82\x947\xfa!=2\xfb!>:\x93OSR\x88\x0fXO\x9bLM[\x9f!m
<<< \x82\n\x05\x00\x00\x01\n\x00\x00\x02\x10\x92
---
>>> \x82\xa87\xfa!=p\xbfu\x1d\x18\x9b\x01uc\xaeq\x12\x06\xd4\x100=\xb2NNC\xc0\x01TY\x94DO\x19\x9fY\\Z\x8aMX:\xf0,7
<<< \x82&HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n
<<< \x82\x02ok

expect records http=2 socks=1 tunnel=2 flow=3 anomaly=0
expect tunnel tunnel.type=websocket tunnel.depth=1 tunnel.app_proto=socks
expect tunnel tunnel.type=socks5 tunnel.depth=2 tunnel.host=inner.example tunnel.app_proto=http
expect http http.hostname=inner.example http.status=200 dest_port=80 tunnel.path.0.type=websocket tunnel.path.1.type=socks5
