# A method of that name is HTTP.
port: 80

>>> PROXY /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 405 No\r\n
<<+ Content-Length: 0\r\n\r\n

expect records tunnel=0 http=1 flow=1
expect http http.http_method=PROXY http.url=/a
