# A 200 that looks like a CONNECT's answer, in the body of a GET's reply, opens nothing.
port: 80

>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 39\r\n\r\n
<<+ HTTP/1.1 200 Connection established\r\n\r\n

expect records tunnel=0 http=1 flow=1 anomaly=0
