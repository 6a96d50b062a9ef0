"""Reading EVE: one JSON object a line, strictly."""

import json
from pathlib import Path


class EveError(Exception):
    """A file that is not EVE: says which file, which line and why."""


def _no_duplicates(pairs):
    record = dict(pairs)
    if len(record) != len(pairs):
        seen = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"key {key!r} appears twice in one object")
            seen.add(key)
    return record


def _no_constant(name):
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_no_duplicates,
                            parse_constant=_no_constant)


def parse(line):
    """Return the object that one line holds; ValueError says what is wrong."""
    record = _DECODER.decode(line)
    if not isinstance(record, dict):
        raise ValueError("not an object")
    return record


def read(path):
    """Return [(line number, record), ...] of a file; blank lines are errors.

    Duplicate keys, NaN, bytes that are not UTF-8 and a line cut short are
    errors too: a reader of EVE may reject any of them.
    """
    path = Path(path)
    records = []
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    records.append((number, parse(line)))
                except ValueError as error:
                    raise EveError(
                        f"{path.name}:{number}: {error}") from None
    except UnicodeDecodeError as error:
        raise EveError(f"{path.name}: not UTF-8: {error.reason} "
                       f"after line {len(records)}") from None
    except OSError as error:
        raise EveError(f"{path.name}: {error.strerror}") from None
    return records


class Files:
    """The JSON files of one output directory, each read once."""

    def __init__(self, outdir):
        self._outdir = Path(outdir)
        self._read = {}

    def records(self, name):
        """Return what read() says of the file called name."""
        if name not in self._read:
            self._read[name] = read(self._outdir / name)
        return self._read[name]

    def eve_names(self):
        """Names of the EVE files that a run left: eve.json, eve.1.json, ..."""
        return sorted(p.name for p in self._outdir.glob("eve*.json"))
