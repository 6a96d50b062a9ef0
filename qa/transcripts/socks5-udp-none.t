# The relay of a connection that was not granted one is none, whatever its datagrams look like.
port: 1080
udp: 40000

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x03\x00\x01\x00\x00\x00\x00\x00\x00
<<< \x05\x07\x00\x01\x00\x00\x00\x00\x00\x00
>>u \x00\x00\x00\x01\xc6\x33\x64\x08\x13\x89one

expect records socks=1 tunnel=1 flow=2 anomaly=0
expect tunnel tunnel.type=socks5 tunnel.status=refused tunnel.reply_code=7
expect flow proto=UDP app_proto=failed
