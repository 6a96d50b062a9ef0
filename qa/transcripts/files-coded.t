# A reply in chunks, compressed, under a name of its own; then one in brotli; a request's body is a file, too.
port: 80

>>> GET /a/b?c HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Encoding: gzip\r\n
<<+ Transfer-Encoding: chunked\r\n
<<+ Content-Disposition: attachment; filename="fox.txt"\r\n\r\n
<<+ 1f\r\n
<<+ \x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x0b\xc9HU(,\xcdL\xceVH*\xca/\xcfSH\xcb\xafP\xc8\r\n
<<+ 20\r\n
<<+ *\xcd-(V\xc8/K-R(\x01J\xe7$VU*\xa4\xe4\xa7\xeb\x01\x00\xe9%\x90Q,\x00\x00\x00\r\n
<<+ 0\r\n\r\n
>>> GET /br HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Encoding: br\r\n
<<+ Content-Length: 9\r\n\r\n
<<+ \x0b\x02\x80fox.t\x03
>>> PUT /Put/It HTTP/1.1\r\n
>>+ Host: example.com\r\n
>>+ Content-Length: 4\r\n\r\n
>>+ cats
<<< HTTP/1.1 201 Created\r\n
<<+ Content-Length: 0\r\n\r\n

expect records http=3 fileinfo=3 anomaly=0
expect fileinfo fileinfo.filename=fox.txt fileinfo.size=44 fileinfo.state=CLOSED http.url=/a/b?c
expect fileinfo fileinfo.filename=/br fileinfo.size=5 fileinfo.state=CLOSED
expect fileinfo fileinfo.filename=/Put/It fileinfo.size=4
