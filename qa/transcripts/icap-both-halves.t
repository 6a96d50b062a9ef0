# ICAP: REQMOD and RESPMOD of one transaction on one connection, pipelined: the request once.
port: 1344

>>> REQMOD icap://icap.example:1344/echo ICAP/1.0\r\n
>>+ Host: icap.example\r\n
>>+ X-Client-IP: 10.5.0.7\r\n
>>+ Encapsulated: req-hdr=0, null-body=56\r\n\r\n
>>+ GET http://example.com/a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
>>> RESPMOD icap://icap.example:1344/echo ICAP/1.0\r\n
>>+ Host: icap.example\r\n
>>+ X-Client-IP: 10.5.0.7\r\n
>>+ Encapsulated: req-hdr=0, res-hdr=56, res-body=121\r\n\r\n
>>+ GET http://example.com/a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
>>+ HTTP/1.1 200 OK\r\n
>>+ Content-Type: text/plain\r\n
>>+ Content-Length: 11\r\n\r\n
>>+ b\r\n
>>+ hello world\r\n
>>+ 0\r\n\r\n
<<< ICAP/1.0 204 No Content\r\n
<<+ ISTag: "5"\r\n\r\n
<<+ ICAP/1.0 204 No Content\r\n
<<+ ISTag: "5"\r\n\r\n

expect records tunnel=1 http=1 flow=2 anomaly=0
expect http http.url=/a http.status=200
