# Datagrams that begin as a relay's would, without anybody who announced one.
udp: 40000

>>u \x00\x00\x00\x01\x67\x42\x00\x1e\xe9\x02\xc1\x2c\x80
>>u \x00\x00\x00\x01\x68\xce\x38\x80
<<u \x00\x00\x00\x01\x06\x05\x04\x03\x02\x01

expect records socks=0 tunnel=0 flow=1 anomaly=0
expect flow proto=UDP app_proto=failed
