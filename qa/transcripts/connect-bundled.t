# HTTP CONNECT, SMTP inside: the banner is in the reply's segment.
port: 3128

>>> CONNECT example.com:25 HTTP/1.1\r\n
>>+ Host: example.com:25\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
<<+ 220 mail.example ESMTP\r\n
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

expect records tunnel=1 http=1 smtp=1 flow=2 anomaly=0
expect tunnel tunnel.type=http-connect tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=25 tunnel.app_proto=smtp
expect smtp smtp.helo=client.example tunnel.type=http-connect
