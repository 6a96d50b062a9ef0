# A proxy's page of its own, a request through it, and a tunnel, on one connection.
port: 3128

>>> GET /proxy.pac HTTP/1.1\r\n
>>+ Host: proxy.example\r\n\r\n
>>+ GET http://example.com/a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ me
<<+ HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok
>>> CONNECT example.com:80 HTTP/1.1\r\n
>>+ Host: example.com:80\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
---
>>> GET /b HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records tunnel=2 http=4 flow=3 anomaly=0
expect http http.hostname=proxy.example http.url=/proxy.pac dest_port=3128
expect http http.http_method=CONNECT http.status=200 dest_port=3128
expect http http.url=/a tunnel.type=http-proxy dest_port=80
expect http http.url=/b tunnel.type=http-connect dest_port=80
expect tunnel tunnel.type=http-proxy tunnel.status=established tunnel.host=example.com
expect tunnel tunnel.type=http-connect tunnel.status=established tunnel.host=example.com
