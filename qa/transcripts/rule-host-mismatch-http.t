# Rule: a forward proxy asked for one name, the request for another, twice: one alert.
rules: tunnel-policy.rules
port: 3128

>>> GET http://allowed.example/a HTTP/1.1\r\n
>>+ Host: hidden.example\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok
>>> GET http://allowed.example/b HTTP/1.1\r\n
>>+ Host: hidden.example\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records alert=1
expect alert alert.signature_id=4220031 http.hostname=hidden.example tunnel.host=allowed.example
