# SOCKS5: the capture ends after the method was chosen: nothing was asked for.
port: 1080
end: none

>>> \x05\x01\x00
<<< \x05\x00

expect records socks=1 tunnel=0 flow=1 anomaly=0
expect socks socks.version=5 socks.auth_method=none
