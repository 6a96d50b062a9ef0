# proto/smtp
