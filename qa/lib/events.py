"""The events that the code can raise, by their names in rules.

Read from the tables in src/: decoder, TCP, and one or two for each protocol.
"""

import re
from collections import namedtuple
from pathlib import Path

SRC = Path(__file__).resolve().parents[2] / "src"
# Where tables are told of (they have the parser's folder), and the protocol
# in a rule's header.
PROTOCOLS = {"dns": "dns", "http1": "http", "http2": "http2", "icap": "icap",
             "proxyproto": "proxy-protocol", "smtp": "smtp",
             "socks": "socks", "ssh": "ssh", "sslproxy": "sslproxy",
             "tls": "tls", "proto": "websocket"}
ROW = re.compile(r'X\((\w+),\s*"(\w+\.[\w.]+)"')
TABLE = re.compile(r"proto_event_desc (\w+)\[\w*\] = \{(.*?)\n\};", re.DOTALL)
ENTRY = re.compile(r'\[(\w+)\]\s*=\s*\{\s*"(\w+)",\s*"((?:[^"\\]|\\.)*)"')

Event = namedtuple("Event", "keyword name text identifier raised")


def _sources():
    """Return {path: text} of all that is compiled but the tests."""
    return {path: path.read_text() for path in sorted(SRC.rglob("*.[ch]"))
            if not path.stem.endswith("_test")}


def _used(sources, identifier, rows):
    """Is it named anywhere besides its `rows` in tables and enums?"""
    word = re.compile(rf"\b{identifier}\b")
    return sum(len(word.findall(text)) for text in sources.values()) > rows


def events():
    """Return [Event, ...]; `raised`: some code besides the tables names it."""
    sources, out = _sources(), []
    for path, keyword, prefix in (
            (SRC / "decode/events.h", "decode-event", "DECODE_"),
            (SRC / "flow/tcp_events.h", "stream-event", "TCP_EVENT_")):
        for short, name in ROW.findall(sources[path]):
            out.append(Event(keyword, name, "", prefix + short,
                             _used(sources, prefix + short, 0)))
    for path, text in sources.items():
        for match in TABLE.finditer(text):
            protocol = PROTOCOLS[path.parent.name]
            for identifier, name, said in ENTRY.findall(match.group(2)):
                out.append(Event("app-layer-event", f"{protocol}.{name}",
                                 said, identifier,
                                 _used(sources, identifier, 2)))
    return out
