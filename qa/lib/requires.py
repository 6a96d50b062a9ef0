"""Deciding whether a case, or one check of it, applies here at all."""

import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path


class RequireError(Exception):
    """A requirement that is written wrongly."""


@dataclass(frozen=True)
class Target:
    """What the program under test can do, as requirements see it.

    version is the Suricata version whose behaviour it follows; features are
    the words of the `Features:` line of --build-info; relative paths are
    looked up from root.
    """

    version: str
    features: frozenset = field(default_factory=frozenset)
    root: Path = Path(".")


def parse_version(text):
    """Return the one to three numbers that text begins with, as a tuple."""
    parsed = re.match(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", str(text).strip())
    if parsed is None:
        raise RequireError(f"{text!r} is not a version")
    return tuple(int(part) for part in parsed.groups() if part is not None)


def _full(version):
    numbers = parse_version(version)
    return numbers + (0,) * (3 - len(numbers))


def _min_version(wanted, target):
    if _full(target.version) < _full(wanted):
        return f"needs Suricata {wanted} or later"
    return None


def _lt_version(wanted, target):
    if _full(target.version) >= _full(wanted):
        return f"needs Suricata before {wanted}"
    return None


def _gt_version(wanted, target):
    if _full(target.version) <= _full(wanted):
        return f"needs Suricata after {wanted}"
    return None


def _version(wanted, target):
    numbers = parse_version(wanted)
    if _full(target.version)[:len(numbers)] != numbers:
        return f"only for Suricata {wanted}"
    return None


def _listed(value):
    return value if isinstance(value, list) else [value]


def _features(wanted, target):
    lacking = [name for name in _listed(wanted) if name not in target.features]
    return f"needs feature {' '.join(lacking)}" if lacking else None


def _env(wanted, _target):
    lacking = [name for name in _listed(wanted) if name not in os.environ]
    return f"needs the variable {' '.join(lacking)}" if lacking else None


def _files(wanted, target):
    lacking = [name for name in _listed(wanted)
               if not (target.root / name).exists()]
    return f"needs {' '.join(lacking)}, which isn't there" if lacking else None


def _script(wanted, target):
    for script in _listed(wanted):
        done = subprocess.run(script, shell=True, cwd=target.root, check=False,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            return f"its script says no: {script.strip()}"
    return None


def _os(wanted, _target):
    here = platform.system().lower()
    return None if here.startswith(wanted.lower()) else f"needs {wanted}"


def _arch(wanted, _target):
    here = platform.machine().lower()
    return None if here.startswith(wanted.lower()) else f"needs {wanted}"


def _lambda(wanted, _target):
    names = {"__builtins__": {}, "sys": sys, "os": os, "platform": platform}
    return None if eval(wanted, names) else f"needs {wanted}"


def _pcap(_wanted, _target):
    return None  # says whether a capture must exist: the command's concern


_REQUIREMENTS = {
    "min-version": _min_version, "lt-version": _lt_version,
    "gt-version": _gt_version, "version": _version,
    "features": _features, "feature": _features, "env": _env,
    "files": _files, "script": _script, "os": _os, "arch": _arch,
    "lambda": _lambda, "pcap": _pcap,
}


def unmet(requirements, target):
    """Return why the requirements are not met, None if they are."""
    for name, wanted in (requirements or {}).items():
        if name not in _REQUIREMENTS:
            raise RequireError(f"unknown requirement {name!r}")
        reason = _REQUIREMENTS[name](wanted, target)
        if reason is not None:
            return reason
    return None


_OF_A_CHECK = ("min-version", "lt-version", "version", "feature")


def unmet_by_check(check, target):
    """Like unmet, for a check: it may also hold some of them directly."""
    requirements = dict(check.get("requires") or {})
    requirements.update((k, check[k]) for k in _OF_A_CHECK if k in check)
    return unmet(requirements, target)


def _skip_condition(condition, target):
    if "uid" in condition:
        if os.getuid() == condition["uid"]:
            return f"not for uid {condition['uid']}"
    elif "feature" in condition:
        if condition["feature"] in target.features:
            return f"not with feature {condition['feature']}"
    else:
        raise RequireError(f"unknown condition to skip: {condition}")
    return None


def skipped(skip, target):
    """Return why a case's `skip` says not to run it, None if it doesn't."""
    if not skip:
        return None
    if skip is True:
        return "skip: true"
    if isinstance(skip, str):
        return skip
    for condition in skip:
        reason = _skip_condition(condition, target)
        if reason is not None:
            return condition.get("msg", reason)
    return None
