"""Running one case from start to finish: what qa/run does for each."""

import shlex
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from . import casefile, checks, command, eve, match, process, requires, schema

_STDERR_LINES = 5


@dataclass(frozen=True)
class Plan:
    """How cases are run: the same for all of them.

    schema is the path of the JSON Schema, None not to validate. lenient:
    what a case refers to may be missing, and then the case is skipped.
    """

    program: command.Program
    target: requires.Target
    work: Path
    timeout: float = 60
    schema: Path = None
    lenient: bool = False


@dataclass(frozen=True)
class Result:
    """How one case went: passed, failed or skipped, and why."""

    name: str
    status: str
    why: str = ""
    more: tuple = ()
    checks: tuple = ()
    description: str = ""
    seconds: float = 0.0


class _Stop(Exception):
    """The end of a case before its checks: its status and why."""

    def __init__(self, status, why, more=()):
        super().__init__(why)
        self.status = status
        self.more = tuple(more)


def _needed(case, plan):
    if case.spec.get("unix-commands"):
        raise _Stop("skipped", "the runner does not do unix-commands")
    reason = (requires.unmet(case.requires, plan.target)
              or requires.skipped(case.spec.get("skip"), plan.target))
    if reason is not None:
        raise _Stop("skipped", reason)
    missing = case.missing_file()
    if missing is not None:
        raise casefile.CaseIncomplete(f"{missing}, which isn't there")


def _execute(case, plan, outdir, env):
    line = command.build(case, plan.program, outdir, env)
    shown = line if isinstance(line, str) else shlex.join(line)
    (outdir / "cmdline").write_text(shown.strip() + "\n", encoding="utf-8")
    outcome = process.run(line, outdir, case.folder, env, plan.timeout)
    said = process.tail(outdir / "stderr", _STDERR_LINES)
    more = [f"ran: {shown.strip()}", *said]
    failure = process.why_failed(outcome, outdir,
                                 case.spec.get("exit-code", 0))
    if failure is not None:
        raise _Stop("failed", failure, more)


def _validate(plan, files):
    if plan.schema is None:
        return None
    for name in files.eve_names():
        violation = schema.load(plan.schema).first(files.records(name))
        if violation is not None:
            return f"schema: {name}:{violation}"
    return None


def _fresh(outdir):
    """Make outdir an empty folder; what isn't an earlier run's is kept."""
    if outdir.exists():
        if not (outdir / "cmdline").is_file():
            raise casefile.CaseError(f"{outdir} exists and isn't its output")
        shutil.rmtree(outdir)
    outdir.mkdir(parents=True)
    (outdir / "cmdline").touch()


def _once(case, plan, outdir):
    """Run the case once; return the results of its checks."""
    _fresh(outdir)
    env = command.environment(case, plan.program, outdir)
    command.run_scripts(case, "setup", outdir, env, plan.timeout)
    _execute(case, plan, outdir, env)
    command.run_scripts(case, "pre-check", outdir, env, plan.timeout)
    files = eve.Files(outdir)
    results = checks.run(checks.Place(case, outdir, files, env, plan.target,
                                      plan.lenient))
    violation = _validate(plan, files)
    if violation is not None:
        results.append(checks.CheckResult(len(results) + 1, "schema", "failed",
                                          violation))
    return results


def _verdict(results):
    failed = [r for r in results if r.status == "failed"]
    if failed:
        return "failed", f"{len(failed)} of {len(results)} checks"
    skipped = [r for r in results if r.status == "skipped"]
    if skipped and len(skipped) == len(results):
        return "skipped", skipped[0].why
    return "passed", ""


def _attempts(case, plan):
    outdir = plan.work / case.name
    for attempt in range(case.spec.get("retry", 1), 0, -1):
        for _ in range(case.spec.get("count", 1)):
            results = _once(case, plan, outdir)
            if _verdict(results)[0] == "failed":
                break
        if _verdict(results)[0] != "failed" or attempt == 1:
            return results
    raise casefile.CaseError("retry is less than one")


def run(folder, name, plan):
    """Run the case in folder and return its Result; never raises for a case."""
    began = time.monotonic()
    description = ""
    results = []
    more = ()
    try:
        case = casefile.load(folder, name)
        description = case.spec.get("description", "")
        _needed(case, plan)
        results = _attempts(case, plan)
        status, why = _verdict(results)
    except _Stop as stop:
        status, why, more = stop.status, str(stop), stop.more
    except command.ScriptFailed as failed:
        status, why, more = "failed", str(failed), failed.more
    except casefile.CaseIncomplete as incomplete:
        status = "skipped" if plan.lenient else "failed"
        why = str(incomplete)
    except (casefile.CaseError, requires.RequireError, match.MatchError,
            eve.EveError, OSError) as error:
        status, why = "failed", str(error)
    return Result(name, status, why, more, tuple(results), description,
                  time.monotonic() - began)
