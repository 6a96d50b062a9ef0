# Absolute-form to the server itself is no proxying.
port: 80

>>> GET http://10.88.0.1/a HTTP/1.1\r\n
>>+ Host: 10.88.0.1\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records tunnel=0 http=1 flow=1 anomaly=0
expect http http.url=http://10.88.0.1/a http.hostname=10.88.0.1 dest_ip=10.88.0.1
