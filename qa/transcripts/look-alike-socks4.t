# A SOCKS4 request that is answered by something else is not SOCKS.
port: 1080

>>> \x04\x01\x00\x50\x5d\xb8\xd8"bob\x00
<<< hello there

expect records socks=0 tunnel=0 flow=1
