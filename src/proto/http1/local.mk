# proto/http1
