# A line of blanks before the reply is none of it.
port: 80

>>> GET /x HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<<  \t \r\nHTTP/1.1 200 OK\r\n
<<+ Transfer-Encoding: chunked\r\n
<<+ Content-Disposition: attachment; filename="y.txt"\r\n\r\n
<<+ 2\r\nok\r\n0\r\n\r\n

expect records http=1 fileinfo=1 anomaly=0
expect http http.url=/x http.status=200
expect fileinfo fileinfo.filename=y.txt fileinfo.size=2
