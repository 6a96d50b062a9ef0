# ICAP without X-Client-IP: its client stands in; origin by Host, chunked body.
port: 1344

>>> RESPMOD icap://icap.example:1344/echo ICAP/1.0\r\n
>>+ Host: icap.example\r\n
>>+ X-Authenticated-User: TG9jYWw6Ly9ib2I=\r\n
>>+ Encapsulated: req-hdr=0, res-hdr=41, res-body=88\r\n\r\n
>>+ GET /a HTTP/1.1\r\n
>>+ Host: 192.0.2.1:8080\r\n\r\n
>>+ HTTP/1.1 200 OK\r\n
>>+ Transfer-Encoding: chunked\r\n\r\n
>>+ 6\r\n
>>+ hello \r\n
>>+ 5\r\n
>>+ world\r\n
>>+ 0\r\n\r\n
<<< ICAP/1.0 204 No Content\r\n
<<+ ISTag: "5"\r\n\r\n

expect records tunnel=1 http=1 flow=2 anomaly=0
expect tunnel tunnel.dest_ip=192.0.2.1 tunnel.dest_port=8080 tunnel.address_source=request tunnel.user=bob
expect http dest_ip=192.0.2.1 http.status=200 http.length=24
