# SOCKS5, SMTP inside: the banner is in the reply's segment.
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x03\x0bexample.com\x00\x19
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92220 mail.example ESMTP\r\n
---
>>> EHLO client.example\r\n
<<< 250 mail.example\r\n
>>> MAIL FROM:<a@client.example>\r\n
<<< 250 ok\r\n
>>> RCPT TO:<b@mail.example>\r\n
<<< 250 ok\r\n
>>> DATA\r\n
<<< 354 go on\r\n
>>> Subject: x\r\n\r\n
>>+ hello\r\n.\r\n
<<< 250 ok\r\n
>>> QUIT\r\n
<<< 221 bye\r\n

expect records socks=1 tunnel=1 smtp=1 flow=2 anomaly=0
expect tunnel tunnel.type=socks5 tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=25 tunnel.app_proto=smtp
expect smtp smtp.helo=client.example dest_port=25 tunnel.type=socks5
