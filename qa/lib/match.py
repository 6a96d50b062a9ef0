"""The language of a filter check: paths, operators and counts."""

import operator
import re

_INDEXED = re.compile(r"([^\[\]]*)((?:\[\d+\])+)")
_COUNT = re.compile(r"(>=|<=|==|!=|>|<)?\s*(\d+)")

_COMPARE = {
    ">=": operator.ge, "<=": operator.le, "==": operator.eq,
    "!=": operator.ne, ">": operator.gt, "<": operator.lt,
}


class MatchError(Exception):
    """A check that is written wrongly, as opposed to one that fails."""


def _contains(value, expected):
    return isinstance(value, (str, list, dict)) and expected in value


def _startswith(value, expected):
    return isinstance(value, str) and value.startswith(expected)


def _endswith(value, expected):
    return isinstance(value, str) and value.endswith(expected)


def _find(value, expected):
    return isinstance(value, str) and expected in value


_OPERATORS = {
    "__contains": _contains, "__find": _find,
    "__startswith": _startswith, "__endswith": _endswith,
}


def _length(value):
    return len(value) if isinstance(value, (str, list, dict)) else -1


def _step(value, name):
    return value.get(name) if isinstance(value, dict) else None


def find_value(path, record):
    """Return what path leads to in record, None where it leads nowhere.

    A path is names joined by dots, each with any number of indices:
    `alert.metadata.tag[0]`. A last name of `__len` gives the length of a
    string, array or object, and -1 of anything else.
    """
    value = record
    for part in path.split("."):
        if part == "__len":
            return _length(value)
        indexed = _INDEXED.fullmatch(part)
        if indexed is None:
            value = _step(value, part)
            continue
        value = _step(value, indexed[1])
        for index in re.findall(r"\d+", indexed[2]):
            if not isinstance(value, list) or int(index) >= len(value):
                return None
            value = value[int(index)]
    return value


def _paths(key, expected):
    paths = expected if isinstance(expected, list) else [expected]
    if not all(isinstance(path, str) for path in paths):
        raise MatchError(f"{key} wants a path or a list of paths")
    return paths


def _differences_of_keys(key, expected, record):
    wanted = key == "has-key"
    for path in _paths(key, expected):
        value = find_value(path, record)
        if (value is not None) != wanted:
            yield key, path, value


def _split_operator(key):
    path, dot, last = key.rpartition(".")
    if last in _OPERATORS:
        if not dot:
            raise MatchError(f"{key} has no path")
        return path, _OPERATORS[last]
    if last.startswith("__") and last != "__len":
        raise MatchError(f"{last} is not an operator")
    return key, operator.eq


def differences(match, record):
    """Yield (key, expected, found) for each part of match that record fails."""
    for key, expected in match.items():
        if key in ("has-key", "not-has-key"):
            yield from _differences_of_keys(key, expected, record)
            continue
        path, compare = _split_operator(key)
        value = find_value(path, record)
        if not compare(value, expected):
            yield key, expected, value


def matches(match, record):
    """Tell whether record has everything that match asks for."""
    return next(differences(match, record), None) is None


def closest(match, records):
    """Return the (line, record) that fails the fewest parts of match.

    Only records of the event type asked for are considered, if one is.
    None if there is nothing to choose from.
    """
    wanted = match.get("event_type")
    candidates = [(line, record) for line, record in records
                  if wanted is None or record.get("event_type") == wanted]
    return min(candidates, default=None,
               key=lambda item: sum(1 for _ in differences(match, item[1])))


class Count:
    """How many records a filter wants: `3`, or `">= 1"`."""

    def __init__(self, wanted):
        text = str(wanted).strip()
        parsed = _COUNT.fullmatch(text)
        if parsed is None or isinstance(wanted, bool):
            raise MatchError(f"count {wanted!r} is neither a number nor "
                             "a comparison such as '>= 1'")
        self._compare = _COMPARE[parsed[1] or "=="]
        self._number = int(parsed[2])
        self.text = text

    def accepts(self, number):
        """Tell whether number is what is wanted."""
        return self._compare(number, self._number)
