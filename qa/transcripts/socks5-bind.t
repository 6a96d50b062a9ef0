# SOCKS5 BIND is recorded.
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x02\x00\x01\x5d\xb8\xd8\x22\x00\x50
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92

expect records socks=1 tunnel=1
expect socks socks.version=5 socks.command=bind socks.dest_ip=93.184.216.34 socks.reply_code=0
