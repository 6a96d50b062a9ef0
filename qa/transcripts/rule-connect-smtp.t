# Rule: SMTP in a CONNECT tunnel; the port is not the web's, either.
rules: tunnel-policy.rules
port: 3128

>>> CONNECT mail.example:25 HTTP/1.1\r\n
>>+ Host: mail.example:25\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
---
<<< 220 mail.example ESMTP\r\n
>>> EHLO client.example\r\n
<<< 250 mail.example\r\n
>>> MAIL FROM:<a@client.example>\r\n
<<< 250 ok\r\n
>>> QUIT\r\n
<<< 221 bye\r\n

expect records alert=2
expect alert alert.signature_id=4220003 app_proto=smtp tunnel.type=http-connect
expect alert alert.signature_id=4220001 dest_port=25
