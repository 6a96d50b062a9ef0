# SOCKS5: wrong password.
port: 1080

>>> \x05\x02\x00\x02
<<< \x05\x02
>>> \x01\x05alice\x06secret
<<< \x01\x01

expect records socks=1 tunnel=1 flow=1 anomaly=0
expect socks socks.version=5 socks.auth_status=failure socks.user=alice
expect tunnel tunnel.type=socks5 tunnel.status=refused tunnel.user=alice 'tunnel.reply=authentication failed'
