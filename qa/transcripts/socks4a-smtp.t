# SOCKS4a, SMTP inside: the banner is in the reply's segment.
port: 1080

>>> \x04\x01\x00\x19\x00\x00\x00\x01\x00example.com\x00
<<< \x00\x5a\x00\x00\x00\x00\x00\x00220 mail.example ESMTP\r\n
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
expect tunnel tunnel.type=socks4a tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=25
expect smtp smtp.helo=client.example tunnel.type=socks4a
