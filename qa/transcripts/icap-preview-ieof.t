# ICAP REQMOD whose body is all in the preview (RFC 3507 4.5).
port: 1344

>>> REQMOD icap://icap.example:1344/echo ICAP/1.0\r\n
>>+ Host: icap.example\r\n
>>+ Preview: 1024\r\n
>>+ Allow: 204\r\n
>>+ X-Client-IP: 10.5.0.7\r\n
>>+ Encapsulated: req-hdr=0, req-body=80\r\n\r\n
>>+ POST http://example.com/form HTTP/1.1\r\n
>>+ Host: example.com\r\n
>>+ Content-Length: 20\r\n\r\n
>>+ 14\r\n
>>+ 0123456789abcdefghij\r\n
>>+ 0; ieof\r\n\r\n
<<< ICAP/1.0 204 No Content\r\n
<<+ ISTag: "5"\r\n\r\n

expect records tunnel=1 http=1 flow=2 anomaly=0
expect tunnel tunnel.status=established tunnel.bytes_toserver=82
expect http src_ip=10.5.0.7 http.http_method=POST http.url=/form
