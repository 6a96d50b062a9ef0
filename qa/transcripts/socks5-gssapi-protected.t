# SOCKS5 with GSSAPI and protection: nothing more can be read, and that is said.
port: 1080

>>> \x05\x01\x01
<<< \x05\x01
>>> \x01\x01\x00\x05token
<<< \x01\x01\x00\x05nekot
>>> \x01\x03\x00\x04wrap
<<< \x01\x03\x00\x04wrap

expect records socks=1 tunnel=1 flow=1
expect tunnel tunnel.type=socks5 tunnel.status=incomplete 'tunnel.reason=encapsulated by GSSAPI'
