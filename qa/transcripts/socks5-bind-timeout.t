# SOCKS5 BIND, and the proxy gave up waiting: the second reply says no.
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x02\x00\x01\x5d\xb8\xd8\x22\x00\x50
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
<<< \x05\x06\x00\x01\x00\x00\x00\x00\x00\x00

expect records socks=1 tunnel=1 flow=1 anomaly=0
expect socks socks.command=bind socks.reply_code=6
expect tunnel tunnel.status=refused tunnel.reply_code=6 'tunnel.reply=ttl expired'
