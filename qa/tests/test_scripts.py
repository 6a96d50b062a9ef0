"""qa/run and qa/diff as programs, on a program that pretends."""

import json
import unittest

import support
from lib import differential
from support import ALERT, HTTP, STATS

PASSES = "checks: [{filter: {count: 1, match: {event_type: alert}}}]\n"
FAILS = "checks: [{filter: {count: 2, match: {event_type: alert}}}]\n"


class Script(support.TempCase):
    def setUp(self):
        super().setUp()
        self.fake(ALERT, HTTP, STATS)

    def last(self, done):
        return done.stdout.splitlines()[-1]


class Run(Script):
    def qa_run(self, status, last, *args):
        done = self.script("run", *args)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        if last:
            self.assertEqual(self.last(done), last)
        return done

    def test_counts_and_exit_code(self):
        self.make_case("set/good", PASSES)
        self.make_case("set/deep/good", PASSES)
        self.make_case("set/old", "requires: {min-version: 9}")
        self.qa_run(0, "2 passed, 0 failed, 1 skipped", "set")
        self.make_case("set/bad", FAILS)
        done = self.qa_run(1, "2 passed, 1 failed, 1 skipped", "set")
        self.assertIn("FAIL set/bad: 1 of 1 checks\n     check 1 (filter) "
                      "failed: 1 matches, expected 2", done.stdout)
        self.assertIn("skip set/old: needs Suricata 9 or later", done.stdout)
        self.assertNotIn("good", done.stdout)
        self.qa_run(0, "2 passed, 1 failed, 1 skipped", "set", "--report")

    def test_one_case_and_verbose(self):
        self.make_case("set/good", "description: what it is\n" + PASSES)
        done = self.qa_run(0, "1 passed, 0 failed, 0 skipped", "-v",
                           "set/good")
        self.assertIn("pass good\n     what it is", done.stdout)

    def test_verbose_failure(self):
        self.make_case("set/bad", "checks: [{filter: {count: 1, match: "
                       "{event_type: http, http.status: 404}}}]")
        done = self.qa_run(1, None, "-v", "set")
        self.assertIn("http.status: expected 404, found 200", done.stdout)

    def test_filter(self):
        self.make_case("set/a-1", PASSES)
        self.make_case("set/b-1", FAILS)
        self.qa_run(0, "1 passed, 0 failed, 0 skipped", "set",
                    "--filter", "a-*")

    def test_nothing_to_run_is_an_error(self):
        self.make_case("set/a", PASSES)
        done = self.qa_run(2, None, "set", "--filter", "x")
        self.assertIn("no such case", done.stderr)
        self.assertIn("no such folder", self.qa_run(2, None, "none").stderr)

    def test_no_program(self):
        self.make_case("set/a")
        (self.tmp / "fake/burrow").unlink()
        self.assertIn("no such program", self.qa_run(2, None, "set").stderr)

    def test_features(self):
        self.make_case("set/a", "requires: {features: [HAVE_JA3]}")
        self.make_case("set/b", "requires: {features: [HAVE_LUA]}")
        done = self.qa_run(0, "1 passed, 0 failed, 1 skipped", "set")
        self.assertIn("needs feature HAVE_LUA", done.stdout)

    def test_schema(self):
        self.make_case("set/a", PASSES)
        self.fake(ALERT, {**HTTP, "x": 1})
        done = self.qa_run(1, "0 passed, 1 failed, 0 skipped", "set")
        self.assertIn("(schema) failed: schema: eve.json:2: record: ",
                      done.stdout)
        self.qa_run(0, "1 passed, 0 failed, 0 skipped", "set", "--no-schema")

    def test_extra_arguments(self):
        self.make_case("set/a", "checks: [{shell: {args: "
                       "grep -q -e '--lanes 2$' argv}}]")
        self.make_case("set/b", "command: ${SRCDIR}/src/suricata -l "
                       "${OUTPUT_DIR}\nchecks: [{shell: {args: "
                       "grep -q -e '--lanes 2$' argv}}]")
        self.qa_run(1, "0 passed, 2 failed, 0 skipped", "set")
        self.qa_run(0, "2 passed, 0 failed, 0 skipped", "set",
                    "--extra-args", "--lanes 2")

    def test_keep(self):
        self.make_case("set/a", PASSES)
        self.qa_run(0, None, "set", "--keep", "kept")
        self.assertTrue((self.tmp / "kept/set/a/eve.json").exists())
        self.qa_run(0, None, "set", "--keep", "kept")

    def test_results_and_what_changed(self):
        self.make_case("set/a", PASSES)
        self.make_case("set/b", FAILS)
        self.qa_run(1, None, "set", "--json", "r.json",
                    "--list-failed", "failed")
        results = json.loads((self.tmp / "r.json").read_text())
        self.assertEqual([(c["name"], c["status"]) for c in results["cases"]],
                         [("set/a", "passed"), ("set/b", "failed")])
        self.assertEqual((self.tmp / "failed").read_text(), "set/b\n")
        self.make_case("set/b", PASSES)
        done = self.qa_run(0, None, "set", "--baseline", "r.json")
        self.assertIn("set/b: was failed, now passed", done.stdout)
        self.assertNotIn("set/a", done.stdout)


