# SOCKS5, a mail with an attachment inside: what is in the message is told of the inner session.
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x03\x0bexample.com\x00\x19
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
---
<<< 220 mail.example ESMTP\r\n
>>> EHLO client.example\r\n
<<< 250-mail.example\r\n
<<+ 250 PIPELINING\r\n
>>> MAIL FROM:<a@client.example>\r\n
>>+ RCPT TO:<b@mail.example>\r\n
>>+ DATA\r\n
<<< 250 ok\r\n250 ok\r\n354 go on\r\n
>>> From: A <a@client.example>\r\n
>>+ To: b@mail.example, \x22C, D\x22 <c@mail.example>\r\n
>>+ Subject: invoice\r\n
>>+ Message-ID: <1@client.example>\r\n
>>+ Content-Type: multipart/mixed;\r\n
>>+ \tboundary=\x22=_b\x22\r\n
>>+ \r\n
>>+ --=_b\r\n
>>+ Content-Type: text/plain\r\n
>>+ \r\n
>>+ See http://www.example/a?b=c for more.\r\n
>>+ --=_b\r\n
>>+ Content-Type: application/zip; name=other.zip\r\n
>>+ Content-Disposition: attachment; filename*0=in; filename*1=voice.zip\r\n
>>+ Content-Transfer-Encoding: base64\r\n
>>+ \r\n
>>> UEsDBAoAAAAA\r\n
>>+ AA==\r\n
>>+ --=_b--\r\n
>>+ ..\r\n
>>+ .\r\n
<<< 250 ok\r\n
>>> QUIT\r\n
<<< 221 bye\r\n

expect records socks=1 tunnel=1 smtp=1 flow=2 anomaly=0
expect tunnel tunnel.type=socks5 tunnel.status=established tunnel.app_proto=smtp
expect smtp dest_port=25 tunnel.type=socks5 smtp.mail_from=<a@client.example> email.status=PARSE_DONE
expect smtp 'email.from=A <a@client.example>' email.to.0=b@mail.example 'email.to.1="C, D" <c@mail.example>'
expect smtp email.subject=invoice email.message_id=<1@client.example> email.attachment.0=other.zip email.url.0=www.example/a?b=c
