# HTTP CONNECT: not answered.
port: 3128

>>> CONNECT example.com:80 HTTP/1.1\r\n
>>+ Host: example.com:80\r\n\r\n

expect records tunnel=1 flow=1 anomaly=0
expect tunnel tunnel.type=http-connect tunnel.status=incomplete 'tunnel.reason=no answer' tunnel.host=example.com tunnel.dest_port=80
