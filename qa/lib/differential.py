"""One capture, run in several ways: the records must be the same."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from . import casefile, command, eve, process, requires

_SHOWN = 3   # records of each side of a difference
_WIDTH = 300  # of one record that is shown


@dataclass(frozen=True)
class Way:
    """One way to run: the arguments and environment that it adds."""

    label: str
    args: tuple = ()
    env: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """What is run: a case, or a capture by itself, as a case made up for it.

    rules: for a capture by itself, which has none beside it.
    """

    name: str
    case: casefile.Case
    rules: Path = None


@dataclass(frozen=True)
class Verdict:
    """What came of one subject; lines say more, for a reader."""

    name: str
    status: str
    why: str
    lines: tuple = ()


class _RunFailed(Exception):
    pass


def ways(topologies, lanes, times, perturb=None):
    """Return every way to run, the plainest first.

    perturb is the seed of the first run, None to leave scheduling alone;
    each further run has the next.
    """
    made = []
    for time in range(times):
        for topology in topologies:
            for number in lanes:
                label = f"{topology}/{number}"
                env = {}
                if perturb is not None:
                    seed = perturb + len(made)
                    env["BURROW_PERTURB"] = str(seed)
                    label += f" seed {seed}"
                elif times > 1:
                    label += f" #{time + 1}"
                made.append(Way(label, ("--topology", topology,
                                        "--lanes", str(number)), env))
    return made


def reason_to_skip(subject, target):
    """Return why a subject can't be run in several ways, None if it can."""
    spec = subject.case.spec
    for key in ("command", "unix-commands"):
        if key in spec:
            return f"it has {key}"
    if spec.get("exit-code", 0) != 0:
        return "it is meant to fail"
    reason = (requires.unmet(subject.case.requires, target)
              or requires.skipped(spec.get("skip"), target))
    if reason is None and spec.get("pcap") is False:
        reason = "it reads no capture"
    return reason


def sorted_eve(outdir):
    """Return the records that a run left, as sorted lines, without stats.

    The keys of each are in order too, so that equal records are equal lines.
    """
    files = eve.Files(outdir)
    if not files.eve_names():
        raise _RunFailed("wrote no eve.json")
    return sorted(json.dumps(record, sort_keys=True)
                  for name in files.eve_names()
                  for _, record in files.records(name)
                  if record.get("event_type") != "stats")


def _run_one(subject, way, program, outdir, timeout):
    outdir.mkdir(parents=True)
    env = command.environment(subject.case, program, outdir)
    command.run_scripts(subject.case, "setup", outdir, env, timeout)
    line = command.build(subject.case, program, outdir, env)
    if subject.rules is not None:
        line.remove("--disable-detection")
        line += ["-S", str(subject.rules)]
    line += way.args
    outcome = process.run(line, outdir, subject.case.folder,
                          {**env, **way.env}, timeout)
    failure = process.why_failed(outcome, outdir)
    if failure is not None:
        raise _RunFailed(failure)
    return sorted_eve(outdir)


def _flat(value, path=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _flat(inner, f"{path}[{index}]")
    else:
        yield path, value


def _changed(line, other):
    one, two = dict(_flat(json.loads(line))), dict(_flat(json.loads(other)))
    return {path: (one.get(path), two.get(path))
            for path in sorted({*one, *two}) if one.get(path) != two.get(path)}


def _cut(text):
    return text if len(text) <= _WIDTH else text[:_WIDTH - 3] + "..."


def _nearest_change(line, others):
    """The members that change between line and the most like it of others of
    the same event type: None if there is none."""
    kind = json.loads(line).get("event_type")
    changes = [_changed(line, other) for other in others
               if json.loads(other).get("event_type") == kind]
    return min(changes, key=len, default=None)


def _difference(first, second):
    """Yield lines that tell how two runs' (label, records) differ."""
    (one, ours), (two, theirs) = first, second
    here = list((Counter(ours) - Counter(theirs)).elements())
    there = list((Counter(theirs) - Counter(ours)).elements())
    yield (f"{len(here)} records only in {one}, "
           f"{len(there)} only in {two}")
    for label, lines in ((one, here), (two, there)):
        for line in lines[:_SHOWN]:
            yield _cut(f"only {label}: {line}")
    if here and there:
        change = _nearest_change(here[0], there[:100])
        for path, (old, new) in list((change or {}).items())[:_SHOWN]:
            yield _cut(f"the first differs in {path}: {old!r} | {new!r}")


def _compare(groups):
    labels, lines = groups[0]
    told = [f"same: {', '.join(labels)} ({len(lines)} records)"]
    for others, theirs in groups[1:]:
        told.append(f"differ: {', '.join(others)} ({len(theirs)} records)")
        told += [f"  {line}" for line in
                 _difference((labels[0], lines), (others[0], theirs))]
    return told


def _all_runs(subject, all_ways, program, work, timeout):
    """Return [(labels, records), ...]: the ways that gave equal records."""
    groups = []
    for number, way in enumerate(all_ways):
        try:
            lines = _run_one(subject, way, program, work / f"{number:03}",
                             timeout)
        except (_RunFailed, eve.EveError) as error:
            raise _RunFailed(f"{way.label}: {error}") from None
        same = [labels for labels, known in groups if known == lines]
        if same:
            same[0].append(way.label)
        else:
            groups.append(([way.label], lines))
    return groups


def _judge(subject, groups):
    runs = sum(len(labels) for labels, _ in groups)
    if len(groups) > 1:
        return Verdict(subject.name, "failed",
                       f"{len(groups)} different outputs from {runs} runs",
                       tuple(_compare(groups)))
    records = len(groups[0][1])
    if records == 0:
        return Verdict(subject.name, "skipped",
                       "no run wrote a record: nothing to compare")
    return Verdict(subject.name, "passed", f"{records} records, {runs} runs")


def run(subject, all_ways, program, target, work, timeout):
    """Run subject in all ways and return the Verdict.

    What the runs write goes below work, a folder that must not exist yet.
    """
    try:
        reason = reason_to_skip(subject, target)
        if reason is not None:
            return Verdict(subject.name, "skipped", reason)
        return _judge(subject, _all_runs(subject, all_ways, program, work,
                                         timeout))
    except (_RunFailed, casefile.CaseError, casefile.CaseIncomplete,
            command.ScriptFailed, requires.RequireError, OSError) as error:
        return Verdict(subject.name, "failed", str(error))
