# SOCKS5 BIND, and nobody came in while the connection lasted.
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x02\x00\x01\x5d\xb8\xd8\x22\x00\x50
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92

expect records socks=1 tunnel=1 flow=1 anomaly=0
expect tunnel tunnel.type=socks5 tunnel.status=incomplete 'tunnel.reason=no peer' tunnel.dest_ip=10.0.0.2 tunnel.dest_port=4242 tunnel.reply_code=0
