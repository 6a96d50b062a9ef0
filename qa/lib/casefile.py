"""Test cases: finding them, reading test.yaml, and what lies beside it."""

import fnmatch
import os
from dataclasses import dataclass, field
from pathlib import Path

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# What test.yaml may say: a misspelt key is an error, not a check less.
_KEYS = {
    "args": list, "checks": list, "command": str, "count": int,
    "description": str, "env": dict, "exit-code": int, "pcap": (str, bool),
    "pre-check": (str, list), "requirements": dict, "requires": dict,
    "retry": int, "setup": list, "skip": (bool, str, list),
    "unix-commands": list,
}

CHECKS = ("filter", "shell", "stats", "file-compare")


class CaseError(Exception):
    """A case that is written wrongly."""


class CaseIncomplete(Exception):
    """A case that refers to a file which isn't there."""


@dataclass(frozen=True)
class Case:
    """One test case: its name in the set, its folder and its test.yaml."""

    name: str
    folder: Path
    spec: dict = field(default_factory=dict)

    @property
    def requires(self):
        """What the case needs, however test.yaml spells it."""
        return {**(self.spec.get("requirements") or {}),
                **(self.spec.get("requires") or {})}

    @property
    def config(self):
        """The case's own configuration file, None if it has none."""
        path = self.folder / "suricata.yaml"
        return path if path.is_file() else None

    def rule_files(self):
        """The rule files beside test.yaml, sorted."""
        return sorted(self.folder.glob("*.rules"))

    def capture(self, substitute):
        """Return the capture (a file or a folder) that the case reads.

        None if it says that it has none or runs a command of its own.
        substitute expands ${...} in the path that test.yaml may give.
        """
        named = self.spec.get("pcap")
        if named is False or "command" in self.spec:
            return None
        if isinstance(named, str):
            path = Path(os.path.normpath(self.folder / substitute(named)))
            if not path.exists():
                raise CaseIncomplete(f"its capture {named} isn't there")
            return path
        beside = sorted([*self.folder.glob("*.pcap"),
                         *self.folder.glob("*.pcapng")])
        if len(beside) > 1:
            raise CaseError(f"{len(beside)} captures, and no pcap: says which")
        if not beside and self.requires.get("pcap", True):
            raise CaseIncomplete("it has no capture")
        return beside[0] if beside else None

    def missing_file(self):
        """Return what the configuration includes or the command reads in
        vain, None if all of it is there.

        Files that settings name (--set key=file) are the program's concern.
        """
        if self.config is not None:
            for name in _included(self.config):
                if not (self.folder / name).exists():
                    return f"its configuration includes {name}"
        for word in self.spec.get("command", "").split():
            word = word.strip("'\"")
            if word.startswith("${TEST_DIR}/"):
                name = word[len("${TEST_DIR}/"):]
                if not (self.folder / name).exists():
                    return f"its command names {name}"
        return None


def _included(config):
    """Names that the top-level include: lines of a configuration give."""
    text = config.read_text(encoding="utf-8", errors="replace")
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if key == "include" and colon and value.strip():
            yield value.split("#")[0].strip().strip("'\"")


def load(folder, name):
    """Read the case in folder; CaseError says what test.yaml has wrong."""
    path = Path(folder) / "test.yaml"
    try:
        spec = yaml.load(path.read_bytes(), Loader=_LOADER)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f":{where.line + 1}" if where is not None else ""
        raise CaseError(f"test.yaml{line}: not YAML: "
                        f"{getattr(error, 'problem', error)}") from None
    except OSError as error:
        raise CaseError(f"test.yaml: {error.strerror}") from None
    spec = {} if spec is None else spec
    _validate(spec)
    return Case(name, Path(folder), spec)


def _validate(spec):
    if not isinstance(spec, dict):
        raise CaseError("test.yaml: not a mapping")
    for key, value in spec.items():
        if key not in _KEYS:
            raise CaseError(f"test.yaml: unknown key {key!r}")
        if value is not None and not isinstance(value, _KEYS[key]):
            raise CaseError(f"test.yaml: {key} is of the wrong type")
    for number, check in enumerate(spec.get("checks") or [], 1):
        if not isinstance(check, dict) or not check:
            raise CaseError(f"test.yaml: check {number} is not a mapping")
        for kind, body in check.items():
            if kind not in CHECKS:
                raise CaseError(
                    f"test.yaml: check {number} is of unknown kind {kind!r}")
            if not isinstance(body, dict):
                raise CaseError(f"test.yaml: check {number} says nothing")


def find(top):
    """Return the folders below top (or top itself) that hold a test.yaml.

    Sorted; a case does not contain cases.
    """
    found = []
    for folder, folders, files in os.walk(top, followlinks=True):
        if "test.yaml" in files:
            found.append(Path(folder))
            folders.clear()
        folders.sort()
    return sorted(found)


def selected(name, globs):
    """Tell whether a case's name, or its last part, matches one of globs."""
    last = name.rpartition("/")[2]
    return not globs or any(fnmatch.fnmatch(name, g) or fnmatch.fnmatch(last, g)
                            for g in globs)
