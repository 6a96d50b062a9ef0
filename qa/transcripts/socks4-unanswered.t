# SOCKS4: not answered.
port: 1080

>>> \x04\x01\x00\x50\x5d\xb8\xd8"bob\x00

expect records socks=1 tunnel=1 flow=1 anomaly=0
expect tunnel tunnel.type=socks4 tunnel.status=incomplete 'tunnel.reason=no answer' tunnel.dest_ip=93.184.216.34
