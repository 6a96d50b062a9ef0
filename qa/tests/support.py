"""What the tests share: the path to the modules, cases, a fake program."""

import json
import shlex
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

QA = Path(__file__).resolve().parents[1]
if str(QA) not in sys.path:
    sys.path.insert(0, str(QA))

# Writes its arguments to argv, and as eve.json what lies beside it as
# eve.json; FAKE (a shell command, from a case's env:) is run at the end.
_FAKE = """#!/bin/sh
if [ "$1" = --build-info ]; then echo "Features: HAVE_JA3 MAGIC"; exit 0; fi
all="$*"
while [ $# -gt 0 ]; do
    case $1 in
        -l) out=$2 ;;
        --lanes) LANES=$2 ;;
        --topology) TOPOLOGY=$2 ;;
    esac
    shift
done
echo "$all" > "$out/argv"
cat HERE/eve.json > "$out/eve.json"
echo "a line on stderr" >&2
eval "${FAKE:-:}"
"""

ALERT = {
    "timestamp": "2016-07-13T22:42:07.123456+0000", "flow_id": 7,
    "event_type": "alert", "src_ip": "10.0.0.1", "src_port": 40000,
    "dest_ip": "192.0.2.1", "dest_port": 80, "proto": "TCP",
    "alert": {"action": "allowed", "gid": 1, "signature_id": 100, "rev": 1,
              "signature": "GET seen", "category": "", "severity": 3,
              "metadata": {"tag": ["one", "two"]}},
}
HTTP = {
    "timestamp": "2016-07-13T22:42:07.223456+0000", "flow_id": 7,
    "event_type": "http", "src_ip": "10.0.0.1", "src_port": 40000,
    "dest_ip": "192.0.2.1", "dest_port": 80, "proto": "TCP", "tx_id": 0,
    "http": {"hostname": "example.com", "url": "/", "http_method": "GET",
             "protocol": "HTTP/1.1", "status": 200, "length": 12},
}
STATS = {
    "timestamp": "2016-07-13T22:42:08.000000+0000", "event_type": "stats",
    "stats": {"uptime": 1, "decoder": {"pkts": 60},
              "detect": {"engines": [{"id": 0, "rules_loaded": 2}]}},
}


class TempCase(unittest.TestCase):
    """A test with a temporary folder, self.tmp, to put cases in."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.tmp = Path(holder.name).resolve()

    def write(self, name, text=""):
        """Write a file below tmp, with the folders it needs."""
        path = self.tmp / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def write_eve(self, name, *records):
        """Write records to a file, one a line."""
        return self.write(name, "".join(json.dumps(r) + "\n" for r in records))

    def make_case(self, name, test_yaml="", **files):
        """Make a case with a capture; a file's _ stands for a dot."""
        self.write(f"{name}/test.yaml", test_yaml)
        self.write(f"{name}/input.pcap")
        for file, text in files.items():
            self.write(f"{name}/{file.replace('_', '.')}", text)
        return self.tmp / name

    def fake(self, *records):
        """Make a program that writes these records as its eve.json."""
        self.write_eve("fake/eve.json", *records)
        here = shlex.quote(str(self.tmp / "fake"))
        program = self.write("fake/burrow", _FAKE.replace("HERE", here))
        program.chmod(0o755)
        return program

    def script(self, name, *args):
        """Run qa/NAME on the fake program; return the finished process."""
        return subprocess.run(
            ["/usr/bin/python3", QA / name, "--burrow",
             self.tmp / "fake" / "burrow", *args],
            cwd=self.tmp, capture_output=True, text=True, check=False)
