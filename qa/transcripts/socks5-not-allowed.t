# SOCKS5: not allowed by the proxy's rules, although the client already sent its request inside.
port: 1080

>>> \x05\x01\x00
<<< \x05\x00
>>> \x05\x01\x00\x01\x5d\xb8\xd8\x22\x00PGET /a HTTP/1.1\r\n
>>+ Host: example.com\r\n\r\n
<<< \x05\x02\x00\x01\x00\x00\x00\x00\x00\x00

expect records socks=1 tunnel=1 http=0 flow=1
expect tunnel tunnel.type=socks5 tunnel.status=refused tunnel.dest_ip=93.184.216.34 tunnel.reply_code=2
