# ICAP REQMOD: a request in the session of the client that a header names and the origin.
port: 1344

>>> REQMOD icap://icap.example:1344/echo ICAP/1.0\r\n
>>+ Host: icap.example\r\n
>>+ Allow: 204\r\n
>>+ X-Client-IP: 10.5.0.7\r\n
>>+ X-Client-Username: alice\r\n
>>+ Encapsulated: req-hdr=0, null-body=135\r\n\r\n
>>+ GET http://example.com/index.html HTTP/1.1\r\n
>>+ Host: example.com\r\n
>>+ User-Agent: curl/7.88.1\r\n
>>+ Proxy-Authorization: Basic YWxpY2U6c2VjcmV0\r\n\r\n
<<< ICAP/1.0 204 No Content\r\n
<<+ ISTag: "5"\r\n\r\n

expect records tunnel=1 http=1 flow=2 anomaly=0
expect tunnel tunnel.type=icap tunnel.status=established tunnel.host=example.com tunnel.dest_port=80 tunnel.user=alice tunnel.depth=1
expect http src_ip=10.5.0.7 dest_port=80 http.http_method=GET http.url=/index.html http.hostname=example.com tunnel.type=icap tunnel.depth=1
expect flow app_proto=icap
