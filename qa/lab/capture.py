"""tcpdump on the bridge, from the first packet that counts to the last.

Two marks, UDP datagrams to the discard port, tell when the file holds everything: one is sent until it shows up
(tcpdump says "listening" before it is), the other after the last connection. They are taken out again.
"""

import os
import shutil
import signal

import addresses as at
import pcapfile
from net import PATIENCE, PYTHON, LabError, wait_until

MARK = b"burrow lab mark "
MARK_PORT = 9


def _is_mark(frame):
    return MARK in frame


class Capture:
    """Context manager; when it is left, `path` is whole and tcpdump is gone."""

    def __init__(self, net, path, tap=at.TAP_CLIENT_SIDE):
        self.net, self.path, self.tap = net, path, tap
        self.raw = path + ".raw"

    def _mark(self, word):
        send = (
            "import socket,sys; s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);"
            f"s.sendto({MARK!r}+sys.argv[1].encode(),({at.WEB[0]!r},{MARK_PORT}))"
        )
        self.net.run("client", [PYTHON, "-c", send, word])

    def _seen(self, word):
        if not os.path.exists(self.raw) or os.path.getsize(self.raw) < 24:
            return False
        return any(MARK + word.encode() in frame for _, _, frame in pcapfile.raw_packets(self.raw))

    def __enter__(self):
        # A slot of the kernel's ring is as long as -s says: more than a frame here has would leave few of them.
        argv = ["tcpdump", "-i", "br0", "-U", "-n", "--immediate-mode", "-B", "65536", "-s", "2048"]
        self.process = self.net.start("switch", "tcpdump", [*argv, "-w", self.raw, "-Z", "root", self.tap])

        def started():
            if self.process.poll() is not None:
                raise LabError(f"tcpdump ended: {self.net.log('tcpdump').strip()}")
            if os.path.exists(self.raw):
                self._mark("start")
            return self._seen("start")

        wait_until("tcpdump to capture", started, pause=0.1)
        return self

    def _wait_for_closing(self, role, *which):
        """Until no connection of a namespace is open: what remains is on its way out."""
        listing = ["ss", "-Htan", "exclude", "listening", "exclude", "time-wait", *which]

        left = ""

        def closed():
            nonlocal left
            left = self.net.run(role, listing).strip()
            return not left

        try:
            wait_until("the last connections to close", closed, pause=0.05)
        except LabError as error:
            raise LabError(f"{error} in {role}:\n{left}") from error

    def _closing_ports(self):
        legs = (at.HTTP, at.HTTPS) if self.tap == at.TAP_BOTH_LEGS else ()
        return (*legs, at.PROXIED_HTTP, at.PROXIED_HTTPS, at.DIVERTED)

    def __exit__(self, kind, *_):
        if kind is not None:
            return
        self._wait_for_closing("client")
        # Not all of the proxies': ssh -D and squid keep connections of their own open.
        self._wait_for_closing("proxy", " or ".join(f"dport = :{port}" for port in self._closing_ports()))
        self._mark("end")
        wait_until("the end of the capture", lambda: self._seen("end"), pause=0.1)
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=PATIENCE)
        self._check_drops()
        strip(self.raw, self.path)
        os.remove(self.raw)

    def _check_drops(self):
        log = self.net.log("tcpdump")
        if "0 packets dropped by kernel" not in log:
            raise LabError(f"tcpdump lost packets: {log.strip()}")


def strip(source, target):
    """Copy a capture without the marks."""
    with open(source, "rb") as file, open(target + ".new", "wb") as out:
        out.write(file.read(24))
        for _, record, frame in pcapfile.raw_packets(source):
            if not _is_mark(frame):
                out.write(record + frame)
    shutil.move(target + ".new", target)
