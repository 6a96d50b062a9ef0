# HTTP CONNECT, SSH inside: the server speaks first, a segment of its own.
port: 3128

>>> CONNECT example.com:22 HTTP/1.1\r\n
>>+ Host: example.com:22\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
<<< SSH-2.0-OpenSSH_9.2p1\r\n
>>> SSH-2.0-OpenSSH_9.6\r\n

expect records tunnel=1 http=1 flow=2 anomaly=0
expect tunnel tunnel.type=http-connect tunnel.status=established tunnel.depth=1 tunnel.host=example.com tunnel.dest_port=22 tunnel.app_proto=ssh
expect flow app_proto=ssh dest_port=22 tunnel.type=http-connect
