# SOCKS5: only the greeting, on the port of SOCKS.
port: 1080
end: rst

>>> \x05\x02\x00\x02

expect records socks=1 tunnel=0 flow=1 anomaly=0
expect flow app_proto=socks
