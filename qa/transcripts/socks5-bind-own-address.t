# SOCKS5 BIND, everything bundled; the proxy listens on its own address and does not say which.
port: 1080

>>> \x05\x01\x00\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00
<<< \x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x10\x92
<<< \x05\x00\x00\x01\xc6\x33\x64\x07\x9c\x40SSH-2.0-peer\r\n
---
>>> SSH-2.0-client\r\n

expect records socks=1 tunnel=1 flow=2 anomaly=0
expect tunnel tunnel.type=socks5 tunnel.status=established tunnel.dest_ip=10.88.0.1 tunnel.dest_port=4242
expect flow src_ip=198.51.100.7 src_port=40000 dest_ip=10.88.0.1 dest_port=4242 app_proto=ssh
