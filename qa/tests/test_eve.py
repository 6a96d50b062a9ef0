"""Reading EVE strictly."""

import unittest

import support
from lib import eve


class Read(support.TempCase):
    def test_records_with_their_lines(self):
        path = self.write("eve.json", '{"a": 1}\n{"b": [2]}\n')
        self.assertEqual(eve.read(path), [(1, {"a": 1}), (2, {"b": [2]})])

    def test_empty(self):
        self.assertEqual(eve.read(self.write("eve.json")), [])

    def test_what_is_not_eve(self):
        for text, said in (('{"a": 1}\n{"a": ', "eve.json:2: "),
                           ('{"a": 1}\n\n', "eve.json:2: "),
                           ('{"a": 1, "a": 2}\n', "'a' appears twice"),
                           ('{"x": {"b": 1, "b": 1}}\n', "'b' appears twice"),
                           ('{"a": NaN}\n', "NaN is not JSON"),
                           ('[1]\n', "not an object"),
                           ('{"a": 1} {"b": 2}\n', "Extra data"),
                           ('{"a": "\t"}\n', "control character")):
            with self.subTest(text), self.assertRaisesRegex(eve.EveError, said):
                eve.read(self.write("eve.json", text))

    def test_not_utf8(self):
        path = self.tmp / "eve.json"
        path.write_bytes(b'{"a": "\xff"}\n')
        with self.assertRaisesRegex(eve.EveError, "not UTF-8"):
            eve.read(path)

    def test_missing(self):
        with self.assertRaisesRegex(eve.EveError, "eve.json: No such file"):
            eve.read(self.tmp / "eve.json")

    def test_names(self):
        for name in ("eve.json", "eve.2.json", "rules.json", "stdout"):
            self.write(name)
        self.assertEqual(eve.Files(self.tmp).eve_names(),
                         ["eve.2.json", "eve.json"])


if __name__ == "__main__":
    unittest.main()
