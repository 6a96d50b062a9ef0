"""The language of filter checks."""

import unittest

import support  # noqa: F401 (finds lib)
from lib import match

RECORD = {
    "event_type": "dns", "src_port": 53, "src_ip": "10.0.0.1", "none": None,
    "alerted": False, "vlan": [1, 10],
    "dns": {"rrname": "www.example.com",
            "answers": [{"rdata": "192.0.2.1", "ttl": 60}, {"ttl": 0}],
            "grid": [[1, 2], [3]]},
}


class FindValue(unittest.TestCase):
    def check(self, path, expected):
        self.assertEqual(match.find_value(path, RECORD), expected)

    def test_names(self):
        self.check("event_type", "dns")
        self.check("dns.rrname", "www.example.com")

    def test_indices(self):
        self.check("dns.answers[0].rdata", "192.0.2.1")
        self.check("dns.answers[1].ttl", 0)
        self.check("vlan[1]", 10)
        self.check("dns.grid[1][0]", 3)

    def test_leads_nowhere(self):
        for path in ("nothing", "dns.nothing.more", "vlan[2]", "vlan.x",
                     "src_ip[0]", "src_port.x", "dns.answers.ttl", "vlan[x]"):
            with self.subTest(path):
                self.check(path, None)

    def test_length(self):
        self.check("dns.answers.__len", 2)
        self.check("dns.rrname.__len", 15)
        self.check("dns.__len", 3)
        self.check("src_port.__len", -1)
        self.check("nothing.__len", -1)


class Matches(unittest.TestCase):
    def yes(self, **spec):
        self.assertTrue(match.matches(spec, RECORD), spec)

    def no(self, **spec):
        self.assertFalse(match.matches(spec, RECORD), spec)

    def test_equal(self):
        self.yes(**{"src_port": 53, "dns.rrname": "www.example.com"})
        self.yes(alerted=False)
        self.yes(**{})

    def test_one_difference_is_enough(self):
        self.no(**{"src_port": 53, "dns.rrname": "example.com"})

    def test_types_differ(self):
        self.no(src_port="53")

    def test_whole_values(self):
        self.yes(vlan=[1, 10])
        self.no(vlan=[10, 1])
        self.no(vlan=[1])
        self.no(dns={"rrname": "www.example.com"})

    def test_null_is_absent(self):
        self.yes(nothing=None)
        self.yes(none=None)
        self.no(src_ip=None)

    def test_has_key(self):
        self.yes(**{"has-key": "dns.answers[1]"})
        self.no(**{"has-key": "dns.answers[2]"})
        self.yes(**{"has-key": ["src_ip", "dns"]})
        self.no(**{"has-key": ["src_ip", "http"]})

    def test_a_false_or_zero_value_is_there(self):
        self.yes(**{"has-key": "alerted"})
        self.yes(**{"has-key": "dns.answers[1].ttl"})
        self.no(**{"not-has-key": "alerted"})

    def test_not_has_key(self):
        self.yes(**{"not-has-key": "http"})
        self.no(**{"not-has-key": "dns"})
        self.yes(**{"not-has-key": ["http", "tls.sni"]})
        self.no(**{"not-has-key": ["http", "dns"]})

    def test_operators(self):
        self.yes(**{"dns.rrname.__startswith": "www."})
        self.no(**{"dns.rrname.__startswith": "example"})
        self.yes(**{"dns.rrname.__endswith": ".com"})
        self.no(**{"dns.rrname.__endswith": ".org"})
        self.yes(**{"dns.rrname.__find": "example"})
        self.no(**{"dns.rrname.__find": "Example"})
        self.yes(**{"vlan.__contains": 10})
        self.no(**{"vlan.__contains": 11})
        self.yes(**{"dns.rrname.__contains": "example"})
        self.yes(**{"dns.answers.__len": 2})
        self.no(**{"dns.answers.__len": 3})

    def test_operators_on_what_is_not_there(self):
        for name in ("find", "contains", "startswith", "endswith"):
            with self.subTest(name):
                self.no(**{f"nothing.__{name}": "x"})

    def test_written_wrongly(self):
        for spec in ({"dns.__ends": "x"}, {"has-key": 3}, {"__find": "x"}):
            with self.subTest(spec), self.assertRaises(match.MatchError):
                match.matches(spec, RECORD)


class Closest(unittest.TestCase):
    def test_fewest_differences_of_that_type(self):
        records = [(1, {"event_type": "http", "a": 1, "b": 2}),
                   (2, {"event_type": "dns", "a": 0, "b": 0}),
                   (3, {"event_type": "dns", "a": 1, "b": 0})]
        spec = {"event_type": "dns", "a": 1, "b": 2}
        self.assertEqual(match.closest(spec, records)[0], 3)
        self.assertEqual(list(match.differences(spec, records[2][1])),
                         [("b", 2, 0)])

    def test_none_of_that_type(self):
        self.assertIsNone(match.closest({"event_type": "tls"},
                                        [(1, {"event_type": "dns"})]))


class Count(unittest.TestCase):
    def check(self, wanted, accepted, rejected):
        count = match.Count(wanted)
        for number in accepted:
            self.assertTrue(count.accepts(number), (wanted, number))
        for number in rejected:
            self.assertFalse(count.accepts(number), (wanted, number))

    def test_numbers_and_comparisons(self):
        self.check(2, [2], [0, 1, 3])
        self.check("2", [2], [1, 3])
        self.check(">= 1", [1, 9], [0])
        self.check("> 1", [2], [0, 1])
        self.check("<3", [0, 2], [3, 4])
        self.check("<= 3", [3], [4])
        self.check("!= 0", [1], [0])
        self.check("== 4", [4], [5])

    def test_nonsense(self):
        for wanted in ("some", "-1", "", None, True, "1 2", 1.5):
            with self.subTest(wanted), self.assertRaises(match.MatchError):
                match.Count(wanted)


if __name__ == "__main__":
    unittest.main()
