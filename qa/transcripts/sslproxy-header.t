# In HTTP the line is the first request's first header: the client's request is without it.
port: 9191

>>> GET /a HTTP/1.1\r\n
>>+ SSLproxy: [127.0.0.1]:34649,[192.0.2.24]:47286,[198.51.100.108]:443,s\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok
---
>>> GET /b HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 404 No\r\n
<<+ Content-Length: 0\r\n\r\n

expect records tunnel=1 http=2 flow=2 anomaly=0
expect tunnel tunnel.type=sslproxy tunnel.status=established tunnel.dest_ip=198.51.100.108 tunnel.dest_port=443 tunnel.app_proto=http tunnel.bytes_toserver=76
expect http src_ip=192.0.2.24 src_port=47286 dest_ip=198.51.100.108 http.url=/a http.status=200 tunnel.type=sslproxy
expect http src_ip=192.0.2.24 http.url=/b http.status=404
