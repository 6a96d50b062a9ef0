"""ProxyCommand for ssh: standard input and output through a proxy.

    relay.py SOURCE_IP SOURCE_PORT PROXY_JSON HOST PORT COUNTS_FILE

The bytes carried each way are left in COUNTS_FILE.
"""

import json
import os
import signal
import sys
import threading
from socket import SHUT_WR

import raw


def upload(sock, counts):
    while data := os.read(0, 65536):
        sock.sendall(data)
        counts[0] += len(data)
    sock.shutdown(SHUT_WR)


def main():
    # ssh hangs up on its ProxyCommand when it leaves; the last bytes are still to be counted.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    address, port, proxy, host, target_port, counts_file = sys.argv[1:]
    counts, ssh_is_there = [0, 0], True
    sock = raw.open_tunnel(json.loads(proxy), host, int(target_port), (address, int(port)))
    uploader = threading.Thread(target=upload, args=(sock, counts), daemon=True)
    uploader.start()
    while data := sock.recv(65536):
        counts[1] += len(data)
        try:
            if ssh_is_there:
                os.write(1, data)
        except BrokenPipeError:
            ssh_is_there = False
    uploader.join(timeout=5)
    with open(counts_file + ".new", "w", encoding="ascii") as out:
        json.dump(counts, out)
    os.rename(counts_file + ".new", counts_file)


if __name__ == "__main__":
    main()
