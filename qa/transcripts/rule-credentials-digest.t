# Rule: CONNECT with a digest, which does not tell the password.
rules: tunnel-policy.rules
port: 3128

>>> CONNECT www.example:443 HTTP/1.1\r\n
>>+ Host: www.example:443\r\nProxy-Authorization: Digest username="alice", response="00"\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
---
>>> ping\r\n
<<< pong\r\n

expect records alert=0
