# ICAP RESPMOD whose preview is enough: what is not shown is a gap of the session.
port: 1344

>>> RESPMOD icap://icap.example:1344/echo ICAP/1.0\r\n
>>+ Host: icap.example\r\n
>>+ Preview: 11\r\n
>>+ X-Client-IP: 10.5.0.7\r\n
>>+ Encapsulated: req-hdr=0, res-hdr=56, res-body=97\r\n\r\n
>>+ GET http://example.com/a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
>>+ HTTP/1.1 200 OK\r\n
>>+ Content-Length: 5000\r\n\r\n
>>+ b\r\n
>>+ hello world\r\n
>>+ 0\r\n\r\n
<<< ICAP/1.0 204 No Content\r\n
<<+ ISTag: "5"\r\n\r\n
>>> RESPMOD icap://icap.example:1344/echo ICAP/1.0\r\n
>>+ Host: icap.example\r\n
>>+ X-Client-IP: 10.5.0.7\r\n
>>+ Encapsulated: req-hdr=0, res-hdr=56, res-body=121\r\n\r\n
>>+ GET http://example.com/b HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
>>+ HTTP/1.1 200 OK\r\n
>>+ Content-Type: text/plain\r\n
>>+ Content-Length: 11\r\n\r\n
>>+ b\r\n
>>+ hello world\r\n
>>+ 0\r\n\r\n
<<< ICAP/1.0 204 No Content\r\n
<<+ ISTag: "5"\r\n\r\n

expect records tunnel=1 http=2 flow=2
expect http http.url=/a http.status=200
expect http http.url=/b http.status=200 http.length=11
