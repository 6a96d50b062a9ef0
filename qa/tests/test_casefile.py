"""Reading test.yaml and what lies beside it; the command line made of it."""

import unittest

import support
from lib import casefile, command


class Load(support.TempCase):
    def load(self, text):
        return casefile.load(self.make_case("c", text), "c")

    def test_empty(self):
        self.assertEqual(self.load("").spec, {})

    def test_requirements_are_requires(self):
        case = self.load("requirements: {min-version: 6}\n"
                         "requires: {features: [X]}\n")
        self.assertEqual(case.requires, {"min-version": 6, "features": ["X"]})

    def test_written_wrongly(self):
        for text, said in (("args: [", "not YAML"), ("- a", "not a mapping"),
                           ("arg: [x]", "unknown key 'arg'"),
                           ("args: -k none", "wrong type"),
                           ("checks: [{filtre: {}}]", "unknown kind"),
                           ("checks: [{shell: }]", "says nothing"),
                           ("checks: [text]", "not a mapping")):
            with self.subTest(text), \
                    self.assertRaisesRegex(casefile.CaseError, said):
                self.load(text)

    def test_missing(self):
        with self.assertRaises(casefile.CaseError):
            casefile.load(self.tmp, "nothing")


class Find(support.TempCase):
    def test_nested_and_sorted(self):
        self.make_case("b")
        self.make_case("a/two")
        self.make_case("a/one")
        self.write("a/two/expected/test.yaml")
        self.write("no-case/input.pcap")
        found = [p.relative_to(self.tmp).as_posix()
                 for p in casefile.find(self.tmp)]
        self.assertEqual(found, ["a/one", "a/two", "b"])

    def test_selected(self):
        self.assertTrue(casefile.selected("dns/x-1", None))
        self.assertTrue(casefile.selected("dns/x-1", ["dns/*"]))
        self.assertTrue(casefile.selected("dns/x-1", ["x-*"]))
        self.assertFalse(casefile.selected("dns/x-1", ["y-*", "dns"]))


class Capture(support.TempCase):
    def capture(self, text=""):
        folder = self.make_case("set/c", text)
        return casefile.load(folder, "c").capture(lambda t: t)

    def test_beside(self):
        self.assertEqual(self.capture().name, "input.pcap")

    def test_of_another_case(self):
        other = self.write("set/other/x.pcap")
        self.assertEqual(self.capture("pcap: ../other/x.pcap"), other)
        self.assertEqual(self.capture("pcap: ../other"), other.parent)

    def test_none(self):
        self.assertIsNone(self.capture("pcap: false"))
        self.assertIsNone(self.capture("command: run it"))

    def test_two(self):
        self.write("set/c/second.pcapng")
        with self.assertRaises(casefile.CaseError):
            self.capture()

    def test_missing(self):
        with self.assertRaisesRegex(casefile.CaseIncomplete, "nowhere"):
            self.capture("pcap: ../nowhere.pcap")
        self.write("empty/test.yaml")
        case = casefile.load(self.tmp / "empty", "empty")
        with self.assertRaises(casefile.CaseIncomplete):
            case.capture(lambda t: t)
        self.write("empty/test.yaml", "requires: {pcap: false}")
        case = casefile.load(self.tmp / "empty", "empty")
        self.assertIsNone(case.capture(lambda t: t))


class MissingFile(support.TempCase):
    def missing(self, text="", **files):
        return casefile.load(self.make_case("c", text, **files),
                             "c").missing_file()

    def test_included(self):
        self.assertIsNone(self.missing(suricata_yaml="include: more.yaml # x",
                                       more_yaml="a: b"))
        self.assertIn("other.yaml",
                      self.missing(suricata_yaml="include: other.yaml"))

    def test_of_a_command(self):
        text = "command: run -r ${TEST_DIR}/%s --set x=${TEST_DIR}/nothing"
        self.assertIsNone(self.missing(text % "input.pcap"))
        self.assertIn("gone.pcap", self.missing(text % "gone.pcap"))


