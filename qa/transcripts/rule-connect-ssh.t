# Rule: SSH in a CONNECT tunnel, to the port of HTTPS.
rules: tunnel-policy.rules
port: 3128

>>> CONNECT ssh.example:443 HTTP/1.1\r\n
>>+ Host: ssh.example:443\r\n\r\n
<<< HTTP/1.1 200 Connection established\r\n\r\n
---
<<< SSH-2.0-OpenSSH_9.2p1\r\n
>>> SSH-2.0-OpenSSH_9.6\r\n

expect records alert=1
expect alert alert.signature_id=4220002 app_proto=ssh dest_port=443 tunnel.type=http-connect
