#!/usr/bin/python3
"""Validating EVE records against etc/schema.json, and by what it can't say.

As a program: schema.py [--schema FILE] [--all] EVE_FILE...
"""

import argparse
import functools
import json
import sys
from pathlib import Path

import jsonschema

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from lib import eve
else:
    from . import eve

DEFAULT = Path(__file__).resolve().parents[2] / "etc" / "schema.json"


class SchemaError(Exception):
    """The schema itself is wrong or can't be read."""


def _inline(node, definitions, inside=()):
    """Replace each local $ref in node by what it refers to.

    Looking references up is most of the time that validation takes. One that
    refers to what it is inside of stays.
    """
    if isinstance(node, list):
        return [_inline(item, definitions, inside) for item in node]
    if not isinstance(node, dict):
        return node
    name = str(node.get("$ref", "")).rpartition("#/$defs/")[2]
    if "$ref" in node and name not in inside:
        rest = {k: v for k, v in node.items() if k != "$ref"}
        merged = {**definitions[name], **rest}
        return _inline(merged, definitions, (*inside, name))
    return {k: _inline(v, definitions, inside) for k, v in node.items()}


def _for_event(document, event_type, kind):
    """Return document as it reads for records of one event type.

    The rules of its allOf are all "if the event type is ...": deciding them
    once here is most of what makes validation fast.
    """
    kept = []
    for rule in document.get("allOf", []):
        if set(rule["if"]) != {"properties"} or \
                set(rule["if"]["properties"]) != {"event_type"}:
            raise SchemaError("allOf: a rule that isn't about event_type")
        holds = kind(rule["if"]).is_valid({"event_type": event_type})
        kept.append(rule.get("then" if holds else "else", {}))
    return {**document, "allOf": [rule for rule in kept if rule]}


def _path(parts):
    text = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in parts)
    return text.lstrip(".") or "record"


def _tunnel_problems(tunnel):
    """What ties the members of a carried flow's tunnel object together."""
    path = tunnel["path"]
    if tunnel["depth"] != len(path):
        yield "tunnel.depth", f"{tunnel['depth']}, but path has {len(path)}"
    if not path:
        return
    for member, key, hop in (("type", "type", path[-1]),
                             ("parent_flow_id", "flow_id", path[-1]),
                             ("root_flow_id", "flow_id", path[0])):
        if tunnel[member] != hop[key]:
            yield (f"tunnel.{member}",
                   f"{tunnel[member]!r}, but path says {hop[key]!r}")


class Validator:
    """A schema made ready: made once, used for every record."""

    def __init__(self, document):
        try:
            kind = jsonschema.validators.validator_for(document)
            kind.check_schema(document)
        except jsonschema.SchemaError as error:
            raise SchemaError(f"{_path(error.absolute_path)}: "
                              f"{error.message}") from None
        definitions = document.get("$defs", {})
        flat = _inline({k: v for k, v in document.items() if k != "$defs"},
                       definitions)
        flat["$defs"] = definitions
        events = flat["properties"]["event_type"]["enum"]
        self._any = kind(flat)
        self._of = {event: kind(_for_event(flat, event, kind))
                    for event in events}

    def _errors(self, record):
        event_type = record.get("event_type")
        known = isinstance(event_type, str) and event_type in self._of
        validator = self._of[event_type] if known else self._any
        return validator.iter_errors(record)

    def problems(self, record):
        """Return every problem of one record as "path: what is wrong"."""
        errors = sorted(self._errors(record),
                        key=lambda e: list(map(str, e.absolute_path)))
        if errors:
            return [f"{_path(e.absolute_path)}: {_message(e)}" for e in errors]
        if record["event_type"] != "tunnel" and "tunnel" in record:
            return [f"{path}: {what}"
                    for path, what in _tunnel_problems(record["tunnel"])]
        return []

    def first(self, records):
        """Return the first problem of (line, record) pairs as "line: path:
        what is wrong", None if there is none."""
        for line, record in records:
            problems = self.problems(record)
            if problems:
                return f"{line}: {problems[0]}"
        return None


def _message(error):
    text = error.message
    return text if len(text) <= 200 else text[:197] + "..."


@functools.lru_cache(maxsize=4)
def load(path=DEFAULT):
    """Return the Validator for the schema at path, made once a process."""
    try:
        return Validator(json.loads(Path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise SchemaError(f"{path}: {error}") from None


def _check_file(path, validator, every):
    """Print the problems of a file; return how many records and problems."""
    records = eve.read(path)
    wrong = 0
    for line, record in records:
        for problem in validator.problems(record):
            print(f"{path}:{line}: {problem}")
            wrong += 1
            if not every:
                return len(records), wrong
    return len(records), wrong


def main(argv=None):
    """Validate the files named on the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        description="Validate EVE files against the schema.")
    parser.add_argument("--schema", type=Path, default=DEFAULT,
                        help="the schema (default: etc/schema.json)")
    parser.add_argument("--all", action="store_true",
                        help="print every violation, not each file's first")
    parser.add_argument("files", nargs="+", metavar="EVE_FILE")
    options = parser.parse_args(argv)
    failed = 0
    try:
        validator = load(options.schema)
    except SchemaError as error:
        print(f"schema.py: {error}", file=sys.stderr)
        return 2
    for path in options.files:
        try:
            records, wrong = _check_file(path, validator, options.all)
        except eve.EveError as error:
            print(error)
            wrong = 1
        else:
            if not wrong:
                print(f"{path}: {records} records, all valid")
        failed += wrong > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
