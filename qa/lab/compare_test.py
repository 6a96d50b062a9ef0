#!/usr/bin/env python3
"""The comparison itself, without a lab: right records pass, and each kind of wrong one is caught."""

import copy
import unittest

import addresses as at
import compare

CLIENT, PORT = "10.77.1.10", 20000
HOST = "www.lab.test"

SESSION = {"event_type": "http", "http.hostname": HOST}
WANT = {
    "type": "socks5", "status": "established", "host": HOST, "dest_port": 80, "user": "labuser",
    "address_source": "placeholder", "app_proto": "http", "sessions": [SESSION],
}  # fmt: skip
PLAN = [
    {"client": CLIENT, "ports": [PORT, PORT + 7], "layers": [[WANT]], "sessions": []},
    {"client": CLIENT, "ports": [PORT + 8, PORT + 15], "layers": [], "sessions": [SESSION]},
]
RESULTS = [{"ok": True, "bytes": [75, 281]}, {"ok": True}]

TUNNEL = {
    "event_type": "tunnel", "flow_id": 1, "src_ip": CLIENT, "src_port": PORT, "dest_ip": "10.77.2.1", "dest_port": 1080,
    "tunnel": {
        "type": "socks5", "depth": 1, "status": "established", "host": HOST, "dest_ip": "240.1.2.3", "dest_port": 80,
        "address_source": "placeholder", "user": "labuser", "app_proto": "http", "child_flow_id": 2,
        "bytes_toserver": 75, "bytes_toclient": 281,
    },
}  # fmt: skip
HTTP = {
    "event_type": "http", "flow_id": 2, "src_ip": CLIENT, "src_port": PORT, "dest_ip": "240.1.2.3", "dest_port": 80,
    "tunnel": {"depth": 1, "path": [{"type": "socks5"}]}, "http": {"hostname": HOST},
}  # fmt: skip
DIRECT = {"event_type": "http", "flow_id": 3, "src_ip": CLIENT, "src_port": PORT + 8, "http": {"hostname": HOST}}


def changed(record, path, value):
    out = copy.deepcopy(record)
    *way, last = path.split(".")
    inner = out
    for key in way:
        inner = inner[key]
    inner[last] = value
    return out


class CompareTest(unittest.TestCase):
    def outcome(self, *records):
        faults, strays = compare.compare(PLAN, RESULTS, list(records))
        return [text for each in faults for text in each], strays

    def assert_fault(self, *records):
        faults, _ = self.outcome(*records)
        self.assertTrue(faults)

    def test_all_right(self):
        self.assertEqual(self.outcome(TUNNEL, HTTP, DIRECT), ([], []))

    def test_no_tunnel_record(self):
        self.assert_fault(HTTP, DIRECT)

    def test_tunnel_record_twice(self):
        faults, strays = self.outcome(TUNNEL, copy.deepcopy(TUNNEL), HTTP, DIRECT)
        self.assertEqual((faults, len(strays)), ([], 1))

    def test_tunnel_where_none_was(self):
        _, strays = self.outcome(TUNNEL, HTTP, DIRECT, changed(TUNNEL, "src_port", PORT + 8))
        self.assertEqual(len(strays), 1)

    def test_every_field_of_a_tunnel(self):
        for path, value in (
            ("tunnel.type", "socks4a"), ("tunnel.status", "refused"), ("tunnel.host", "other.lab.test"),
            ("tunnel.dest_port", 81), ("tunnel.user", "other"), ("tunnel.app_proto", "tls"),
            ("tunnel.address_source", "request"), ("tunnel.dest_ip", "10.77.3.10"), ("tunnel.bytes_toclient", 280),
            ("tunnel.child_flow_id", 9), ("tunnel.depth", 2),
        ):  # fmt: skip
            with self.subTest(path):
                self.assert_fault(changed(TUNNEL, path, value), HTTP, DIRECT)

    def test_every_field_of_a_session(self):
        for path, value in (
            ("src_ip", "10.77.2.1"), ("src_port", 1), ("dest_ip", "10.77.2.1"), ("dest_port", 1080), ("flow_id", 1),
            ("tunnel.depth", 2), ("tunnel.path", []), ("http.hostname", "other.lab.test"),
        ):  # fmt: skip
            with self.subTest(path):
                self.assert_fault(TUNNEL, changed(HTTP, path, value), DIRECT)

    def test_session_twice(self):
        self.assert_fault(TUNNEL, HTTP, copy.deepcopy(HTTP), DIRECT)

    def test_direct_session_lost_or_marked_as_carried(self):
        self.assert_fault(TUNNEL, HTTP)
        self.assert_fault(TUNNEL, HTTP, {**DIRECT, "tunnel": {"depth": 1}})

    def test_refused_with_a_child(self):
        plan = copy.deepcopy(PLAN[:1])
        plan[0]["layers"] = [[{"type": "socks5", "status": "refused", "host": HOST, "user": "labuser"}]]
        record = changed(TUNNEL, "tunnel.status", "refused")
        faults, _ = compare.compare(plan, [{"ok": True}], [record])
        self.assertTrue(faults[0])

    def test_nested_is_found_by_its_innermost_name(self):
        outer = {"type": "socks5", "status": "established", "dest_ip": "10.77.2.7", "dest_port": 8888}
        plan = [{"client": CLIENT, "ports": None, "layers": [[outer], [{**WANT, "type": "http-connect"}]]}]
        first = changed(TUNNEL, "tunnel", {**outer, "depth": 1, "child_flow_id": 2})
        second = {**TUNNEL, "flow_id": 2, "tunnel": {**TUNNEL["tunnel"], "type": "http-connect", "depth": 2}}
        second["tunnel"]["child_flow_id"] = 3
        path = [{"type": "socks5"}, {"type": "http-connect"}]
        session = {**HTTP, "flow_id": 3, "tunnel": {"depth": 2, "path": path}}
        self.assertEqual(compare.compare(plan, [{"ok": True}], [first, second, session]), ([[]], []))
        self.assertTrue(compare.compare(plan, [{"ok": True}], [first, changed(second, "flow_id", 7), session])[0][0])


