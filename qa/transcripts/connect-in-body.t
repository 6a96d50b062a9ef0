# A CONNECT in a POST's body is none.
port: 80

>>> POST /form HTTP/1.1\r\n
>>+ Host: example.com\r\n
>>+ Content-Length: 57\r\n\r\n
>>+ CONNECT example.com:80 HTTP/1.1\r\n
>>+ Host: example.com:80\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records tunnel=0 http=1 flow=1 anomaly=0
expect http http.http_method=POST
