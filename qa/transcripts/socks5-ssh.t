# SOCKS5, SSH inside: banners of both sides, the server's in the reply's segment.
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x03\x0bexample.com\x00\x16
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92SSH-2.0-OpenSSH_9.2p1\r\n
>>> SSH-2.0-OpenSSH_9.6\r\n

expect records socks=1 tunnel=1 flow=2 anomaly=0
expect tunnel tunnel.type=socks5 tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=22 tunnel.app_proto=ssh
expect flow app_proto=ssh dest_port=22 tunnel.type=socks5
