# Forward proxying inside CONNECT: the inner proxy's connection is a session, the origin's another.
port: 3128

>>> CONNECT proxy.example:8080 HTTP/1.1\r\n
>>+ Host: proxy.example:8080\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
>>> GET http://example.com/a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records tunnel=2 http=2 flow=3 anomaly=0
expect tunnel tunnel.type=http-connect tunnel.depth=1 tunnel.host=proxy.example tunnel.status=established
expect tunnel tunnel.type=http-proxy tunnel.depth=2 tunnel.host=example.com tunnel.status=established
expect http http.url=/a http.hostname=example.com tunnel.depth=2 tunnel.path.0.type=http-connect tunnel.path.1.type=http-proxy
