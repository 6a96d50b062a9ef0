# Upgrade to connect-udp (RFC 9298): datagrams in capsules, and a capsule of an unknown type.
port: 8080

>>> GET https://proxy.example/.well-known/masque/udp/192.0.2.53/53/ HTTP/1.1\r\n
>>+ Host: proxy.example\r\n
>>+ Connection: Upgrade\r\n
>>+ Upgrade: connect-udp\r\n
>>+ Capsule-Protocol: ?1\r\n\r\n
<<< HTTP/1.1 101 Switching Protocols\r\n
<<+ Connection: Upgrade\r\n
<<+ Upgrade: connect-udp\r\n
<<+ Capsule-Protocol: ?1\r\n\r\n
---
>>> \x29\x02hi\x00\x1e\x00\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03com\x00\x00\x01\x00\x01
<<< \x00\x2e\x00\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x07example\x03com\x00\x00\x01\x00\x01
<<+ \xc0\x0c\x00\x01\x00\x01\x00\x00\x0e\x10\x00\x04\x5d\xb8\xd8\x22

expect records tunnel=1 http=1 flow=2 dns=2 anomaly=0
expect http http.status=101 dest_port=8080
expect tunnel tunnel.type=connect-udp tunnel.status=established tunnel.depth=1 tunnel.dest_ip=192.0.2.53 tunnel.dest_port=53 tunnel.reply_code=101 tunnel.bytes_toserver=29 tunnel.bytes_toclient=45 tunnel.app_proto=dns
expect flow proto=UDP dest_ip=192.0.2.53 dest_port=53 app_proto=dns tunnel.type=connect-udp
