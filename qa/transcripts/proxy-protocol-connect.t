# PROXY version 2 before an HTTP CONNECT before SSH.
port: 3128

>>> \r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x01\xc6\x33\x64\x02\x9c\x40\x0c\x38
>>> CONNECT shell.example:22 HTTP/1.1\r\n
>>+ Host: shell.example:22\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
---
<<< SSH-2.0-OpenSSH_8.4\r\n
>>> SSH-2.0-OpenSSH_9.2p1\r\n

expect records tunnel=2 http=1 ssh=1 flow=3 anomaly=0
expect ssh src_ip=192.0.2.1 src_port=40000 dest_port=22 tunnel.depth=2 tunnel.path.0.type=proxy-protocol tunnel.path.1.type=http-connect tunnel.host=shell.example
