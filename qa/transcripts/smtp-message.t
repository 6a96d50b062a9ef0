# A mail with parts in parts and a message in a message, a second one, and a command behind them.
port: 25

<<< 220 mail.example ESMTP\r\n
>>> HELO client.example\r\n
<<< 250 mail.example\r\n
>>> MAIL FROM:<a@client.example>\r\n
<<< 250 ok\r\n
>>> RCPT TO:<b@mail.example>\r\n
<<< 250 ok\r\n
>>> DATA\r\n
<<< 354 go on\r\n
>>> From: a\r\nSubject: folded\r\n line\r\n
>>+ Content-Type: multipart/mixed; boundary=b\r\n\r\n
>>+ --b\r\nContent-Type: multipart/alternative; boundary=bb\r\n\r\n
>>+ --bb\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<a href=3D"http://ex=\r\nample/">\r\n
>>+ --bb--\r\n
>>+ --b\r\nContent-Type: message/rfc822\r\n\r\n
>>+ Subject: inner\r\nContent-Disposition: attachment; filename="in a message.txt"\r\n\r\n..x\r\n--b--\r\n.\r\n
<<< 250 ok\r\n
>>> MAIL FROM:<c@client.example>\r\nRCPT TO:<d@mail.example>\r\n
<<< 250 ok\r\n250 ok\r\n
>>> BDAT 14\r\nSubject: two\r\n
<<< 250 ok\r\n
>>> BDAT 9 LAST\r\n\r\n.\r\nRSET
<<< 250 ok\r\n
>>> QUIT\r\n
<<< 221 bye\r\n

expect records smtp=2 flow=1 anomaly=0
expect smtp tx_id=0 smtp.mail_from=<a@client.example> email.status=PARSE_DONE email.subject=foldedline email.url.0=example/ 'email.attachment.0=in a message.txt'
expect smtp tx_id=1 smtp.mail_from=<c@client.example> email.status=PARSE_DONE email.subject=two
