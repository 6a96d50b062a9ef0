# ICAP OPTIONS: no session.
port: 1344

>>> OPTIONS icap://icap.example:1344/echo ICAP/1.0\r\n
>>+ Host: icap.example\r\n\r\n
<<< ICAP/1.0 200 OK\r\n
<<+ Methods: RESPMOD, REQMOD\r\n
<<+ Preview: 1024\r\n
<<+ Encapsulated: null-body=0\r\n\r\n

expect records tunnel=0 http=0 flow=1 anomaly=0
expect flow app_proto=icap
