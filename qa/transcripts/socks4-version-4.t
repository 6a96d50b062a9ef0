# SOCKS4, a server that repeats the version in its reply.
port: 1080

>>> \x04\x01\x00\x50\x5d\xb8\xd8\x22\x00
<<< \x04\x5a\x00\x00\x00\x00\x00\x00
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records socks=1 tunnel=1 http=1 anomaly=1
expect tunnel tunnel.type=socks4 tunnel.status=established tunnel.depth=1 tunnel.dest_ip=93.184.216.34
expect anomaly anomaly.event=invalid_reply_version
