# Rule: a forward proxy, asked twice with the password: one alert.
rules: tunnel-policy.rules
port: 3128

>>> GET http://www.example/a HTTP/1.1\r\n
>>+ Proxy-Authorization: Basic YWxpY2U6c2VjcmV0\r\n
>>+ Host: www.example\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok
>>> GET http://www.example/b HTTP/1.1\r\n
>>+ Proxy-Authorization: Basic YWxpY2U6c2VjcmV0\r\n
>>+ Host: www.example\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records alert=1
expect alert alert.signature_id=4220061 tunnel.user=alice
