#!/usr/bin/env python3
"""What rules do through proxies, judged without a lab: right alerts pass, and each kind of wrong one is caught."""

import copy
import unittest

import addresses as at
import rules

CLIENT, PORT = "10.77.1.10", 20000
HOST = "c0.lab.test"
TO = at.resolve(HOST)
WANT = {"type": "socks5", "status": "established", "host": HOST, "dest_port": 80, "sessions": [
    {"event_type": "http", "http.hostname": HOST, "http.url": "/"}]}  # fmt: skip
PLAN = [{"id": 0, "kind": "test", "client": CLIENT, "ports": [PORT, PORT + 7], "layers": [[WANT]], "sessions": [],
         "elsewhere": [], "do": {"with": "http"}}]  # fmt: skip
RESULTS = [{"ok": True}]
TUNNEL = {"event_type": "tunnel", "flow_id": 1, "src_ip": CLIENT, "src_port": PORT,
          "tunnel": {"type": "socks5", "depth": 1, "status": "established", "child_flow_id": 2}}  # fmt: skip
DIRECT = {"event_type": "flow", "flow_id": 7, "src_ip": CLIENT, "src_port": PORT, "dest_ip": TO}


def alert(flow, name, to=TO):
    number = [row[0] for row in rules.PROPERTIES].index(name) + 1
    index = rules.DESTINATIONS.index(to) if to else rules.ANYWHERE
    return {"event_type": "alert", "flow_id": flow, "alert": {"signature_id": 1000 * number + index}}


CONTROL = [DIRECT, alert(7, "http.uri"), alert(7, "http.uri"), alert(7, "http abroad", None)]


class RulesTest(unittest.TestCase):
    def outcome(self, *alerts, control=CONTROL):
        found, strays, _ = rules.faults(PLAN, RESULTS, [TUNNEL, *alerts], rules.control(PLAN), control)
        return found[0], strays

    def right(self):
        return [alert(2, "http.uri"), alert(2, "http.uri"), alert(2, "http abroad", None)]

    def test_all_right(self):
        self.assertEqual(self.outcome(*self.right()), ([], []))

    def test_missing(self):
        self.assertTrue(self.outcome(*self.right()[1:])[0])

    def test_twice(self):
        self.assertTrue(self.outcome(*self.right(), alert(2, "http.uri"))[0])

    def test_another_rule(self):
        self.assertTrue(self.outcome(*self.right(), alert(2, "tls.sni"))[0])

    def test_another_destination(self):
        other = next(to for to in at.WEB if to != TO)
        self.assertTrue(self.outcome(*self.right()[1:], alert(2, "http.uri", other))[0])

    def test_in_the_carrier(self):
        faults, strays = self.outcome(*self.right(), alert(1, "http.uri"))
        self.assertEqual((faults, len(strays)), ([], 1))

    def test_nothing_without_a_proxy(self):
        self.assertTrue(self.outcome(control=[DIRECT])[0])

    def test_home_is_not_abroad(self):
        want = {**copy.deepcopy(WANT), "dest_ip": "10.77.2.23"}
        counts = rules.Counter({("http.uri", TO): 1, ("http abroad", None): 1})
        self.assertEqual(rules._expected(counts, [want]), {("http.uri", "10.77.2.23"): 1})

    def test_rules_have_one_sid_each(self):
        sids = [line.split("sid:")[1] for line in rules.text().splitlines()]
        self.assertEqual(len(sids), len(set(sids)))


if __name__ == "__main__":
    unittest.main()
