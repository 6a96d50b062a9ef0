# Forward proxying: origins A, B and A again on one connection are two sessions.
port: 3128

>>> GET http://a.example/1 HTTP/1.1\r\n
>>+ Host: a.example\r\n
>>+ Proxy-Connection: keep-alive\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 3\r\n\r\n
<<+ one
>>> GET http://b.example:8080/2 HTTP/1.1\r\n
>>+ Host: b.example:8080\r\n\r\n
<<< HTTP/1.1 404 Not Found\r\n
<<+ Transfer-Encoding: chunked\r\n\r\n
<<+ 3\r\ntwo\r\n0\r\n\r\n
>>> HEAD http://A.example/3 HTTP/1.1\r\n
>>+ Host: a.example\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 5\r\n\r\n

expect records tunnel=2 http=3 flow=3 anomaly=0
expect tunnel tunnel.type=http-proxy tunnel.status=established tunnel.depth=1 tunnel.host=a.example tunnel.dest_port=80 tunnel.reply_code=200 tunnel.app_proto=http tunnel.bytes_toserver=73 tunnel.bytes_toclient=79
expect tunnel tunnel.type=http-proxy tunnel.status=established tunnel.depth=1 tunnel.host=b.example tunnel.dest_port=8080 tunnel.reply_code=404
expect http http.hostname=a.example http.url=/1 http.status=200 http.length=3 dest_port=80 tunnel.type=http-proxy
expect http http.hostname=b.example http.url=/2 http.status=404 dest_port=8080 tunnel.type=http-proxy
expect http http.hostname=a.example http.url=/3 http.http_method=HEAD dest_port=80 tunnel.depth=1
expect flow app_proto=http dest_port=3128
