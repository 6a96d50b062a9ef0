# SOCKS5 with a private method.
port: 1080

>>> \x05\x02\x00\x80
<<< \x05\x80
>>> who knows
<<< what this is

expect records socks=1 tunnel=1 flow=1
expect socks socks.auth_method=0x80
expect tunnel tunnel.status=incomplete 'tunnel.reason=unknown authentication method'
