# ICAP REQMOD answered with a response: that is what the client gets.
port: 1344

>>> REQMOD icap://icap.example:1344/echo ICAP/1.0\r\n
>>+ Host: icap.example\r\n
>>+ X-Client-IP: 10.5.0.7\r\n
>>+ Encapsulated: req-hdr=0, null-body=56\r\n\r\n
>>+ GET http://bad.example/x HTTP/1.1\r\n
>>+ Host: bad.example\r\n\r\n
<<< ICAP/1.0 200 OK\r\n
<<+ ISTag: "5"\r\n
<<+ Encapsulated: res-hdr=0, res-body=45\r\n\r\n
<<+ HTTP/1.1 403 Forbidden\r\n
<<+ Content-Length: 7\r\n\r\n
<<+ 7\r\n
<<+ blocked\r\n
<<+ 0\r\n\r\n

expect records tunnel=1 http=1 flow=2 anomaly=0
expect http src_ip=10.5.0.7 http.hostname=bad.example http.status=403 http.length=7
