# An HTTP/2 proxy on another port: recognised by the preface alone, the answer never seen.
port: 4443

>>> PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n
>>+ \x00\x00\x00\x04\x00\x00\x00\x00\x00
>>+ \x00\x00,\x01\x04\x00\x00\x00\x01\x00\x07:method\x07CONNECT\x00\n:authority\x0eexample.com:80

expect records tunnel=1 http=2 flow=1
expect tunnel tunnel.type=h2-connect tunnel.status=incomplete 'tunnel.reason=no answer'
