"""What qa/run prints and writes: failures, tables, totals, files."""

import csv
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

WORDS = {"passed": "pass", "failed": "FAIL", "skipped": "skip"}
STATUSES = tuple(WORDS)


@dataclass(frozen=True)
class Entry:
    """What INDEX.tsv says of one case.

    null_pass: it passes on an empty output too, so it proves nothing.
    """

    family: str = "-"
    tier: str = "-"
    null_pass: bool = False


def read_index(path):
    """Return {case name: Entry} from an INDEX.tsv."""
    with Path(path).open(encoding="utf-8", newline="") as lines:
        return {row["test"]: Entry(row["family"], row["tier"],
                                   row["null_pass"] == "y")
                for row in csv.DictReader(lines, delimiter="\t")}


def lines_of(result, verbose):
    """Return the lines that tell how one case went; [] when it passed
    and verbose isn't asked for."""
    if result.status == "passed" and not verbose:
        return []
    why = f": {result.why}" if result.why else ""
    lines = [f"{WORDS[result.status]} {result.name}{why}"]
    if verbose and result.description:
        lines.append(f"     {result.description}")
    if result.status != "skipped":
        for check in result.checks:
            if check.status == "failed" or (verbose and check.why):
                lines.append(f"     check {check.number} ({check.kind}) "
                             f"{check.status}: {check.why}")
                if verbose:
                    lines += [f"       {line}" for line in check.more]
    if verbose:
        lines += [f"     {line}" for line in result.more]
    return lines


def totals(results):
    """Return a Counter of statuses."""
    return Counter(result.status for result in results)


def summary(counts):
    """Return the last line of a run."""
    return ", ".join(f"{counts[status]} {status}" for status in STATUSES)


def _cell(counts):
    if not counts:
        return "."
    return "/".join(str(counts[status]) for status in STATUSES)


def table(results, index):
    """Return the lines of a table: a row a family, a column a tier."""
    cells = defaultdict(Counter)
    for result in results:
        entry = index.get(result.name, Entry())
        for row in (entry.family, "all"):
            for column in (entry.tier, "all"):
                cells[row, column][result.status] += 1
    rows = sorted({row for row, _ in cells} - {"all"}) + ["all"]
    columns = sorted({column for _, column in cells} - {"all"}) + ["all"]
    texts = [["/".join(STATUSES), *(f"tier {c}" for c in columns[:-1]), "all"]]
    texts += [[row, *(_cell(cells.get((row, c))) for c in columns)]
              for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts)]
    return ["  ".join([text[0].ljust(widths[0]),
                       *(t.rjust(w) for t, w in zip(text[1:], widths[1:]))])
            for text in texts]


def write_json(path, results, index, about):
    """Write every result, and about (what was run), to path as JSON."""
    cases = []
    for result in results:
        entry = index.get(result.name, Entry())
        cases.append({
            "name": result.name, "status": result.status, "why": result.why,
            "family": entry.family, "tier": entry.tier,
            "null_pass": entry.null_pass, "seconds": round(result.seconds, 3),
            "checks": [{"number": c.number, "kind": c.kind,
                        "status": c.status, "why": c.why}
                       for c in result.checks],
        })
    document = {**about, "totals": dict(totals(results)), "cases": cases}
    Path(path).write_text(json.dumps(document, indent=1) + "\n",
                          encoding="utf-8")


def changes(path, results):
    """Return lines that say which cases went differently than in a JSON file
    that write_json wrote; cases that are in one only are left out."""
    document = json.loads(Path(path).read_text(encoding="utf-8"))
    before = {case["name"]: case["status"] for case in document["cases"]}
    return [f"{result.name}: was {before[result.name]}, now {result.status}"
            for result in results
            if before.get(result.name, result.status) != result.status]
