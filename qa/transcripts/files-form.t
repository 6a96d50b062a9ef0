# A form with a field and two files, of which the second is empty (RFC 7578).
port: 80

>>> POST /upload HTTP/1.1\r\n
>>+ Host: example.com\r\n
>>+ Content-Type: multipart/form-data; boundary="x--y"\r\n
>>+ Content-Length: 289\r\n\r\n
>>> --x--y\r\n
>>+ Content-Disposition: form-data; name="why"\r\n\r\n
>>+ no file\r\n
>>+ --x--y\r\n
>>+ Content-Disposition: form-data; name="a"; filename="one \xc3\xa9.txt"\r\n
>>+ Content-Type: text/plain\r\n\r\n
>>+ one\r\n--x--one\r\n
>>+ --x--y  \r\n
>>+ Content-Disposition: form-data; name="b"; filename=two.txt\r\n\r\n
>>+ \r\n--x--y--\r\n
<<< HTTP/1.1 204 No Content\r\n\r\n

expect records http=1 fileinfo=2
expect fileinfo 'fileinfo.filename=one é.txt' fileinfo.size=13 fileinfo.state=CLOSED http.url=/upload
expect fileinfo fileinfo.filename=two.txt fileinfo.size=0 fileinfo.state=CLOSED
