# SOCKS5 UDP ASSOCIATE with a relay on the proxy's own address, which it does not say; bytes on the control connection mean nothing.
port: 1080
udp: 40000

>>> \x05\x01\x00\x05\x03\x00\x01\x00\x00\x00\x00\x00\x00
<<< \x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x9c\x40
>>u \x00\x00\x00\x01\xc6\x33\x64\x08\x13\x89one
>>> keep-alive
<<u \x00\x00\x00\x01\xc6\x33\x64\x08\x13\x89two

expect records socks=1 tunnel=1 flow=3 anomaly=0
expect tunnel tunnel.type=socks5-udp tunnel.status=established tunnel.dest_ip=198.51.100.8 tunnel.dest_port=5001 tunnel.bytes_toserver=3 tunnel.bytes_toclient=3
