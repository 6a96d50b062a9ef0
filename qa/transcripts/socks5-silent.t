# SOCKS5: a tunnel that carries no byte is a tunnel all the same.
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x03\x0bexample.com\x00\x50
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92

expect records socks=1 tunnel=1 flow=2 anomaly=0
expect tunnel tunnel.type=socks5 tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=80 tunnel.bytes_toserver=0 tunnel.bytes_toclient=0
