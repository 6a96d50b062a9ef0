# Forward proxying: the Host is not the URI's.
port: 3128

>>> GET http://allowed.example/a HTTP/1.1\r\n
>>+ Host: hidden.example\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records tunnel=1 http=1 flow=2 anomaly=1
expect tunnel tunnel.type=http-proxy tunnel.host=allowed.example tunnel.inner_host=hidden.example tunnel.host_mismatch=true
expect http http.hostname=hidden.example tunnel.host=allowed.example
