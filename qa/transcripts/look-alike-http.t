# HTTP on the port of SOCKS is HTTP.
port: 1080

>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records socks=0 tunnel=0 http=1 flow=1 anomaly=0
expect flow app_proto=http
