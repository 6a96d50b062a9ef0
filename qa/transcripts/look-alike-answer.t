# A SOCKS5 greeting whose answer is a method that was not offered is not SOCKS.
port: 1080

>>> \x05\x01\x00
<<< \x05\x07
>>> hello
<<< there

expect records socks=0 tunnel=0 flow=1
