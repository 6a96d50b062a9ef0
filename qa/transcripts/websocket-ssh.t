# SSH in WebSocket messages, the server first, a ping between fragments, both closed.
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
<<< \x02\x13SSH-2.0-OpenSSH_8.4
<<< \x89\x02hi
<<< \x80\x02\r\n
>>> \x8a\x827\xfa!=_\x93
>>> \x82\x977\xfa!=d\xa9i\x10\x05\xd4\x11\x10x\x8aDSd\xa9ib\x0e\xd4\x13M\x06\xf7+
---
>>> \x82\x847\xfa!=7\xfa!<
<<< \x82\x02\x00\x00
>>> \x88\x827\xfa!=4\x12
<<< \x88\x02\x03\xe8

expect records http=1 tunnel=1 ssh=1 flow=2 anomaly=0
expect tunnel tunnel.type=websocket tunnel.status=established tunnel.address_source=carrier tunnel.dest_ip=10.88.0.1 tunnel.app_proto=ssh tunnel.bytes_toserver=27 tunnel.bytes_toclient=23
expect ssh ssh.client.software_version=OpenSSH_9.2p1 ssh.server.software_version=OpenSSH_8.4 dest_port=8080 tunnel.type=websocket tunnel.depth=1
expect flow app_proto=websocket app_proto_orig=http
