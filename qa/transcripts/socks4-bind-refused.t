# SOCKS4 BIND, refused.
port: 1080

>>> \x04\x02\x00\x50\x5d\xb8\xd8\x22\x00
<<< \x00\x5b\x00\x00\x00\x00\x00\x00

expect records socks=1 tunnel=1 flow=1 anomaly=0
expect socks socks.version=4 socks.command=bind 
expect tunnel tunnel.type=socks4 tunnel.status=refused tunnel.reply_code=91
