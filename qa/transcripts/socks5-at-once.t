# SOCKS5: the client sends all it has at once, the server bundles its answers with the inner reply.
port: 1080

>>> \x05\x02\x00\x02\x01\x05alice\x06secret\x05\x01\x00\x03\x0bexample.com\x00PGET /a HTTP/1.1\x0d
>>+ \x0aHost: example.com\r\n\r\n
<<< \x05\x02\x01\x00\x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ \x6f\x6b

expect records socks=1 tunnel=1 http=1 flow=2 anomaly=0
expect tunnel tunnel.type=socks5 tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=80 tunnel.user=alice tunnel.bytes_toserver=38 tunnel.bytes_toclient=40
expect http http.hostname=example.com http.url=/a http.status=200 dest_port=80 tunnel.type=socks5 tunnel.depth=1
