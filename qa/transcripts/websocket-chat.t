# Messages that are no protocol: no tunnel.
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
>>> \x81\x8b7\xfa!=L\xd8IX[\x96N\x1f\r\xcb\\
<<< \x81\x0b{"hello":2}
>>> \x81\x897\xfa!=L\xd8CDR\xd8\x1b\x0cJ
>>> \x88\x807\xfa!=
<<< \x88\x00

expect records http=1 tunnel=0 flow=1 anomaly=0
expect flow app_proto=websocket
