# Rule: CONNECT with the password for everyone to read.
rules: tunnel-policy.rules
port: 3128

>>> CONNECT www.example:443 HTTP/1.1\r\n
>>+ Host: www.example:443\r\nProxy-Authorization: Basic YWxpY2U6c2VjcmV0\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
---
>>> ping\r\n
<<< pong\r\n

expect records alert=1
expect alert alert.signature_id=4220060 http.http_method=CONNECT
