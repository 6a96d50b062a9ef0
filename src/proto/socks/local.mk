# proto/socks
