# Forward proxying: the client doesn't wait, and the answers come in one segment.
port: 3128

>>> POST http://a.example/1 HTTP/1.1\r\n
>>+ Host: a.example\r\n
>>+ Expect: 100-continue\r\n
>>+ Content-Length: 31\r\n\r\n
>>+ GET http://c.example HTTP/1.1\r\n\r\n
>>+ GET http://192.0.2.7/2 HTTP/1.1\r\n\r\n
>>+ GET http://a.example/3 HTTP/1.1\r\n
>>+ Host: a.example\r\n\r\n
<<< HTTP/1.1 100 Continue\r\n\r\n
<<+ HTTP/1.1 204 No Content\r\n\r\n
<<+ HTTP/1.1 200 OK\r\n
<<+ Content-Length: 19\r\n\r\n
<<+ HTTP/1.1 200 OK\r\n\r\n
<<+ HTTP/1.1 304 Not Modified\r\n
<<+ Content-Length: 9\r\n\r\n

expect records tunnel=2 http=3 flow=3
expect http http.hostname=a.example http.url=/1 http.http_method=POST http.status=204 tunnel.host=a.example
expect http http.hostname=192.0.2.7 http.url=/2 http.status=200 http.length=19 dest_ip=192.0.2.7 dest_port=80
expect http http.hostname=a.example http.url=/3 http.status=304 tunnel.host=a.example
