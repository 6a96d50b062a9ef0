# proto/tls
