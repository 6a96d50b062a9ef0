# SOCKS5: connection refused.
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x03\x0bexample.com\x00\x50
<<< \x05\x05\x00\x01\x00\x00\x00\x00\x00\x00

expect records socks=1 tunnel=1 flow=1 anomaly=0
expect socks socks.version=5 socks.command=connect socks.reply_code=5 'socks.reply=connection refused'
expect tunnel tunnel.type=socks5 tunnel.status=refused tunnel.host=example.com tunnel.dest_port=80 tunnel.reply_code=5 'tunnel.reply=connection refused'
