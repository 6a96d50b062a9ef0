# SOCKS4 with a user id, HTTP inside.
port: 1080

>>> \x04\x01\x00\x50\x5d\xb8\xd8"bob\x00
<<< \x00\x5a\x00\x00\x00\x00\x00\x00
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records socks=1 tunnel=1 http=1 flow=2 anomaly=0
expect socks socks.version=4 socks.command=connect socks.user=bob socks.dest_ip=93.184.216.34 socks.dest_port=80 socks.reply_code=90 socks.reply=granted
expect tunnel tunnel.type=socks4 tunnel.status=established tunnel.depth=1 tunnel.dest_ip=93.184.216.34 tunnel.dest_port=80 tunnel.user=bob tunnel.reply_code=90
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=socks4 tunnel.depth=1 dest_ip=93.184.216.34
