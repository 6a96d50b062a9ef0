# Rule: SOCKS 5 asked for an address of the Internet.
rules: tunnel-policy.rules
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x01\xc6\x33\x64\x07\x01\xbb
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
---
>>> ping\r\n
<<< pong\r\n

expect records alert=1
expect alert alert.signature_id=4220024 dest_ip=198.51.100.7 tunnel.type=socks5
