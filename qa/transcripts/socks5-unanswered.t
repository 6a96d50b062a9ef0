# SOCKS5: the request is not answered.
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x03\x0bexample.com\x00\x50

expect records socks=1 tunnel=1 flow=1 anomaly=0
expect socks socks.version=5 socks.command=connect socks.host=example.com
expect tunnel tunnel.type=socks5 tunnel.status=incomplete 'tunnel.reason=no answer' tunnel.host=example.com tunnel.dest_port=80
