# ICAP RESPMOD: what the server makes of the response is not what the origin said.
port: 1344

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
<<< ICAP/1.0 200 OK\r\n
<<+ ISTag: "5"\r\n
<<+ Encapsulated: res-hdr=0, res-body=63\r\n\r\n
<<+ HTTP/1.1 200 OK\r\n
<<+ Content-Type: text/html\r\n
<<+ Content-Length: 4\r\n\r\n
<<+ 4\r\n
<<+ gone\r\n
<<+ 0\r\n\r\n

expect records tunnel=1 http=1 flow=2 anomaly=0
expect http http.status=200 http.length=11 http.http_content_type=text/plain
