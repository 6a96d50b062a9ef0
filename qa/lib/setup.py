"""What qa/run and qa/diff begin with: the program and what it can do."""

import os
from pathlib import Path

from . import command, process, requires

ROOT = Path(__file__).resolve().parents[2]
SURICATA = "8.0.7"


class UsageError(Exception):
    """What was asked can't be done: says why."""


def add_options(parser):
    """Add the options that say what is run, and with what."""
    add = parser.add_argument
    add("--burrow", type=Path, default=ROOT / "build" / "burrow",
        help="the program (default: build/burrow)")
    add("--config", type=Path, help="configuration for cases that bring none "
        "(default: etc/burrow.yaml, if it is there)")
    add("--jobs", type=int, default=os.cpu_count(), metavar="N",
        help="how many at a time (default: one a processor)")
    add("--timeout", type=float, default=60, metavar="SECONDS",
        help="of one run (default: 60)")
    add("--keep", type=Path, metavar="DIR", help="keep what the runs write")
    add("--suricata-version", default=SURICATA, metavar="VERSION",
        help=f"what min-version and the like compare with ({SURICATA})")


def _features(burrow):
    if not os.access(burrow, os.X_OK) or burrow.is_dir():
        raise UsageError(f"{burrow}: no such program (build it, or --burrow)")
    outcome, printed, _ = process.ask([str(burrow), "--build-info"], ROOT,
                                      dict(os.environ), 30)
    failure = outcome.failure()
    if failure is not None:
        raise UsageError(f"{burrow} --build-info: {failure}")
    for line in printed.splitlines():
        if line.startswith("Features:"):
            return frozenset(line.split()[1:])
    raise UsageError(f"{burrow} --build-info has no Features: line")


def _configuration(named):
    if named is not None:
        if not named.is_file():
            raise UsageError(f"{named}: no such file")
        return named.resolve()
    default = ROOT / "etc" / "burrow.yaml"
    return default if default.is_file() else None


def target(options):
    """Return the requires.Target of the program that the options name."""
    requires.parse_version(options.suricata_version)
    return requires.Target(options.suricata_version,
                           _features(options.burrow.resolve()), ROOT)


def program(options, tree, extra_args=(), by_name=False):
    """Return the command.Program that the options name; tree is a folder to
    make for it."""
    burrow = options.burrow.resolve()
    config = _configuration(options.config)
    command.make_tree(tree, burrow, ROOT, config, extra_args)
    return command.Program(burrow, ROOT, tree, config, tuple(extra_args),
                           by_name)
