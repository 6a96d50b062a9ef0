# A PROXY line that names a port that is none: told, and nothing is made of it.
port: 80

>>> PROXY TCP4 192.0.2.1 198.51.100.2 40000 70000\r\n
>>> GET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< HTTP/1.1 400 Bad Request\r\n\r\n

expect records tunnel=1 http=0 flow=1 anomaly=1
expect tunnel tunnel.type=proxy-protocol tunnel.status=incomplete 'tunnel.reason=invalid header'
expect anomaly anomaly.event=invalid_header anomaly.app_proto=proxy-protocol
