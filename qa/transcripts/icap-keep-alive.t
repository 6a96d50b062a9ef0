# ICAP keep-alive: origins A, B, A are two sessions; one X-Client-Port for all.
port: 1344

>>> RESPMOD icap://icap.example:1344/echo ICAP/1.0\r\n
>>+ Host: icap.example\r\n
>>+ X-Client-IP: 10.5.0.7\r\n
>>+ X-Client-Port: 4242\r\n
>>+ Encapsulated: req-hdr=0, res-hdr=52, res-body=117\r\n\r\n
>>+ GET http://a.example/1 HTTP/1.1\r\n
>>+ Host: a.example\r\n\r\n
>>+ HTTP/1.1 200 OK\r\n
>>+ Content-Type: text/plain\r\n
>>+ Content-Length: 11\r\n\r\n
>>+ b\r\n
>>+ hello world\r\n
>>+ 0\r\n\r\n
<<< ICAP/1.0 204 No Content\r\n
<<+ ISTag: "5"\r\n\r\n
>>> RESPMOD icap://icap.example:1344/echo ICAP/1.0\r\n
>>+ Host: icap.example\r\n
>>+ X-Client-IP: 10.5.0.7\r\n
>>+ X-Client-Port: 4242\r\n
>>+ Encapsulated: req-hdr=0, res-hdr=52, res-body=117\r\n\r\n
>>+ GET http://b.example/2 HTTP/1.1\r\n
>>+ Host: b.example\r\n\r\n
>>+ HTTP/1.1 200 OK\r\n
>>+ Content-Type: text/plain\r\n
>>+ Content-Length: 11\r\n\r\n
>>+ b\r\n
>>+ hello world\r\n
>>+ 0\r\n\r\n
<<< ICAP/1.0 204 No Content\r\n
<<+ ISTag: "5"\r\n\r\n
>>> RESPMOD icap://icap.example:1344/echo ICAP/1.0\r\n
>>+ Host: icap.example\r\n
>>+ X-Client-IP: 10.5.0.7\r\n
>>+ X-Client-Port: 4242\r\n
>>+ Encapsulated: req-hdr=0, res-hdr=52, res-body=117\r\n\r\n
>>+ GET http://a.example/3 HTTP/1.1\r\n
>>+ Host: a.example\r\n\r\n
>>+ HTTP/1.1 200 OK\r\n
>>+ Content-Type: text/plain\r\n
>>+ Content-Length: 11\r\n\r\n
>>+ b\r\n
>>+ hello world\r\n
>>+ 0\r\n\r\n
<<< ICAP/1.0 204 No Content\r\n
<<+ ISTag: "5"\r\n\r\n

expect records tunnel=2 http=3 flow=3 anomaly=0
expect tunnel tunnel.host=a.example
expect tunnel tunnel.host=b.example
expect http src_port=4242 http.hostname=a.example http.url=/1 http.status=200
expect http http.hostname=b.example http.url=/2 http.status=200
expect http src_port=4242 http.hostname=a.example http.url=/3 http.status=200
