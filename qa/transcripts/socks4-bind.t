# SOCKS4 BIND: the session is the one that came in.
port: 1080

>>> \x04\x02\x00\x50\x5d\xb8\xd8\x22ann\x00
<<< \x00\x5a\x10\x92\x00\x00\x00\x00
<<< \x00\x5a\x9c\x40\x5d\xb8\xd8\x22
---
<<< HELO peer.example\r\n
>>> 250 ok\r\n

expect records socks=1 tunnel=1 flow=2 anomaly=0
expect socks socks.version=4 socks.command=bind socks.user=ann socks.dest_ip=93.184.216.34 socks.bound_port=4242 socks.peer_ip=93.184.216.34
expect tunnel tunnel.type=socks4 tunnel.status=established tunnel.dest_ip=10.88.0.1 tunnel.dest_port=4242 tunnel.user=ann
expect flow src_ip=93.184.216.34 src_port=40000 dest_ip=10.88.0.1 dest_port=4242 tunnel.user=ann
