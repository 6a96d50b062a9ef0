# WebSocket through a forward proxy, by an absolute-form request, and SSH in it: three sessions one in another.
port: 3128

>>> GET ws://ws.example/tunnel HTTP/1.1\r\n
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
>>> \x82\x847\xfa!=7\xfa!<
<<< \x82\x02\x00\x00
>>> \x88\x827\xfa!=4\x12
<<< \x88\x02\x03\xe8

expect records http=1 tunnel=2 ssh=1 flow=3 anomaly=0
expect http http.url=/tunnel http.status=101 dest_port=80 tunnel.type=http-proxy tunnel.depth=1
expect tunnel tunnel.type=http-proxy tunnel.status=established tunnel.host=ws.example tunnel.reply_code=101 tunnel.app_proto=websocket
expect tunnel tunnel.type=websocket tunnel.status=established tunnel.depth=2 tunnel.app_proto=ssh
expect ssh ssh.server.software_version=OpenSSH_8.4 tunnel.depth=2 tunnel.path.0.type=http-proxy tunnel.path.1.type=websocket
expect flow app_proto=http dest_port=3128
