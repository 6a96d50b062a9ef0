# Upgrade to h2c (RFC 7540 section 3.2): asked for twice, granted once; the answer is stream 1's.
port: 8080

>>> GET /1 HTTP/1.1\r\n
>>+ Host: example.com\r\n
>>+ Connection: Upgrade, HTTP2-Settings\r\n
>>+ Upgrade: h2c\r\n
>>+ HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok
>>> GET /2 HTTP/1.1\r\n
>>+ Host: example.com\r\n
>>+ Connection: Upgrade, HTTP2-Settings\r\n
>>+ Upgrade: h2c\r\n
>>+ HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n
<<< HTTP/1.1 101 Switching Protocols\r\n
<<+ Connection: Upgrade\r\n
<<+ Upgrade: h2c\r\n\r\n
<<+ \x00\x00\x00\x04\x00\x00\x00\x00\x00
>>> PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n
>>+ \x00\x00\x00\x04\x00\x00\x00\x00\x00
<<< \x00\x00\x0d\x01\x05\x00\x00\x00\x01\x00\x07:status\x03200

expect records tunnel=0 flow=1 anomaly=0
expect http http.url=/1 http.status=200
expect http http.url=/2 http.status=101
expect http http.http2.stream_id=1 http.status=200 http.http_method=GET http.url=/2 http.hostname=example.com
expect http http.http2.stream_id=0 http.http2.request.settings.1.settings_value=33554432
expect flow app_proto=http2 app_proto_orig=http
