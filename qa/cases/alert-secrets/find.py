#!/usr/bin/python3
"""Print how many records show each secret, or a part of one of six bytes."""
import base64
import json

SECRETS = [b"UGFzc3dvcmQtMQ==", b"Password-2", b"UGFzc3dvcmQtMw=="]
PARTS = {s[i:i + 6] for s in SECRETS for i in range(len(s) - 5)}

found = masked = after = 0
for line in open("eve.json"):
    record = json.loads(line)
    for key in ("payload", "packet", "payload_printable"):
        if key not in record or record["event_type"] != "alert":
            continue
        text = record[key]
        data = (text.encode() if key == "payload_printable"
                else base64.b64decode(text))
        found += any(p in data for p in PARTS)
        masked += b"X" * 10 in data
        after += b"X-After: seen" in data
print(f"shown {found}, masked {masked > 20}, the rest stays {after > 20}")
