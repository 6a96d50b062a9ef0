# SSLproxy hands a decrypted connection over, SMTP within.
port: 9199

>>> SSLproxy: [127.0.0.1]:34649,[192.0.2.24]:47286,[198.51.100.108]:465,s,soner\r\n
>>+ EHLO a.example\r\n
<<< 220 mail.example ESMTP\r\n
---
<<< 250 mail.example\r\n
>>> QUIT\r\n
<<< 221 bye\r\n

expect records tunnel=1 flow=2 anomaly=0
expect tunnel tunnel.type=sslproxy tunnel.status=established tunnel.user=soner tunnel.dest_ip=198.51.100.108 tunnel.dest_port=465 tunnel.app_proto=smtp
expect flow src_ip=192.0.2.24 src_port=47286 dest_ip=198.51.100.108 dest_port=465 app_proto=smtp tunnel.type=sslproxy
