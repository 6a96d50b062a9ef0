# Rule: CONNECT to ports of the web is what it is for.
rules: tunnel-policy.rules
port: 3128

>>> CONNECT www.example:8443 HTTP/1.1\r\n
>>+ Host: www.example:8443\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
---
>>> ping\r\n
<<< pong\r\n

expect records alert=0
