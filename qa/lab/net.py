"""Network namespaces: made, entered and, whatever happens, removed again.

Everything carries the runner's pid in its name, so that runs beside each other don't meet, and what a killed run left
behind is known as such by the next one. Nothing leaves the namespaces: no interface of the host is touched.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import addresses as at

PREFIX = "burrowlab"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ROLES = ("switch", "client", "proxy", "server")
HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"  # Debian's own: it has the modules that packages bring


class LabError(Exception):
    """The lab itself failed: says nothing about the program under test."""


# Time for things that take milliseconds, on a machine that is busy with others' work: nothing waits for it otherwise.
PATIENCE = 60


def wait_until(what, probe, seconds=PATIENCE, pause=0.02):
    """Poll `probe` until it is true; LabError naming `what` when the time is up."""
    end = time.monotonic() + seconds
    while not probe():
        if time.monotonic() > end:
            raise LabError(f"waited {seconds:g} s for {what}")
        time.sleep(pause)


def raise_on_signals():
    """A signal unwinds the stack like an exception, so that the clean-up runs."""

    def leave(number, _frame):
        raise SystemExit(128 + number)

    for number in SIGNALS:
        signal.signal(number, leave)


def _ip(*args, check=True):
    """Its stdout; nothing when it fails and that is no matter, as in cleaning up."""
    try:
        done = subprocess.run(["ip", *args], capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired as error:
        if check:
            raise LabError(str(error)) from error
        return ""
    if check and done.returncode:
        raise LabError(f"ip {' '.join(args)}: {done.stderr.strip()}")
    return done.stdout


def _remove_namespace(name):
    """End what runs in the namespace (it is ours, so they are), then remove it and its files in /etc/netns."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        pids = [int(p) for p in _ip("netns", "pids", name, check=False).split()]
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        end = time.monotonic() + 2
        while pids and time.monotonic() < end:
            time.sleep(0.02)
            pids = _ip("netns", "pids", name, check=False).split()
        if not pids:
            break
    _ip("netns", "del", name, check=False)
    shutil.rmtree(f"/etc/netns/{name}", ignore_errors=True)


def _is_stale(name):
    """Is it of a run that no longer exists (a SIGKILL leaves such)?"""
    return name.startswith(PREFIX + "-") and not os.path.exists(f"/proc/{name.split('-')[1]}")


def remove_stale():
    for line in _ip("netns", "list").splitlines():
        if _is_stale(line.split()[0]):
            _remove_namespace(line.split()[0])
    for name in os.listdir(tempfile.gettempdir()):
        if _is_stale(name):
            shutil.rmtree(os.path.join(tempfile.gettempdir(), name), ignore_errors=True)


class Net:
    """The namespaces of addresses.py, and the processes that run in them."""

    def __init__(self):
        self.tmp = tempfile.mkdtemp(prefix=f"{PREFIX}-{os.getpid()}-")
        os.chmod(self.tmp, 0o755)  # proxies drop to users of their own and read their files here
        self.processes = []
        self.ipv6 = True

    def __enter__(self):
        remove_stale()
        try:
            self._up()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def name(self, role):
        return f"{PREFIX}-{os.getpid()}-{role}"

    def path(self, *parts):
        return os.path.join(self.tmp, *parts)

    def _up(self):
        for role in ROLES:
            _ip("netns", "add", self.name(role))
            _ip("-n", self.name(role), "link", "set", "lo", "up")
        switch = self.name("switch")
        _ip("-n", switch, "link", "add", "br0", "type", "bridge")
        _ip("-n", switch, "link", "set", "br0", "up")
        for role in ROLES[1:]:
            ns = self.name(role)
            _ip("-n", switch, "link", "add", role, "type", "veth", "peer", "name", "eth0", "netns", ns)
            _ip("-n", switch, "link", "set", role, "master", "br0", "up")
            self.run(role, [PYTHON, os.path.join(HERE, "offload.py"), "eth0"])
            _ip("-n", ns, "link", "set", "eth0", "up")
            self._resolver(ns)
        self._address("client", at.CLIENTS, at.CLIENT6)
        # The first address of an interface is the one it connects from.
        self._address("proxy", [at.PROXY_HOST, *dict.fromkeys(a for a, _ in at.PROXIES.values())], at.PROXY6)
        self._address("server", [*at.WEB, at.DNS, at.ICAP, at.DENIED], at.WEB6)

    def _address(self, role, v4, v6):
        for address in v4:
            _ip("-n", self.name(role), "addr", "add", address + "/16", "dev", "eth0")
        try:
            _ip("-n", self.name(role), "addr", "add", v6 + "/64", "dev", "eth0", "nodad")
        except LabError:
            self.ipv6 = False

    def _resolver(self, ns):
        """`ip netns exec` lays these over /etc for what it runs; the host's own files stay as they are."""
        os.makedirs(f"/etc/netns/{ns}")
        for file, text in (
            ("resolv.conf", f"nameserver {at.DNS}\noptions timeout:5 attempts:3\n"),
            ("nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"),
            # The host's own name, too: programs look it up, and it is nobody's business.
            ("hosts", f"127.0.0.1 localhost {socket.gethostname()}\n"),
        ):
            with open(f"/etc/netns/{ns}/{file}", "w", encoding="ascii") as out:
                out.write(text)

    def lay_over_etc(self, role, file, text, mode=0o644):
        """One more file of /etc that only this namespace sees."""
        path = f"/etc/netns/{self.name(role)}/{file}"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as out:
            out.write(text)

    def command(self, role, argv):
        return ["ip", "netns", "exec", self.name(role), *argv]

    def run(self, role, argv, seconds=PATIENCE):
        """Run to the end; its stdout. LabError when it fails."""
        done = subprocess.run(self.command(role, argv), capture_output=True, text=True, timeout=seconds)
        if done.returncode:
            raise LabError(f"{argv[0]}: exit {done.returncode}: {done.stderr.strip()[-400:]}")
        return done.stdout

    def start(self, role, name, argv):
        """Start in the background, its output in NAME.log."""
        with open(self.path(name + ".log"), "wb") as log:
            process = subprocess.Popen(
                self.command(role, argv),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "TMPDIR": self.tmp, "HOME": self.tmp},
                start_new_session=True,
            )
        process.name = name
        self.processes.append(process)
        return process

    def log(self, name):
        with open(self.path(name + ".log"), encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_listening(self, process, port, kind="tcp"):
        """Until a socket of the process's namespace listens on the port (seen in /proc: makes no traffic)."""
        wanted = f":{port:04X}"
        # 0A is LISTEN; 07 is how an unconnected UDP socket shows.
        state = "0A" if kind == "tcp" else "07"

        def listening():
            if process.poll() is not None:
                raise LabError(f"{process.name} ended: {self.log(process.name).strip()[-400:]}")
            for table in (kind, kind + "6"):
                try:
                    with open(f"/proc/{process.pid}/net/{table}", encoding="ascii") as lines:
                        rows = [line.split() for line in lines][1:]
                except OSError:
                    continue
                if any(row[1].endswith(wanted) and row[3] == state for row in rows):
                    return True
            return False

        wait_until(f"{process.name} to listen on port {port}", listening)

    def close(self):
        """Remove everything; a signal that comes meanwhile waits."""
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            self._close()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

    def _close(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for role in reversed(ROLES):
            _remove_namespace(self.name(role))
        for process in self.processes:
            try:
                process.wait(timeout=2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()
        try:
            os.rmdir("/etc/netns")  # only if nobody else keeps files there
        except OSError:
            pass
        shutil.rmtree(self.tmp, ignore_errors=True)
