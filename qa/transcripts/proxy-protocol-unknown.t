# PROXY UNKNOWN: nobody is named.
port: 22

>>> PROXY UNKNOWN\r\n
---
>>> SSH-2.0-OpenSSH_9.2p1\r\n
<<< SSH-2.0-OpenSSH_8.4\r\n

expect records tunnel=1 ssh=1 flow=2 anomaly=0
expect tunnel tunnel.status=established tunnel.address_source=carrier tunnel.app_proto=ssh
expect ssh dest_ip=10.88.0.1 dest_port=22 tunnel.type=proxy-protocol