class Build(support.TempCase):
    def setUp(self):
        super().setUp()
        self.write("root/etc/classification.config")
        self.write("root/etc/burrow.yaml")
        self.burrow = self.write("root/build/burrow")

    def build(self, text="", name="c", by_name=False, extra=(), **files):
        root = self.tmp / "root"
        config = root / "etc" / "burrow.yaml"
        self.trees = getattr(self, "trees", 0) + 1
        tree = command.make_tree(self.tmp / f"tree{self.trees}", self.burrow,
                                 root, config, extra)
        program = command.Program(self.burrow, root, tree, config, extra,
                                  by_name)
        case = casefile.load(self.make_case(name, text, **files), name)
        env = command.environment(case, program, self.tmp / "out")
        return command.build(case, program, self.tmp / "out", env)

    def test_default(self):
        line = self.build()
        for option, value in (("-c", "root/etc/burrow.yaml"), ("-l", "out"),
                              ("-r", "c/input.pcap")):
            self.assertEqual(line[line.index(option) + 1],
                             str(self.tmp / value))
        self.assertEqual(line[0], str(self.burrow))
        self.assertIn("--init-errors-fatal", line)
        self.assertIn("--disable-detection", line)
        self.assertNotIn("-S", line)
        sets = [line[i + 1] for i, x in enumerate(line) if x == "--set"]
        self.assertEqual(len(sets), 1)
        self.assertRegex(sets[0], "^classification-file=/")

    def test_what_lies_beside(self):
        line = self.build(any_rules="", suricata_yaml="")
        self.assertEqual(line[line.index("-S") + 1],
                         str(self.tmp / "c" / "any.rules"))
        self.assertEqual(line[line.index("-c") + 1],
                         str(self.tmp / "c" / "suricata.yaml"))
        self.assertNotIn("--disable-detection", line)

    def test_arguments(self):
        line = self.build("args:\n- -k none --set a=${TEST_DIR}/b\n"
                          "- --set 'x.y=two words'\n")
        self.assertEqual(line[1:7], ["-k", "none", "--set",
                                     f"a={self.tmp}/c/b", "--set",
                                     "x.y=two words"])

    def test_extra_arguments_come_last(self):
        self.assertEqual(self.build(extra=("--lanes", "2"))[-2:],
                         ["--lanes", "2"])

    def test_environment_of_the_case(self):
        line = self.build("env: {WHERE: 5}\nargs: ['--set x=$WHERE']")
        self.assertIn("x=5", line)

    def test_simulate_ips_by_name(self):
        self.assertIn("--simulate-ips",
                      self.build(name="ips/drop-ips", by_name=True))
        self.assertNotIn("--simulate-ips",
                         self.build(name="ips/drop", by_name=True))
        self.assertNotIn("--simulate-ips", self.build(name="drop-ips"))

    def test_command(self):
        line = self.build("command: ${SRCDIR}/src/suricata -l ${OUTPUT_DIR} "
                          "-c ${SRCDIR}/suricata.yaml\n")
        tree = self.tmp / f"tree{self.trees}"
        self.assertEqual(line, f"{tree}/src/suricata -l {self.tmp}/out "
                               f"-c {tree}/suricata.yaml")
        self.assertEqual((tree / "src" / "suricata").resolve(), self.burrow)
        self.assertTrue((tree / "classification.config").exists())
        self.assertTrue((tree / "etc" / "classification.config").exists())

    def test_written_wrongly(self):
        with self.assertRaisesRegex(casefile.CaseError, "NOT_THERE"):
            self.build("args: ['${NOT_THERE}']")
        with self.assertRaisesRegex(casefile.CaseError, "2 rule files"):
            self.build(one_rules="", two_rules="")


if __name__ == "__main__":
    unittest.main()
