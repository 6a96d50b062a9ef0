# Rule: a proxy asked for an address of RFC 1918.
rules: tunnel-policy.rules
port: 3128

>>> CONNECT 10.1.2.3:443 HTTP/1.1\r\n
>>+ Host: 10.1.2.3:443\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
---
>>> ping\r\n
<<< pong\r\n

expect records alert=1
expect alert alert.signature_id=4220020 dest_ip=10.1.2.3 dest_port=443 tunnel.type=http-connect
