# A frame of an unknown kind ends what can be followed.
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
>>> \x82\x977\xfa!=d\xa9i\x10\x05\xd4\x11\x10x\x8aDSd\xa9ib\x0e\xd4\x13M\x06\xf7+
<<< \x82\x15SSH-2.0-OpenSSH_8.4\r\n
<<< \x83\x01x
>>> \x82\x857\xfa!=V\x9cUXE

expect records http=1 tunnel=1 ssh=1 anomaly=1
expect anomaly anomaly.event=unknown_opcode anomaly.app_proto=websocket
expect tunnel tunnel.type=websocket tunnel.status=established tunnel.bytes_toserver=23 tunnel.bytes_toclient=21
