# A proxy that wants credentials, one that resets the stream, one that says nothing.
port: 8080

>>> PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n
>>+ \x00\x00\x00\x04\x00\x00\x00\x00\x00
<<< \x00\x00\x00\x04\x00\x00\x00\x00\x00
<<+ \x00\x00\x00\x04\x01\x00\x00\x00\x00
>>> \x00\x00,\x01\x04\x00\x00\x00\x01\x00\x07:method\x07CONNECT\x00\n:authority\x0eexample.com:80
>>+ \x00\x00,\x01\x04\x00\x00\x00\x03\x00\x07:method\x07CONNECT\x00\n:authority\x0eexample.com:80
>>+ \x00\x00,\x01\x04\x00\x00\x00\x05\x00\x07:method\x07CONNECT\x00\n:authority\x0eexample.com:80
<<< \x00\x00/\x01\x05\x00\x00\x00\x01\x00\x07:status\x03407\x00\x12proxy-authenticate\rBasic realm=p
<<+ \x00\x00\x04\x03\x00\x00\x00\x00\x03\x00\x00\x00\n

expect records tunnel=3 http=5 flow=1 anomaly=0
expect tunnel tunnel.type=h2-connect tunnel.status=refused tunnel.reply_code=407 tunnel.host=example.com
expect tunnel tunnel.type=h2-connect tunnel.status=refused tunnel.reason=reset
expect tunnel tunnel.type=h2-connect tunnel.status=incomplete 'tunnel.reason=no answer'
