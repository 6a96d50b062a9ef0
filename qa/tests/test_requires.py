"""Requirements and skips."""

import os
import unittest
from unittest import mock

import support
from lib import requires

TARGET = requires.Target("8.0.7", frozenset({"HAVE_JA3"}), support.QA)


class Unmet(unittest.TestCase):
    def met(self, **spec):
        spec = {k.replace("_", "-"): v for k, v in spec.items()}
        self.assertIsNone(requires.unmet(spec, TARGET), spec)

    def unmet(self, reason, **spec):
        spec = {k.replace("_", "-"): v for k, v in spec.items()}
        self.assertIn(reason, requires.unmet(spec, TARGET) or "met", spec)

    def test_nothing(self):
        self.assertIsNone(requires.unmet(None, TARGET))
        self.met()

    def test_min_version(self):
        for version in (7, 8, "8.0", 8.0, "8.0.7", "7.1.9", "8.0.0-dev"):
            self.met(min_version=version)
        for version in (9, 9.0, "8.0.8", "8.1", "10"):
            self.unmet(f"needs Suricata {version} or later",
                       min_version=version)

    def test_lt_version(self):
        for version in (9, "8.0.8", "8.1"):
            self.met(lt_version=version)
        for version in (8, "8.0.7", "8.0", 7):
            self.unmet("before", lt_version=version)

    def test_gt_version(self):
        self.met(gt_version="6.0.11")
        self.unmet("after", gt_version="8.0.7")

    def test_version_by_its_parts(self):
        self.met(version=8)
        self.met(version="8.0")
        self.met(version="8.0.7")
        self.unmet("only for", version="8.0.6")
        self.unmet("only for", version=7)

    def test_features(self):
        self.met(features=["HAVE_JA3"])
        self.unmet("needs feature HAVE_LUA", features=["HAVE_JA3", "HAVE_LUA"])

    def test_env(self):
        with mock.patch.dict(os.environ, {"QA_TEST": "1"}):
            self.met(env=["QA_TEST"])
        self.unmet("QA_NOT_SET", env=["QA_NOT_SET"])

    def test_files_from_the_root(self):
        self.met(files=["lib/match.py"])
        self.unmet("lib/nothing.py", files=["lib/match.py", "lib/nothing.py"])

    def test_script(self):
        self.met(script=["true", "test -e lib"])
        self.unmet("test -e nothing", script=["true", "test -e nothing"])

    def test_system(self):
        self.met(os="linux")
        self.unmet("windows", os="windows")
        self.unmet("vax", arch="vax")
        self.met(**{"lambda": "sys.platform != 'win32'"})
        self.unmet("win32", **{"lambda": "sys.platform == 'win32'"})

    def test_all_must_be_met(self):
        self.unmet("HAVE_LUA", min_version=7, features=["HAVE_LUA"])

    def test_written_wrongly(self):
        for spec in ({"min-versoin": 8}, {"min-version": "new"}):
            with self.subTest(spec), self.assertRaises(requires.RequireError):
                requires.unmet(spec, TARGET)

    def test_of_a_check(self):
        self.assertIsNone(requires.unmet_by_check({"min-version": 8}, TARGET))
        for check in ({"min-version": 9}, {"requires": {"min-version": 9}},
                      {"lt-version": 8}, {"feature": "HAVE_LUA"}):
            with self.subTest(check):
                self.assertIsNotNone(requires.unmet_by_check(check, TARGET))


class Skip(unittest.TestCase):
    def check(self, skip, reason):
        self.assertEqual(requires.skipped(skip, TARGET), reason)

    def test_plain(self):
        self.check(None, None)
        self.check(False, None)
        self.check(True, "skip: true")
        self.check("not done yet", "not done yet")

    def test_conditions(self):
        self.check([{"feature": "HAVE_LUA"}], None)
        self.check([{"feature": "HAVE_JA3"}], "not with feature HAVE_JA3")
        self.check([{"feature": "HAVE_LUA"},
                    {"feature": "HAVE_JA3", "msg": "as told"}], "as told")
        with mock.patch("os.getuid", return_value=5):
            self.check([{"uid": 0}], None)
            self.check([{"uid": 5}], "not for uid 5")

    def test_written_wrongly(self):
        with self.assertRaises(requires.RequireError):
            requires.skipped([{"moon": "full"}], TARGET)


if __name__ == "__main__":
    unittest.main()
