# SOCKS5: no acceptable methods.
port: 1080

>>> \x05\x01\x00
<<< \x05\xff

expect records socks=1 tunnel=1 flow=1 anomaly=0
expect socks socks.version=5
expect tunnel tunnel.type=socks5 tunnel.status=refused 'tunnel.reply=no acceptable methods'
