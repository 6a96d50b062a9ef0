# PROXY protocol version 2 with an authority, before SMTP in which the server speaks first.
port: 25

>>> \r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x1b\xc0\x00\x02\x01\xc6\x33\x64\x02\x9c\x40\x00\x19
>>+ \x02\x00\x0cmail.example
<<< 220 mail.example ESMTP\r\n
---
>>> EHLO a.example\r\n
<<< 250 mail.example\r\n
>>> QUIT\r\n
<<< 221 bye\r\n

expect records tunnel=1 flow=2 anomaly=0
expect tunnel tunnel.type=proxy-protocol tunnel.status=established tunnel.host=mail.example tunnel.dest_ip=198.51.100.2 tunnel.dest_port=25 tunnel.app_proto=smtp
expect flow src_ip=192.0.2.1 src_port=40000 dest_ip=198.51.100.2 app_proto=smtp tunnel.host=mail.example
