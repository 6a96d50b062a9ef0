# Forward proxying: no answer.
port: 3128

>>> GET http://example.com/a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n

expect records tunnel=1 http=0 flow=1
expect tunnel tunnel.type=http-proxy tunnel.status=incomplete 'tunnel.reason=no answer' tunnel.host=example.com
