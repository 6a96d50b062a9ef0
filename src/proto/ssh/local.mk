# proto/ssh