LEG = {"flow_id": 5, "src_ip": "10.77.2.9", "src_port": 4000, "dest_ip": at.resolve(HOST), "dest_port": 80}
JOINED = changed(TUNNEL, "tunnel", {
    **TUNNEL["tunnel"], "address_source": "egress", "dest_ip": at.resolve(HOST), "egress": LEG,
})  # fmt: skip
CHILD_FLOW = {
    "event_type": "flow", "flow_id": 2, "src_ip": CLIENT, "src_port": PORT, "dest_ip": at.resolve(HOST), "dest_port": 80,
    "tunnel": {"depth": 1, "path": [{"type": "socks5"}]},
}  # fmt: skip
LEG_FLOW = {"event_type": "flow", **LEG, "proxied_for": {"flow_id": 2, "src_ip": CLIENT, "src_port": PORT}}
LEG_HTTP = {"event_type": "http", **LEG, "http": {"hostname": HOST}}


class LegsTest(unittest.TestCase):
    def faults(self, *records):
        return list(compare.egress_faults(list(records)))

    def test_true(self):
        self.assertEqual(self.faults(JOINED, CHILD_FLOW, LEG_FLOW, LEG_HTTP), [])

    def test_each_lie(self):
        for records in (
            (changed(JOINED, "tunnel.dest_ip", "10.77.3.66"), CHILD_FLOW, LEG_FLOW, LEG_HTTP),
            (JOINED, changed(CHILD_FLOW, "src_port", 1), LEG_FLOW, LEG_HTTP),
            (JOINED, CHILD_FLOW, changed(LEG_FLOW, "proxied_for", None), LEG_HTTP),
            (JOINED, CHILD_FLOW, changed(LEG_FLOW, "src_port", 4001), LEG_HTTP),
            (JOINED, CHILD_FLOW, LEG_FLOW, changed(LEG_HTTP, "http.hostname", "other.lab.test")),
            (JOINED, CHILD_FLOW, LEG_FLOW, {**LEG_FLOW, "flow_id": 6}),
        ):
            self.assertTrue(self.faults(*records), records)

    def expectation(self, sure):
        return [compare.both_legs({**PLAN[0], "leg": True}, sure)]

    def test_the_address_has_to_be_found(self):
        session = changed(HTTP, "dest_ip", at.resolve(HOST))
        self.assertEqual(compare.compare(self.expectation(True), RESULTS[:1], [JOINED, session]), ([[]], []))
        self.assertTrue(compare.compare(self.expectation(True), RESULTS[:1], [TUNNEL, HTTP])[0][0])

    def test_in_a_crowd_a_placeholder_will_do(self):
        self.assertEqual(compare.compare(self.expectation(False), RESULTS[:1], [TUNNEL, HTTP]), ([[]], []))
        wrong = changed(JOINED, "tunnel.dest_ip", "10.77.3.66")
        self.assertTrue(compare.compare(self.expectation(False), RESULTS[:1], [wrong, HTTP])[0][0])


class PlaceTest(unittest.TestCase):
    """Connections whose ports are not the carrier's source."""

    def test_behind_a_header(self):
        plan = [{**PLAN[0], "find": "child"}]
        carrier = {"src_ip": "10.77.2.20", "src_port": 9999}
        self.assertEqual(compare.compare(plan, RESULTS[:1], [{**TUNNEL, **carrier}, HTTP]), ([[]], []))
        self.assertTrue(compare.compare(plan, RESULTS[:1], [{**TUNNEL, **carrier}, changed(HTTP, "src_port", 1)])[0][0])

    def test_the_responder_is_the_client(self):
        plan = [{**PLAN[0], "find": "responder"}]
        carrier = {"src_ip": "10.77.2.30", "src_port": 9999, "dest_ip": CLIENT, "dest_port": PORT}
        self.assertEqual(compare.compare(plan, RESULTS[:1], [{**TUNNEL, **carrier}, HTTP]), ([[]], []))

    def test_both_readers_count(self):
        self.assertEqual(list(compare.bytes_faults([TUNNEL], [TUNNEL])), [])
        self.assertTrue(list(compare.bytes_faults([TUNNEL], [changed(TUNNEL, "tunnel.bytes_toclient", 280)])))
        self.assertTrue(list(compare.bytes_faults([TUNNEL], [])))

    def test_on_a_shared_carrier(self):
        want = {"type": "icap", "status": "established", "host": HOST, "dest_port": 80, "sessions": [SESSION]}
        plan = [{**PLAN[1], "elsewhere": [want]}]
        shown = changed(TUNNEL, "tunnel", {**want, "depth": 1, "child_flow_id": 2})
        session = changed(HTTP, "tunnel.path", [{"type": "icap"}])
        self.assertEqual(compare.compare(plan, RESULTS[1:], [shown, session, DIRECT]), ([[]], []))
        self.assertTrue(compare.compare(plan, RESULTS[1:], [session, DIRECT])[0][0])
        self.assertEqual(len(compare.compare(plan, RESULTS[1:], [shown, dict(shown), session, DIRECT])[1]), 1)


if __name__ == "__main__":
    unittest.main()
