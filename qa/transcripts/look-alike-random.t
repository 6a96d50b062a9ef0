# Bytes that begin like a SOCKS5 greeting, answered by others, are not SOCKS.
port: 1080

>>> \x05\x01\x00\x9f\x31\xc2\xd0\x77\x43
<<< \x7a\x01\xff\x33\x09

expect records socks=0 tunnel=0 flow=1