class Verify(Script):
    def setUp(self):
        super().setUp()
        self.make_case("v/tests/dns/one", PASSES)
        self.make_case("v/tests/tls-1", FAILS)
        self.make_case("v/tests/null", FAILS)
        self.make_case("v/tests/gone", "pcap: ../none.pcap")
        self.write("v/INDEX.tsv", "test\tfamily\ttier\tchecks\tnull_pass\n"
                   "dns/one\tdns\t1\t1\tn\ntls-1\ttls\t2\t1\tn\n"
                   "null\tdns\t1\t1\ty\ngone\tdns\t1b\t1\tn\n")

    def qa_run(self, last, *args):
        done = self.script("run", "--verify", "v", "--report", *args)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.last(done), last, done.stdout)
        return done

    def test_table(self):
        done = self.qa_run("1 passed, 1 failed, 1 skipped")
        table = [line.split() for line in done.stdout.splitlines()[-6:-2]]
        self.assertEqual(table, [
            ["passed/failed/skipped", "tier", "1", "tier", "1b", "tier", "2",
             "all"],
            ["dns", "1/0/0", "0/0/1", ".", "1/0/1"],
            ["tls", ".", ".", "0/1/0", "0/1/0"],
            ["all", "1/0/0", "0/0/1", "0/1/0", "1/1/1"]])
        self.assertIn("apart, as they pass on an empty output too: "
                      "0 passed, 1 failed, 0 skipped", done.stdout)
        self.assertIn("skip gone: its capture", done.stdout)

    def test_exit_code(self):
        self.assertEqual(self.script("run", "--verify", "v").returncode, 1)

    def test_only(self):
        self.qa_run("1 passed, 0 failed, 1 skipped", "--family", "dns,ssh")
        self.qa_run("1 passed, 0 failed, 0 skipped", "--tier", "1")
        self.qa_run("0 passed, 1 failed, 0 skipped", "--filter", "tls-*")
        self.qa_run("1 passed, 0 failed, 0 skipped", "dns")
        self.qa_run("1 passed, 0 failed, 0 skipped", "v/tests/dns/one")

    def test_the_set_is_not_changed(self):
        self.make_case("v/tests/dns/one",
                       PASSES + "setup: [{script: rm $TEST_DIR/input.pcap}]")
        self.qa_run("0 passed, 0 failed, 1 skipped", "dns/one")
        self.assertTrue((self.tmp / "v/tests/dns/one/input.pcap").exists())

    def test_schema_is_asked_for(self):
        self.fake(ALERT, {**HTTP, "x": 1})
        self.qa_run("1 passed, 0 failed, 0 skipped", "dns/one")
        self.qa_run("0 passed, 1 failed, 0 skipped", "dns/one", "--schema")

    def test_no_such_set(self):
        done = self.script("run", "--verify", "none")
        self.assertEqual(done.returncode, 0)
        self.assertIn("none isn't there", done.stdout)
        self.assertEqual(self.last(done), "0 passed, 0 failed, 1 skipped")


