"""What a case runs: the command line, its environment, the source tree."""

import os
import shlex
import string
from dataclasses import dataclass
from pathlib import Path

from . import process
from .casefile import CaseError

# Reports of a sanitizer make the program fail, whatever it would return.
_SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=0",
}


class ScriptFailed(Exception):
    """A script of the case failed; more is the end of what it said."""

    def __init__(self, why, more):
        super().__init__(why)
        self.more = tuple(more)


@dataclass(frozen=True)
class Program:
    """The program under test and what every run of it is given.

    tree is a folder that looks like a source tree of Suricata (see
    make_tree); config is None to let the program use its own defaults.
    by_name: a case whose name has `ips` in it runs with --simulate-ips.
    """

    path: Path
    root: Path
    tree: Path
    config: Path = None
    extra_args: tuple = ()
    by_name: bool = False


def _link(path, target):
    if target.exists():
        path.symlink_to(target)


def make_tree(tree, path, root, config, extra_args=()):
    """Lay out in tree what commands look for below ${SRCDIR}; return tree.

    That is src/suricata, suricata.yaml, etc/, and the two files that older
    cases look for at the top. All are links into the project, except that
    src/suricata is a script when extra arguments have to be added.
    """
    tree = Path(tree)
    (tree / "src").mkdir(parents=True)
    program = tree / "src" / "suricata"
    if extra_args:
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(str(path))} "$@" '
                           f"{shlex.join(extra_args)}\n", encoding="utf-8")
        program.chmod(0o755)
    else:
        _link(program, path)
    if config is not None:
        _link(tree / "suricata.yaml", config)
    _link(tree / "etc", root / "etc")
    for name in ("classification.config", "reference.config"):
        _link(tree / name, root / "etc" / name)
    return tree


def environment(case, program, outdir):
    """Return the environment that a case's programs and checks run in."""
    env = {**_SANITIZERS, **os.environ}
    env.update(TZ="UTC", SRCDIR=str(program.tree), TOPDIR=str(program.root),
               TEST_DIR=str(case.folder), OUTPUT_DIR=str(outdir),
               BURROW=str(program.path))
    for name, value in (case.spec.get("env") or {}).items():
        env[name] = str(value)
    return env


def expand(text, env):
    """Replace $NAME and ${NAME} in text; a name that isn't set is an error."""
    try:
        return string.Template(text).substitute(env)
    except (KeyError, ValueError) as error:
        raise CaseError(f"can't expand {text!r}: {error}") from None


def _rules(case, args):
    if "-S" in args or "-s" in args:
        return []
    files = case.rule_files()
    if len(files) > 1:
        raise CaseError(f"{len(files)} rule files, and no -S says which")
    return ["-S", str(files[0])] if files else ["--disable-detection"]


def _config(case, program):
    config = case.config or program.config
    return ["-c", str(config)] if config is not None else []


def _settings(program):
    for name, key in (("classification.config", "classification-file"),
                      ("reference.config", "reference-config-file")):
        path = program.tree / "etc" / name
        if path.exists():
            yield from ("--set", f"{key}={path}")


def build(case, program, outdir, env):
    """Return what to run for case: a list, or a string for the shell."""
    if "command" in case.spec:
        return expand(case.spec["command"], env)
    args = []
    for arg in case.spec.get("args") or []:
        args += shlex.split(expand(str(arg), env))
    line = [str(program.path), *args, *_settings(program),
            "--init-errors-fatal", "-l", str(outdir)]
    if program.by_name and "ips" in case.name.rpartition("/")[2]:
        line.append("--simulate-ips")
    line += _config(case, program)
    capture = case.capture(lambda text: expand(text, env))
    if capture is not None:
        line += ["-r", str(capture)]
    return line + _rules(case, args) + list(program.extra_args)


def _scripts(case, key):
    given = case.spec.get(key) or []
    if isinstance(given, str):
        return [given]
    for step in given:
        if not isinstance(step, dict) or set(step) != {"script"}:
            raise CaseError(f"{key}: only script is known: {step}")
    return [step["script"] for step in given]


def run_scripts(case, key, outdir, env, timeout):
    """Run what key (setup or pre-check) of the case says, in outdir."""
    for script in _scripts(case, key):
        outcome, _, said = process.ask(script, outdir, env, timeout)
        failure = outcome.failure()
        if failure is not None:
            raise ScriptFailed(f"its {key} script: {failure}",
                               said.splitlines()[-5:])
