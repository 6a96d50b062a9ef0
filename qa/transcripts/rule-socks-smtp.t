# Rule: SMTP through SOCKS is no web proxy's.
rules: tunnel-policy.rules
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x03\x0cmail.example\x00\x19
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
---
<<< 220 mail.example ESMTP\r\n
>>> EHLO client.example\r\n
<<< 250 mail.example\r\n
>>> MAIL FROM:<a@client.example>\r\n
<<< 250 ok\r\n
>>> QUIT\r\n
<<< 221 bye\r\n

expect records alert=0
