"""The checks of a case, run on what the program left behind."""

import filecmp
from dataclasses import dataclass, field
from pathlib import Path

from . import eve, match, process, requires
from .casefile import Case, CaseError

_SHELL_SECONDS = 60
_WIDTH = 160  # of a filter or command that is shown
_SHOWN = 6  # differences of the closest record that are shown


@dataclass(frozen=True)
class CheckResult:
    """How one check went; more is what -v prints under it."""

    number: int
    kind: str
    status: str  # passed, failed, skipped
    why: str = ""
    more: tuple = ()


@dataclass(frozen=True)
class Place:
    """What checks look at: the case, its output and its environment.

    lenient: a file of the case that isn't there skips the check instead of
    failing it (a set of cases that was handed on without some of its files).
    """

    case: Case
    outdir: Path
    files: eve.Files
    env: dict = field(default_factory=dict)
    target: requires.Target = None
    lenient: bool = False


class _Failed(Exception):
    def __init__(self, why, more=()):
        super().__init__(why)
        self.more = tuple(more)


class _Skipped(Exception):
    pass


def _cut(text):
    return text if len(text) <= _WIDTH else text[:_WIDTH - 3] + "..."


def _brief(match_spec):
    return _cut(" ".join(f"{k}={v}" for k, v in match_spec.items()))


def _nearest(match_spec, records):
    closest = match.closest(match_spec, records)
    if closest is None:
        return [f"{len(records)} records, none of that event type"]
    line, record = closest
    differences = list(match.differences(match_spec, record))
    shown = [f"closest is line {line}:"]
    for key, expected, found in differences[:_SHOWN]:
        shown.append(f"  {key}: expected {expected!r}, found {found!r}")
    if len(differences) > _SHOWN:
        shown.append(f"  and {len(differences) - _SHOWN} more")
    return shown


def _filter(check, place):
    for key in ("match", "count"):
        if key not in check:
            raise CaseError(f"a filter without {key}")
    count = match.Count(check["count"])
    name = check.get("filename", "eve.json")
    if not (place.outdir / name).is_file():
        raise _Failed(f"{name} was not written")
    records = place.files.records(name)
    found = [line for line, record in records
             if match.matches(check["match"], record)]
    if count.accepts(len(found)):
        return
    if found:
        lines = ", ".join(map(str, found[:10]))
        more = [f"matching lines: {lines}{', ...' if found[10:] else ''}"]
    else:
        more = _nearest(check["match"], records)
    said = f"{check['comment']}: " if "comment" in check else ""
    where = f" in {name}" if name != "eve.json" else ""
    raise _Failed(f"{said}{len(found)} matches{where}, expected {count.text}: "
                  f"{_brief(check['match'])}", more)


def _shell(check, place):
    if "args" not in check:
        raise CaseError("a shell check without args")
    command = str(check["args"]).strip()
    outcome, printed, said = process.ask(command, place.outdir, place.env,
                                         _SHELL_SECONDS)
    more = [f"ran: {command}", *said.splitlines()[-3:]]
    failure = outcome.failure()
    if failure is not None:
        raise _Failed(f"{failure}: {_cut(command)}", more)
    if "expect" in check and printed.strip() != str(check["expect"]).strip():
        raise _Failed(f"printed {printed.strip()!r}, expected "
                      f"{str(check['expect'])!r}: {_cut(command)}", more)


def _stats(check, place):
    last = None
    for _, record in place.files.records("eve.json"):
        if record.get("event_type") == "stats":
            last = record.get("stats")
    if last is None:
        raise _Failed("no stats record")
    wrong = [f"{path} is {match.find_value(path, last)}, expected {expected}"
             for path, expected in check.items()
             if match.find_value(path, last) != expected]
    if wrong:
        raise _Failed("; ".join(wrong))


def _file_compare(check, place):
    for key in ("filename", "expected"):
        if key not in check:
            raise CaseError(f"a file-compare without {key}")
    expected = place.case.folder / check["expected"]
    if not expected.is_file():
        problem = f"{check['expected']} to compare with isn't there"
        raise _Skipped(problem) if place.lenient else _Failed(problem)
    written = place.outdir / check["filename"]
    if not written.is_file():
        raise _Failed(f"{check['filename']} was not written")
    if not filecmp.cmp(expected, written, shallow=False):
        raise _Failed(f"{check['filename']} differs from {check['expected']}")


_KINDS = {"filter": _filter, "shell": _shell, "stats": _stats,
          "file-compare": _file_compare}


def _run(number, kind, check, place):
    try:
        if kind != "stats":  # whose keys are counters, all of them
            reason = requires.unmet_by_check(check, place.target)
            if reason is not None:
                return CheckResult(number, kind, "skipped", reason)
        _KINDS[kind](check, place)
    except _Skipped as skipped:
        return CheckResult(number, kind, "skipped", str(skipped))
    except _Failed as failed:
        return CheckResult(number, kind, "failed", str(failed), failed.more)
    except (CaseError, match.MatchError, requires.RequireError) as error:
        return CheckResult(number, kind, "failed", f"test.yaml: {error}")
    except eve.EveError as error:
        return CheckResult(number, kind, "failed", str(error))
    return CheckResult(number, kind, "passed")


def run(place):
    """Run every check of the case; return their results in order."""
    results = []
    for number, check in enumerate(place.case.spec.get("checks") or [], 1):
        for kind, body in check.items():
            results.append(_run(number, kind, body, place))
    return results