class Diff(Script):
    def qa_diff(self, status, last, *args):
        done = self.script("diff", *args)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        if last:
            self.assertEqual(self.last(done), last)
        return done

    def test_same(self):
        self.make_case("set/a")
        done = self.qa_diff(0, "1 passed, 0 failed", "set")
        self.assertIn("pass a: 2 records, 6 runs", done.stdout)

    def test_order_and_stats_do_not_matter(self):
        self.make_case("set/a", "env: {FAKE: '[ $LANES = 1 ] || "
                       "{ head -2 $out/eve.json | tac > $out/x; "
                       "mv $out/x $out/eve.json; }'}")
        self.qa_diff(0, "1 passed, 0 failed", "set")

    def test_different(self):
        self.make_case("set/a", "env: {FAKE: '[ $LANES$TOPOLOGY != 4pipeline ]"
                       " || sed -i s/200/201/ $out/eve.json'}")
        done = self.qa_diff(1, "0 passed, 1 failed", "set")
        self.assertIn("FAIL a: 2 different outputs from 6 runs", done.stdout)
        self.assertIn("differ: pipeline/4 (2 records)", done.stdout)
        self.assertIn("1 records only in workers/1, 1 only in pipeline/4",
                      done.stdout)
        self.assertIn("the first differs in http.status: 200 | 201",
                      done.stdout)
        self.qa_diff(0, "1 passed, 0 failed", "set", "--lanes", "1,2")

    def test_a_record_less(self):
        self.make_case("set/a", "env: {FAKE: '[ $LANES = 1 ]"
                       " || sed -i 1d $out/eve.json'}")
        done = self.qa_diff(1, None, "set", "--topology", "workers")
        self.assertIn("1 records only in workers/1, 0 only in workers/2",
                      done.stdout)
        self.assertIn("only workers/1: {", done.stdout)

    def test_a_failing_run(self):
        self.make_case("set/a", "env: {FAKE: '[ $LANES != 4 ] || exit 1'}")
        done = self.qa_diff(1, "0 passed, 1 failed", "set")
        self.assertIn("FAIL a: workers/4: exit code 1, expected 0: a line",
                      done.stdout)

    def test_capture_alone(self):
        self.make_case("set/a", any_rules="")
        done = self.qa_diff(0, "1 passed, 0 failed", "set/a/input.pcap",
                            "--keep", "kept")
        self.assertIn("pass set/a/input.pcap", done.stdout)
        argv = (self.tmp / "kept/0000/000/argv").read_text()
        self.assertIn("--disable-detection", argv)
        self.qa_diff(0, None, "set/a/input.pcap", "--keep", "kept2",
                     "--rules", "set/a/any.rules")
        argv = (self.tmp / "kept2/0000/000/argv").read_text()
        self.assertIn(f"-S {self.tmp}/set/a/any.rules", argv)
        self.assertNotIn("--disable-detection", argv)

    def test_perturb(self):
        seeds = self.tmp / "seeds"
        self.make_case("set/a", f"env: {{FAKE: 'echo $BURROW_PERTURB >> "
                       f"{seeds}'}}")
        self.qa_diff(0, None, "set", "--perturb", "40", "--times", "2")
        self.assertEqual(seeds.read_text().split(),
                         [str(seed) for seed in range(40, 52)])

    def test_skips(self):
        self.make_case("set/a", "pcap: false")
        self.make_case("set/b", "exit-code: 1")
        done = self.qa_diff(1, "0 passed, 0 failed, 2 skipped", "set")
        self.assertIn("skip b: it is meant to fail", done.stdout)

    def test_no_records_prove_nothing(self):
        self.make_case("set/a")
        self.fake(STATS)
        done = self.qa_diff(1, "0 passed, 0 failed, 1 skipped", "set")
        self.assertIn("no run wrote a record", done.stdout)

    def test_one_run_proves_nothing(self):
        self.make_case("set/a")
        self.qa_diff(2, None, "set", "--topology", "workers", "--lanes", "1")

    def test_nothing_there(self):
        self.assertIn("neither a capture nor a case",
                      self.qa_diff(2, None, "none").stderr)


class Ways(unittest.TestCase):
    def test_plain(self):
        ways = differential.ways(["workers", "pipeline"], ["1", "2"], 1)
        self.assertEqual([w.label for w in ways], [
            "workers/1", "workers/2", "pipeline/1", "pipeline/2"])
        self.assertEqual(ways[3].args,
                         ("--topology", "pipeline", "--lanes", "2"))
        self.assertEqual(ways[0].env, {})


if __name__ == "__main__":
    unittest.main()
