"""Carries out a plan, inside the client's namespace, and writes down what the clients saw.

    client.py PLAN.json RESULTS.json WORKERS SSH_OPTIONS_JSON

Each result: `ok` (it went as the plan says), `detail` when not, and what only the client knows:
`reply_code` of a refusal, `bytes` [to server, to client] carried inside the tunnel, `child`: its true ends.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import carried
import raw

SECONDS = 60

# curl's exit status when a proxy refuses: no connection (proxychains), a status with --fail, nothing received, CONNECT
# failed, SOCKS failed.
# Not among them: a time-out, a source port that is taken, and whatever else would be the lab's own fault.
CURL_REFUSED = (7, 22, 52, 56, 97)


def _curl_sums(transfers):
    sent = sum(t["size_request"] + t["size_upload"] for t in transfers)
    return [sent, sum(t["size_header"] + t["size_download"] for t in transfers)]


def _curl_reply(transfer):
    """The proxy's refusal in curl's words: an HTTP status, or a SOCKS reply in its message."""
    if transfer["http_connect"] >= 300:
        return transfer["http_connect"]
    message = transfer["errormsg"] or ""
    match = re.search(r"Can't complete SOCKS[45] connection to .*\. \((\d+)\)", message)
    return int(match[1]) if match else None


def command(do):
    """Any other program: it worked if it says so."""
    done = subprocess.run(do["argv"], capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL)
    return {"ok": done.returncode == 0, "detail": done.stderr.strip()}


def curl(connection, do):
    done = subprocess.run(do["argv"], capture_output=True, text=True, timeout=SECONDS)
    transfers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    result = {"detail": done.stderr.strip()}
    if connection["refused"]:
        result["ok"] = done.returncode in CURL_REFUSED
        if transfers and (code := _curl_reply(transfers[-1])):
            result["reply_code"] = code
    else:
        result["ok"] = done.returncode == 0 and all(t["http_code"] == 200 for t in transfers)
        if do["count"]:
            result["bytes"] = _curl_sums(transfers)
    return result


def ssh(do, options):
    argv = ["ssh", *options, "-o", f"ProxyCommand={do['relay']}", f"root@{do['host']}", "true"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL)
    end = time.monotonic() + 8
    while not os.path.exists(do["counts"]) and time.monotonic() < end:
        time.sleep(0.02)
    with open(do["counts"], encoding="ascii") as counts:
        return {"ok": done.returncode == 0, "detail": done.stderr.strip(), "bytes": json.load(counts)}


def one(connection, ssh_options):
    do, source = connection["do"], None
    if connection["ports"]:
        source = (connection["client"], connection["ports"][0])
    for path, text in do.get("files", {}).items():
        with open(path, "w", encoding="ascii") as out:
            out.write(text)
    try:
        if connection["lookup"]:
            socket.gethostbyname(connection["lookup"])
        if do["with"] == "curl":
            return curl(connection, do)
        if do["with"] == "command":
            return command(do)
        if do["with"] == "ssh":
            return ssh(do, ssh_options)
        if do["with"] in carried.WAYS:
            return carried.WAYS[do["with"]](connection, do)
        sock = raw.open_tunnel(do["proxy"], do["host"], do["port"], source, do.get("how", "normal"))
        ok, counts = raw.smtp(sock, "who@lab.test") if do["with"] == "smtp" else raw.http(sock, do["host"])
        return {"ok": ok, "detail": "", "bytes": counts}
    except Exception as error:  # whatever it was, this connection failed, and the others go on
        return {"ok": False, "detail": f"{type(error).__name__}: {error}"}


def main():
    plan_file, result_file, workers, ssh_options = sys.argv[1:]
    with open(plan_file, encoding="utf-8") as file:
        plan = json.load(file)
    options = json.loads(ssh_options)

    def timed(connection):
        start = time.monotonic()
        return {**one(connection, options), "seconds": round(time.monotonic() - start, 2)}

    with ThreadPoolExecutor(int(workers)) as pool:
        results = list(pool.map(timed, plan))
    with open(result_file, "w", encoding="utf-8") as out:
        json.dump(results, out)


if __name__ == "__main__":
    main()
