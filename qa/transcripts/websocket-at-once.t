# The first frame comes together with the 101.
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
<<+ \x82\x15SSH-2.0-OpenSSH_8.4\r\n
>>> \x82\x977\xfa!=d\xa9i\x10\x05\xd4\x11\x10x\x8aDSd\xa9ib\x0e\xd4\x13M\x06\xf7+

expect records http=1 tunnel=1 ssh=1 flow=2 anomaly=0
expect http http.status=101 http.url=/tunnel
expect ssh ssh.client.software_version=OpenSSH_9.2p1 ssh.server.software_version=OpenSSH_8.4 tunnel.type=websocket
