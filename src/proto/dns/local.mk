# proto/dns
