"""The four kinds of checks, on prepared output."""

import os
import unittest

import support
from lib import casefile, checks, eve, requires
from support import ALERT, HTTP, STATS


class Checks(support.TempCase):
    lenient = False

    def setUp(self):
        super().setUp()
        self.write_eve("out/eve.json", ALERT, HTTP, HTTP, STATS)

    def run_checks(self, *specs):
        case = casefile.Case("c", self.tmp / "case", {"checks": list(specs)})
        outdir = self.tmp / "out"
        env = {**os.environ, "OUTPUT_DIR": str(outdir)}
        return checks.run(checks.Place(case, outdir, eve.Files(outdir), env,
                                       requires.Target("8.0.7"), self.lenient))

    def check(self, status, why="", **spec):
        result = self.run_checks({k.replace("_", "-"): v
                                  for k, v in spec.items()})[0]
        self.assertEqual(result.status, status, result.why)
        self.assertIn(why, result.why)
        return result


class Filter(Checks):
    def filter(self, status, why="", count=1, **spec):
        match = spec.pop("match", {"event_type": "http"})
        return self.check(status, why,
                          filter={"count": count, "match": match, **spec})

    def test_count(self):
        self.filter("passed", count=2)
        self.filter("passed", count=">= 1")
        self.filter("failed", "2 matches, expected 1", count=1)
        self.filter("failed", "2 matches, expected < 2", count="< 2")

    def test_none(self):
        self.filter("passed", count=0, match={"event_type": "tls"})
        result = self.filter("failed", "0 matches, expected 1: event_type=http"
                             " http.status=404",
                             match={"event_type": "http", "http.status": 404})
        self.assertIn("http.status: expected 404, found 200",
                      "\n".join(result.more))

    def test_array(self):
        tag = "alert.metadata.tag"
        self.filter("passed", match={f"{tag}[1]": "two", f"{tag}.__len": 2})
        self.filter("failed", match={f"{tag}[1]": "one"})

    def test_comment(self):
        self.filter("failed", "one alert: 0 matches", comment="one alert",
                    match={"event_type": "tls"})

    def test_other_file(self):
        self.write_eve("out/other.json", {"id": 1})
        self.filter("passed", filename="other.json", match={"id": 1})
        self.filter("failed", "other.json", filename="other.json")
        self.filter("failed", "none.json was not written", count=0,
                    filename="none.json")

    def test_not_json(self):
        self.write("out/bad.log", "text\n")
        self.filter("failed", "bad.log:1", count=0, filename="bad.log")

    def test_requires(self):
        self.filter("skipped", "Suricata 9", requires={"min-version": 9})
        self.filter("failed", requires={"min-version": 8})
        self.filter("skipped", "before 8", **{"lt-version": 8})

    def test_written_wrongly(self):
        self.check("failed", "without count", filter={"match": {}})
        self.check("failed", "without match", filter={"count": 1})
        self.filter("failed", "unknown requirement", requires={"moon": 1})
        self.filter("failed", "count 'few'", count="few")
        self.filter("failed", "__ends", match={"x.__ends": 1})


class Shell(Checks):
    def test_exit_code(self):
        self.check("passed", shell={"args": "test -e eve.json"})
        result = self.check("failed", "exit code 3, expected 0: ",
                            shell={"args": "echo why >&2; exit 3"})
        self.assertEqual(result.more, ("ran: echo why >&2; exit 3", "why"))

    def test_expect(self):
        self.check("passed", shell={"args": "wc -l < eve.json", "expect": 4})
        self.check("passed", shell={"args": "echo yes", "expect": "yes"})
        self.check("failed", "printed '4', expected '5'",
                   shell={"args": "wc -l < eve.json", "expect": 5})

    def test_expected_output_does_not_excuse_the_exit_code(self):
        self.check("failed", "exit code 1",
                   shell={"args": "grep -c nothing eve.json", "expect": 0})

    def test_environment(self):
        self.check("passed", shell={"args": 'test "$PWD" = "$OUTPUT_DIR"'})

    def test_leaves_nothing_behind(self):
        self.check("passed", shell={"args": "ls", "expect": "eve.json"})

    def test_requires(self):
        self.check("skipped", shell={"args": "false", "min-version": 9})
        self.check("failed", "without args", shell={"expect": 1})


class Stats(Checks):
    def test_values(self):
        self.check("passed", stats={"decoder.pkts": 60, "uptime": 1})
        self.check("passed", stats={"detect.engines[0].rules_loaded": 2})
        self.check("failed", "decoder.pkts is 60, expected 61",
                   stats={"decoder.pkts": 61, "uptime": 1})
        self.check("failed", "no.such is None", stats={"no.such": 0})

    def test_last_record_counts(self):
        later = {**STATS, "stats": {"decoder": {"pkts": 61}}}
        self.write_eve("out/eve.json", STATS, later)
        self.check("passed", stats={"decoder.pkts": 61})

    def test_no_record(self):
        self.write_eve("out/eve.json", ALERT)
        self.check("failed", "no stats record", stats={"decoder.pkts": 60})


class FileCompare(Checks):
    def setUp(self):
        super().setUp()
        self.write("case/expected/a.csv", "1,2\n")

    def compare(self, status, why="", filename="a.csv",
                expected="expected/a.csv"):
        self.check(status, why, file_compare={"filename": filename,
                                              "expected": expected})

    def test_compare(self):
        self.write("out/a.csv", "1,2\n")
        self.write("out/b.csv", "1,3\n")
        self.compare("passed")
        self.compare("failed", "b.csv differs", filename="b.csv")
        self.compare("failed", "c.csv was not written", filename="c.csv")
        self.compare("failed", "isn't there", expected="expected/none.csv")
        self.check("failed", "without expected",
                   file_compare={"filename": "a.csv"})

    def test_lenient(self):
        self.lenient = True
        self.compare("skipped", "isn't there", expected="expected/none.csv")
        self.compare("failed", "was not written")


class Several(Checks):
    def test_each_is_run(self):
        results = self.run_checks(
            {"shell": {"args": "false"}}, {"shell": {"args": "true"}},
            {"stats": {"uptime": 2}})
        self.assertEqual([(r.number, r.kind, r.status) for r in results],
                         [(1, "shell", "failed"), (2, "shell", "passed"),
                          (3, "stats", "failed")])


if __name__ == "__main__":
    unittest.main()
