# Upgrade to connect-udp, not granted: HTTP/1 goes on.
port: 8080

>>> GET /masque?target_host=2001%3Adb8%3A%3A1&target_port=443 HTTP/1.1\r\n
>>+ Host: proxy.example\r\n
>>+ Connection: Upgrade\r\n
>>+ Upgrade: connect-udp\r\n\r\n
>>+ GET /b HTTP/1.1\r\n
>>+ Host: proxy.example\r\n\r\n
<<< HTTP/1.1 403 Forbidden\r\n
<<+ Content-Length: 0\r\n\r\n
<<+ HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records tunnel=1 http=2 flow=1 anomaly=0
expect tunnel tunnel.type=connect-udp tunnel.status=refused tunnel.dest_ip=2001:db8::1 tunnel.dest_port=443 tunnel.reply_code=403
expect http http.status=403
expect http http.url=/b http.status=200
