# A divert line that names no destination.
port: 9199

>>> SSLproxy: [127.0.0.1]:34649,[192.0.2.24]:47286\r\n
>>+ EHLO a.example\r\n
<<< 220 mail.example ESMTP\r\n

expect records tunnel=1 flow=1 anomaly=1
expect tunnel tunnel.type=sslproxy tunnel.status=incomplete 'tunnel.reason=invalid line'
