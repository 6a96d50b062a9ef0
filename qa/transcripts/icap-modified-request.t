# ICAP REQMOD answered with a changed request: the session has the client's.
port: 1344

>>> REQMOD icap://icap.example:1344/echo ICAP/1.0\r\n
>>+ Host: icap.example\r\n
>>+ X-Client-IP: 10.5.0.7\r\n
>>+ Encapsulated: req-hdr=0, null-body=56\r\n\r\n
>>+ GET http://example.com/x HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< ICAP/1.0 200 OK\r\n
<<+ ISTag: "5"\r\n
<<+ Encapsulated: req-hdr=0, null-body=60\r\n\r\n
<<+ GET http://other.example/y HTTP/1.1\r\n
<<+ Host: other.example\r\n\r\n

expect records tunnel=1 http=1 flow=2 anomaly=0
expect http http.hostname=example.com http.url=/x
