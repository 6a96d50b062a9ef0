# Rule: a forward proxy asked for the address of cloud metadata.
rules: tunnel-policy.rules
port: 3128

>>> GET http://169.254.169.254/latest/meta-data/ HTTP/1.1\r\n
>>+ Host: 169.254.169.254\r\n\r\n
<<< HTTP/1.1 200 OK\r\n
<<+ Content-Length: 2\r\n\r\n
<<+ ok

expect records alert=1
expect alert alert.signature_id=4220021 dest_ip=169.254.169.254 tunnel.type=http-proxy
