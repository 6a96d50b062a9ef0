# SOCKS5 with user and password: the user is recorded.
port: 1080

>>> \x05\x02\x00\x02
<<< \x05\x02
>>> \x01\x05alice\x06secret
<<< \x01\x00
>>> \x05\x01\x00\x03\x0bexample.com\x00\x50
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
---
>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records socks=1 tunnel=1 http=1 anomaly=0
expect socks socks.version=5 socks.command=connect socks.auth_method=user_password socks.auth_status=success socks.user=alice
expect tunnel tunnel.type=socks5 tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=80 tunnel.user=alice
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=socks5 tunnel.depth=1 tunnel.user=alice
