# Rule: a web proxy asked for an address of the Internet.
rules: tunnel-policy.rules
port: 3128

>>> CONNECT 198.51.100.7:443 HTTP/1.1\r\n
>>+ Host: 198.51.100.7:443\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
---
>>> ping\r\n
<<< pong\r\n

expect records alert=1
expect alert alert.signature_id=4220023 dest_ip=198.51.100.7
