# Rule: DNS over TCP in a CONNECT tunnel.
rules: tunnel-policy.rules
port: 3128

>>> CONNECT dns.example:53 HTTP/1.1\r\n
>>+ Host: dns.example:53\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
---
>>> \x00\x21\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x03com\x00\x00\x01\x00\x01
<<< \x00\x21\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x03com\x00\x00\x01\x00\x01

expect records alert=2
expect alert alert.signature_id=4220041 app_proto=dns
expect alert alert.signature_id=4220001 dest_port=53
