# Forward proxying: refused without credentials, granted with them; only what was granted is told of.
port: 3128

>>> GET http://example.com/a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 407 Proxy Authentication Required\r\n
<<+ Proxy-Authenticate: Basic realm="x"\r\n
<<+ Content-Length: 3\r\n\r\n
<<+ no!
>>> GET http://example.com/a HTTP/1.1\r\n
>>+ Proxy-Authorization: Basic YWxpY2U6c2VjcmV0\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records tunnel=1 http=1 flow=2 anomaly=0
expect tunnel tunnel.type=http-proxy tunnel.status=established tunnel.host=example.com tunnel.user=alice tunnel.reply_code=200 tunnel.bytes_toserver=38 tunnel.bytes_toclient=40
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.user=alice
