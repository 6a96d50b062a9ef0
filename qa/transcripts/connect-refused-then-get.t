# HTTP CONNECT: after a 403 the connection goes on as a proxy's.
port: 3128

>>> CONNECT example.com:80 HTTP/1.1\r\n
>>+ Host: example.com:80\r\n\r\n
<<< HTTP/1.1 403 Forbidden\r\n
<<+ Content-Length: 0\r\n\r\n
>>> GET http://example.com/a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records tunnel=2 http=2 flow=2 anomaly=0
expect tunnel tunnel.type=http-connect tunnel.status=refused tunnel.reply_code=403
expect http http.http_method=CONNECT http.status=403 dest_port=3128
expect tunnel tunnel.type=http-proxy tunnel.status=established tunnel.host=example.com tunnel.dest_port=80
expect http http.http_method=GET http.url=/a http.status=200 dest_port=80 tunnel.type=http-proxy
