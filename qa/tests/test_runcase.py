"""Running whole cases, on a program that pretends."""

import dataclasses
import time
import unittest

import support
from lib import command, process, requires, runcase, schema
from support import ALERT, HTTP

PASSES = "checks: [{filter: {count: 1, match: {event_type: alert}}}]\n"
FAILS = "checks: [{filter: {count: 2, match: {event_type: alert}}}]\n"


class Run(support.TempCase):
    def setUp(self):
        super().setUp()
        burrow = self.fake(ALERT, HTTP)
        root = self.tmp / "root"
        (root / "etc").mkdir(parents=True)
        tree = command.make_tree(self.tmp / "tree", burrow, root, None)
        self.plan = runcase.Plan(command.Program(burrow, root, tree),
                                 requires.Target("8.0.7", root=root),
                                 self.tmp / "out", timeout=20)

    def run_case(self, status, why="", text="", **plan):
        folder = self.make_case("c", text)
        result = runcase.run(folder, "c",
                             dataclasses.replace(self.plan, **plan))
        self.assertEqual(result.status, status, result)
        self.assertIn(why, result.why)
        return result

    def test_passes(self):
        result = self.run_case("passed",
                               text=PASSES + "description: what it is\n")
        self.assertEqual(result.description, "what it is")
        self.assertIn("-r", (self.tmp / "out/c/argv").read_text())

    def test_without_checks(self):
        self.run_case("passed")
        self.run_case("failed", "exit code 1", "env: {FAKE: exit 1}")

    def test_fails(self):
        result = self.run_case("failed", "1 of 1 checks", FAILS)
        self.assertIn("1 matches, expected 2", result.checks[0].why)

    def test_exit_code(self):
        self.run_case("passed", text="exit-code: 3\nenv: {FAKE: exit 3}\n")
        self.run_case("failed", "exit code 0, expected 3: a line on stderr",
                      "exit-code: 3\n")
        self.run_case("failed", "exit code 1, expected 0: said so",
                      "env: {FAKE: 'echo said so >&2; exit 1'}\n" + PASSES)

    def test_crash_names_the_signal(self):
        for signal in ("SEGV", "ABRT", "KILL"):
            text = f"env: {{FAKE: 'kill -{signal} $$'}}\n"
            self.run_case("failed", f"crashed: SIG{signal}", text + PASSES)
            self.run_case("failed", f"crashed: SIG{signal}",
                          f"{text}exit-code: 1\n{PASSES}")

    def test_crash_below_a_shell(self):
        self.run_case("failed", "crashed: SIGSEGV",
                      "env: {FAKE: 'kill -SEGV $$'}\n"
                      "command: ${SRCDIR}/src/suricata -l ${OUTPUT_DIR} "
                      "|| exit $$?\n")

    def test_sanitizer(self):
        self.run_case("failed", "sanitizer says: ==1==ERROR: AddressSanitizer",
                      "exit-code: 1\nenv: {FAKE: "
                      "'echo \"==1==ERROR: AddressSanitizer: x\" >&2; exit 1'}")
        self.run_case("failed", "a.c:1:2: runtime error: shift", "env: {FAKE: "
                      "'echo \"a.c:1:2: runtime error: shift\" >&2'}")

    def test_timeout(self):
        result = self.run_case("failed", "no end after 1 s: killed",
                               "env: {FAKE: sleep 30}\n" + PASSES, timeout=0.5)
        self.assertLess(result.seconds, 10)

    def test_timeout_ends_what_a_shell_started(self):
        late = self.tmp / "late"
        text = f"command: '(sleep 0.6; touch {late}) ; true'\n"
        self.run_case("failed", "killed", text, timeout=0.2)
        time.sleep(0.8)
        self.assertFalse(late.exists())
        self.run_case("passed", "", text)
        self.assertTrue(late.exists())

    def test_command(self):
        self.run_case("passed", text=PASSES + "command: |\n"
                      "  cd ${OUTPUT_DIR} && ${SRCDIR}/src/suricata \\\n"
                      "      -l ${OUTPUT_DIR}\n")

    def test_setup_and_pre_check(self):
        scripts = ("setup: [{script: 'echo made > made.txt'}]\n"
                   "pre-check: cat made.txt > seen.txt\n")
        check = "checks: [{shell: {args: cat seen.txt, expect: made}}]\n"
        self.run_case("passed", text=scripts + check)
        self.run_case("failed", "its setup script: exit code 4",
                      "setup: [{script: exit 4}]\n")
        self.run_case("failed", "only script is known", "setup: [{x: y}]\n")

    def test_capture_that_setup_makes(self):
        text = ("setup: [{script: 'touch made.pcap'}]\n"
                "pcap: ${OUTPUT_DIR}/made.pcap\n" + PASSES)
        self.run_case("passed", text=text)
        self.assertIn("made.pcap", (self.tmp / "out/c/argv").read_text())

    def test_count_runs_again(self):
        runs = self.tmp / "runs"
        again = f"env: {{FAKE: 'echo run >> {runs}'}}\n"
        self.run_case("passed", text=f"count: 3\n{again}{PASSES}")
        self.assertEqual(runs.read_text(), "run\n" * 3)

    def test_retry_until_it_passes(self):
        runs = self.tmp / "runs"
        text = (f"env: {{FAKE: 'echo run >> {runs}'}}\n"
                f"checks: [{{shell: {{args: 'wc -l < {runs}', expect: 2}}}}]\n")
        self.run_case("failed", "1 of 1 checks", text)
        runs.unlink()
        self.run_case("passed", text="retry: 3\n" + text)

    def test_skips_say_why(self):
        self.run_case("skipped", "Suricata 9", "requires: {min-version: 9}")
        self.run_case("skipped", "told so", "skip: told so")
        self.run_case("skipped", "unix-commands", "unix-commands: [x]")

    def test_skipped_checks(self):
        skipped = "- filter: {min-version: 9, count: 1, match: {}}\n"
        passing = "- filter: {count: 1, match: {event_type: alert}}\n"
        self.run_case("skipped", "Suricata 9", "checks:\n" + skipped)
        self.run_case("passed", text="checks:\n" + skipped + passing)

    def test_missing_capture(self):
        self.run_case("failed", "isn't there", "pcap: ../none.pcap")
        self.run_case("skipped", "isn't there", "pcap: ../none.pcap",
                      lenient=True)

    def test_written_wrongly(self):
        self.run_case("failed", "unknown key", "chekcs: []")
        self.run_case("failed", "moon", "requires: {moon: full}")
        self.run_case("failed", "retry", "retry: 0")

    def test_what_is_not_output_is_kept(self):
        precious = self.write("out/c/precious.txt")
        self.run_case("failed", "isn't its output", PASSES)
        self.assertTrue(precious.exists())

    def test_schema(self):
        self.run_case("passed", text=PASSES, schema=schema.DEFAULT)
        self.fake(ALERT, {**HTTP, "surprise": 1})
        self.run_case("passed", text=PASSES)
        result = self.run_case("failed", "1 of 2 checks", PASSES,
                               schema=schema.DEFAULT)
        self.assertRegex(result.checks[-1].why,
                         r"schema: eve.json:2: record: .*'surprise'")

    def test_schema_of_what_no_check_reads(self):
        self.write("fake/eve.json", "{\n")
        self.run_case("passed")
        self.run_case("failed", "eve.json:1", schema=schema.DEFAULT)


class OutcomeTest(unittest.TestCase):
    def failure(self, status, expected=0, timed_out=False):
        return process.Outcome(status, timed_out, 60.0).failure(expected)

    def test_failure(self):
        self.assertIsNone(self.failure(0))
        self.assertIsNone(self.failure(1, expected=1))
        self.assertEqual(self.failure(-11), "crashed: SIGSEGV")
        self.assertEqual(self.failure(134), "crashed: SIGABRT")
        self.assertEqual(self.failure(255), "exit code 255, expected 0")
        self.assertEqual(self.failure(0, expected=1),
                         "exit code 0, expected 1")
        self.assertEqual(self.failure(-9, timed_out=True),
                         "no end after 60 s: killed")


if __name__ == "__main__":
    unittest.main()
