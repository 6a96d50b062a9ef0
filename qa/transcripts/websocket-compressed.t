# Compressed messages: named, not followed.
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
<<+ Sec-WebSocket-Extensions: permessage-deflate\r\n
<<+ Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n
>>> \xc1\x857\xfa!=\x9d\xack97
<<< \xc1\x05\xaaVJ\x04\x00

expect records http=1 tunnel=0 flow=1 anomaly=1
expect anomaly anomaly.event=compressed anomaly.app_proto=websocket
