# SOCKS5 by name without authentication, HTTP inside.
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x03\x0bexample.com\x00\x50
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records socks=1 tunnel=1 http=1 flow=2 anomaly=0
expect socks socks.version=5 socks.command=connect socks.auth_method=none socks.address_type=domain socks.host=example.com socks.dest_port=80 socks.reply_code=0 socks.reply=succeeded socks.bound_ip=10.0.0.2 socks.bound_port=4242
expect tunnel tunnel.type=socks5 tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=80 tunnel.reply_code=0 tunnel.reply=succeeded tunnel.app_proto=http tunnel.bytes_toserver=38 tunnel.bytes_toclient=40
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=socks5 tunnel.depth=1 tunnel.host=example.com
expect flow app_proto=socks
