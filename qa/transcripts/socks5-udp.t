# SOCKS5 UDP ASSOCIATE: each target of the relay is a session of its own.
port: 1080
udp: 40000

>>> \x05\x01\x02
<<< \x05\x02
>>> \x01\x05alice\x06secret
<<< \x01\x00
>>> \x05\x03\x00\x01\x00\x00\x00\x00\x00\x00
<<< \x05\x00\x00\x01\x0a\x58\x00\x01\x9c\x40
>>u \x00\x00\x00\x01\xc6\x33\x64\x35\x00\x35\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x03com\x00\x00\x01\x00\x01
<<u \x00\x00\x00\x01\xc6\x33\x64\x35\x00\x35\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x03www\x07example\x03com\x00\x00\x01\x00\x01
<<+ \xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc6\x33\x64\x50
>>u \x00\x00\x00\x03\x0bexample.com\x13\x88hello
<<u \x00\x00\x00\x01\xc6\x33\x64\x07\x13\x88hello yourself
>>u \x00\x00\x00\x01\xc6\x33\x64\x08\x13\x89one
>>u \x00\x00\x00\x01\xc6\x33\x64\x08\x13\x89two

expect records socks=1 tunnel=3 dns=2 flow=5 anomaly=0
expect socks socks.command=udp-associate socks.user=alice socks.bound_ip=10.88.0.1 socks.bound_port=40000
expect tunnel tunnel.type=socks5-udp dest_port=40000 proto=UDP tunnel.dest_ip=198.51.100.53 tunnel.dest_port=53 tunnel.user=alice tunnel.app_proto=dns tunnel.bytes_toserver=33 tunnel.bytes_toclient=49
expect tunnel tunnel.host=example.com tunnel.dest_port=5000 tunnel.bytes_toserver=5 tunnel.bytes_toclient=14
expect tunnel tunnel.dest_ip=198.51.100.8 tunnel.dest_port=5001 tunnel.bytes_toserver=6 tunnel.bytes_toclient=0
expect dns dest_ip=198.51.100.53 dest_port=53 proto=UDP tunnel.type=socks5-udp tunnel.user=alice
expect flow dest_port=40000 proto=UDP app_proto=socks
expect flow dest_port=1080 proto=TCP app_proto=socks
