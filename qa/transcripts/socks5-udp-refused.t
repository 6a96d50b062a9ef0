# SOCKS5 UDP ASSOCIATE, refused.
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x03\x00\x01\x00\x00\x00\x00\x00\x00
<<< \x05\x07\x00\x01\x00\x00\x00\x00\x00\x00

expect records socks=1 tunnel=1 flow=1 anomaly=0
expect socks socks.version=5 socks.command=udp-associate socks.reply_code=7
expect tunnel tunnel.status=refused tunnel.reply_code=7 'tunnel.reply=command not supported'
