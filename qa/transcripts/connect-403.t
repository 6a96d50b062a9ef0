# HTTP CONNECT: 403 is a no.
port: 3128

>>> CONNECT example.com:80 HTTP/1.1\r\n
>>+ Host: example.com:80\r\n\r\n
<<< HTTP/1.1 403 Forbidden\r\n
<<+ Content-Length: 4\r\n\r\n
<<+ sad\x0a

expect records tunnel=1 http=1 flow=1 anomaly=0
expect http http.http_method=CONNECT http.status=403
expect tunnel tunnel.type=http-connect tunnel.status=refused tunnel.reply_code=403 tunnel.host=example.com tunnel.dest_port=80
