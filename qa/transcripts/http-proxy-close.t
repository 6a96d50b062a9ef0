# Forward proxying: an answer that ends with the connection.
port: 8080

>>> GET http://example.com HTTP/1.0\r\n\r\n
<<< HTTP/1.0 200 OK\r\n
<<+ Content-Type: text/plain\r\n\r\n
<<< until the end

expect records tunnel=1 http=1 flow=2 anomaly=0
expect tunnel tunnel.type=http-proxy tunnel.status=established tunnel.host=example.com tunnel.bytes_toclient=58
expect http http.hostname=example.com http.url=/ http.status=200 http.length=13 tunnel.type=http-proxy
