# ICAP REQMOD with a preview, 100 Continue, and the rest of the body.
port: 1344

>>> REQMOD icap://icap.example:1344/echo ICAP/1.0\r\n
>>+ Host: icap.example\r\n
>>+ Preview: 8\r\n
>>+ Allow: 204\r\n
>>+ X-Client-IP: 10.5.0.7\r\n
>>+ Encapsulated: req-hdr=0, req-body=80\r\n\r\n
>>+ POST http://example.com/form HTTP/1.1\r\n
>>+ Host: example.com\r\n
>>+ Content-Length: 20\r\n\r\n
>>+ 8\r\n
>>+ 01234567\r\n
>>+ 0\r\n\r\n
<<< ICAP/1.0 100 Continue\r\n\r\n
>>> 8\r\n
>>+ 89abcdef\r\n
>>+ 4\r\n
>>+ ghij\r\n
>>+ 0\r\n\r\n
<<< ICAP/1.0 204 No Content\r\n
<<+ ISTag: "5"\r\n\r\n

expect records tunnel=1 http=1 flow=2 anomaly=0
expect tunnel tunnel.status=established tunnel.bytes_toserver=82
expect http src_ip=10.5.0.7 http.http_method=POST http.url=/form
