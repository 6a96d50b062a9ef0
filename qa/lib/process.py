"""Running one program with a time limit, and saying how it ended."""

import os
import re
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_SANITIZER = re.compile(r".*(?:ERROR: (?:Address|Leak|Memory)Sanitizer"
                        r"|WARNING: ThreadSanitizer|: runtime error: ).*")


@dataclass(frozen=True)
class Outcome:
    """How a program ended: by itself, by a signal, or by the time limit."""

    status: int
    timed_out: bool
    seconds: float

    @property
    def crash(self):
        """Name of the signal that ended it, None if it exited by itself.

        A shell reports a signal of the program it ran as 128 + number.
        """
        number = -self.status if self.status < 0 else self.status - 128
        try:
            return signal.Signals(number).name if number > 0 else None
        except ValueError:
            return None

    def failure(self, expected=0):
        """Return why this is not how it should have ended, None if it is."""
        if self.timed_out:
            return f"no end after {self.seconds:.0f} s: killed"
        if self.status == expected:
            return None
        if self.crash is not None:
            return f"crashed: {self.crash}"
        return f"exit code {self.status}, expected {expected}"


def run(command, outdir, cwd, env, timeout):
    """Run command (a list, or a string for the shell); return its Outcome.

    Its output goes to outdir/stdout and outdir/stderr. It gets a process
    group of its own, so that what a shell started for it ends with it when
    the time is up; nothing else is ever signalled.
    """
    outdir = Path(outdir)
    began = time.monotonic()
    with (outdir / "stdout").open("wb") as out, \
            (outdir / "stderr").open("wb") as err:
        child = subprocess.Popen(command, shell=isinstance(command, str),
                                 cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                                 stdout=out, stderr=err,
                                 start_new_session=True)
        timed_out = False
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
    return Outcome(child.returncode, timed_out, time.monotonic() - began)


def tail(path, lines):
    """Return the last lines of a text file, an empty list if there is none."""
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.splitlines()[-lines:]


def why_failed(outcome, outdir, expected=0):
    """Return why a run into outdir isn't a success, None if it is.

    A sanitizer's report fails it however it ended. With a wrong exit code
    comes the last line of stderr.
    """
    stderr = Path(outdir, "stderr").read_text(encoding="utf-8",
                                              errors="replace")
    report = _SANITIZER.search(stderr)
    if report is not None:
        return f"a sanitizer says: {report[0].strip()}"
    failure = outcome.failure(expected)
    if failure is not None and not outcome.timed_out:
        return ": ".join([failure, *stderr.splitlines()[-1:]])
    return failure


def ask(command, cwd, env, timeout):
    """Run command; return its Outcome and what it wrote to stdout, stderr."""
    with tempfile.TemporaryDirectory() as aside:
        outcome = run(command, aside, cwd, env, timeout)
        written = [Path(aside, name).read_text(encoding="utf-8",
                                               errors="replace")
                   for name in ("stdout", "stderr")]
    return (outcome, *written)
