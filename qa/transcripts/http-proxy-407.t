# Forward proxying: refused.
port: 3128

>>> GET http://192.0.2.7:8000/a HTTP/1.1\r\n
>>+ Host: 192.0.2.7:8000\r\n\r\n
<<< HTTP/1.1 407 Proxy Authentication Required\r\n
<<+ Content-Length: 0\r\n\r\n

expect records tunnel=1 http=0 flow=1 anomaly=0
expect tunnel tunnel.type=http-proxy tunnel.status=refused tunnel.dest_ip=192.0.2.7 tunnel.dest_port=8000 tunnel.reply_code=407 'tunnel.reply=Proxy Authentication Required'
