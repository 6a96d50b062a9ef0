# SOCKS5 UDP ASSOCIATE with reversed roles: the connection's server is who uses the relay.
port: 4711
udp: 40000 30000

<<< \x05\x01\x00
>>> \x05\x00
<<< \x05\x03\x00\x01\x00\x00\x00\x00\x00\x00
>>> \x05\x00\x00\x01\x00\x00\x00\x00\x75\x30
<<u \x00\x00\x00\x01\xc6\x33\x64\x08\x13\x89one

expect records socks=1 tunnel=1 flow=3 anomaly=0
expect tunnel src_ip=10.88.0.1 src_port=40000 tunnel.type=socks5-udp tunnel.dest_ip=198.51.100.8 tunnel.dest_port=5001 tunnel.bytes_toserver=3
