# Rule: a proxy asked for the port of SMB.
rules: tunnel-policy.rules
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x03\x0dfiles.example\x01\xbd
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
---
>>> ping\r\n
<<< pong\r\n

expect records alert=1
expect alert alert.signature_id=4220004 dest_port=445 tunnel.type=socks5
