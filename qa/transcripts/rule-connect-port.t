# Rule: a CONNECT tunnel to a port that is not the web's.
rules: tunnel-policy.rules
port: 3128

>>> CONNECT irc.example:6667 HTTP/1.1\r\n
>>+ Host: irc.example:6667\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
---
>>> ping\r\n
<<< pong\r\n

expect records alert=1
expect alert alert.signature_id=4220001 dest_port=6667 tunnel.type=http-connect tunnel.host=irc.example
