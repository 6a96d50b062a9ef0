# Rule: SSH through SOCKS is what SOCKS may be for.
rules: tunnel-policy.rules
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x03\x0bssh.example\x00\x16
<<< \x05\x00\x00\x01\x0a\x00\x00\x02\x10\x92
---
<<< SSH-2.0-OpenSSH_9.2p1\r\n
>>> SSH-2.0-OpenSSH_9.6\r\n

expect records alert=0
