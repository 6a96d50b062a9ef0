# A header of that name which is no divert line: HTTP as it was sent.
port: 80

>>> GET /a HTTP/1.1\r\n
>>+ SSLproxy: [here]\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records tunnel=0 http=1 flow=1 anomaly=1
expect http http.url=/a http.status=200 http.hostname=example.com
expect anomaly anomaly.event=invalid_line anomaly.app_proto=sslproxy
