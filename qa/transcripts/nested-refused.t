# SOCKS5 inside SOCKS5: the inner one is refused.
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x03\x0dsocks.example\x04\x38
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x03\x0bexample.com\x00\x50
<<< \x05\x04\x00\x01\x00\x00\x00\x00\x00\x00

expect records socks=2 tunnel=2 flow=2 anomaly=0
expect tunnel tunnel.type=socks5 tunnel.status=established tunnel.depth=1 tunnel.host=socks.example
expect tunnel tunnel.depth=2 tunnel.status=refused tunnel.reply_code=4 tunnel.host=example.com tunnel.dest_port=80
