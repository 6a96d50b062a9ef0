"""Reading transcripts: ../README.md describes the format."""

import re
import shlex
from collections import namedtuple
from dataclasses import dataclass, field

CLIENT, SERVER = 0, 1
ENDS = ("fin", "rst", "none")
ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|.|$)")
LINE = re.compile(r"(>>|<<)([>+<u]) ?(.*)")

Line = namedtuple("Line", "side data datagram")


class ScriptError(Exception):
    """A transcript that can't be read: says which file, line and why."""


@dataclass
class Expectation:
    """A record of that type has each of these values at these paths."""

    type: str
    values: dict


@dataclass
class Script:
    """One conversation and what must come of it.

    A second one, over UDP to another port, may go on meanwhile.
    """

    name: str
    title: str = ""
    port: int = 0
    udp: int = 0
    udp_client: int = 0  # 0: the port of the connection
    end: str = "fin"
    rules: str = ""  # a file of rules/, read when it is replayed
    lines: list = field(default_factory=list)
    handshake: int = 0  # how many of the lines are split
    counts: dict = field(default_factory=dict)  # {event type: how many}
    expectations: list = field(default_factory=list)


def unescape(text):
    """Return the bytes that a line's text stands for."""
    out, at = b"", 0
    for match in ESCAPE.finditer(text):
        out += text[at:match.start()].encode()
        at, what = match.end(), match.group(1)
        if what.startswith("x") and len(what) == 3:
            out += bytes.fromhex(what[1:])
        elif what in ESCAPES:
            out += ESCAPES[what]
        else:
            raise ValueError(f"unknown escape \\{what}")
    return out + text[at:].encode()


def _add_line(script, arrow, how, text):
    side = CLIENT if arrow == ">>" else SERVER
    data = unescape(text)
    if how != "+":
        if how not in (arrow[0], "u"):
            raise ValueError(f"unknown line {arrow}{how}")
        script.lines.append(Line(side, data, how == "u"))
    elif script.lines and script.lines[-1].side == side:
        last = script.lines[-1]
        script.lines[-1] = last._replace(data=last.data + data)
    else:
        raise ValueError("goes on with a line of the other side")


def _pairs(words):
    pairs = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not key or not equals:
            raise ValueError(f"{word!r} is not key=value")
        pairs[key] = value
    if not pairs:
        raise ValueError("nothing is expected")
    return pairs


def _add_expectation(script, text):
    what, *words = shlex.split(text)
    pairs = _pairs(words)
    if what == "records":
        script.counts.update({k: int(v) for k, v in pairs.items()})
    else:
        script.expectations.append(Expectation(what, pairs))


def _add(script, line):
    """Take one line that is neither blank nor a comment."""
    if match := LINE.fullmatch(line):
        _add_line(script, *match.groups())
    elif line == "---":
        if script.handshake:
            raise ValueError("a second ---")
        script.handshake = len(script.lines)
    elif line.startswith("expect "):
        _add_expectation(script, line.removeprefix("expect "))
    elif line.startswith("port: "):
        script.port = int(line.removeprefix("port: "))
    elif line.startswith("rules: "):
        script.rules = line.removeprefix("rules: ").strip()
    elif line.startswith("udp: "):
        ports = [int(n) for n in line.removeprefix("udp: ").split()]
        script.udp, script.udp_client = [*ports, 0][:2]
    elif line.startswith("end: "):
        script.end = line.removeprefix("end: ").strip()
        if script.end not in ENDS:
            raise ValueError(f"end is one of {', '.join(ENDS)}")
    else:
        raise ValueError("not a line of a transcript")


def _check(script):
    if not script.title:
        raise ScriptError(f"{script.name}: no comment says what it shows")
    for datagram, port in ((False, script.port), (True, script.udp)):
        used = any(line.datagram == datagram for line in script.lines)
        if used and not 0 < port < 65536:
            raise ScriptError(f"{script.name}: no port")
    if not all(line.data for line in script.lines) or not script.lines:
        raise ScriptError(f"{script.name}: a line without bytes, or none")
    if not script.counts and not script.expectations:
        raise ScriptError(f"{script.name}: nothing is expected")


def read(path):
    """Return the Script in a file."""
    script = Script(path.stem)
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("#"):
            script.title = script.title or line.lstrip("# ")
        elif line.strip():
            try:
                _add(script, line)
            except ValueError as error:
                raise ScriptError(f"{path}:{number}: {error}") from None
    script.handshake = script.handshake or len(script.lines)
    _check(script)
    return script
