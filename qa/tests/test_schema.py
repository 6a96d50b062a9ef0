"""The schema: what it accepts, and that it rejects what it should."""

import copy
import io
import json
import unittest
from contextlib import redirect_stdout

import support
from lib import schema
from support import ALERT, HTTP, STATS

COMMON = {k: v for k, v in HTTP.items() if k not in ("http", "event_type")}
TIME = COMMON["timestamp"]
SOCKS_HOP = {"type": "socks5", "flow_id": 3, "src_ip": "10.0.0.1",
             "src_port": 50000, "dest_ip": "10.0.0.9", "dest_port": 1080}
CARRIED = {"type": "socks5", "depth": 1, "src_ip": "10.0.0.1",
           "src_port": 50000, "dest_ip": "10.0.0.9", "dest_port": 1080,
           "proto": "TCP", "pkt_src": "wire/pcap", "parent_flow_id": 3,
           "root_flow_id": 3, "host": "example.com",
           "address_source": "passive-dns", "user": "alice",
           "path": [SOCKS_HOP]}
TUNNEL = {"type": "http-connect", "depth": 1, "status": "established",
          "reply_code": 200, "reply": "Connection established",
          "host": "example.com", "dest_ip": "192.0.2.1", "dest_port": 443,
          "address_source": "egress", "child_flow_id": 9, "app_proto": "tls",
          "bytes_toserver": 517, "bytes_toclient": 4096,
          "start": TIME, "end": TIME,
          "egress": {"flow_id": 11, "src_ip": "10.0.0.9", "src_port": 4000,
                     "dest_ip": "192.0.2.1", "dest_port": 443}}


def record(event_type, body, **more):
    """A whole record of a type, with its object."""
    return {**COMMON, "event_type": event_type, event_type: body, **more}


VALID = {
    "alert": ALERT,
    "alert with what it alerts on": {
        **ALERT, "direction": "to_server", "payload": "R0VU", "stream": 1,
        "packet": "AA==", "packet_info": {"linktype": 1},
        "flow": {"pkts_toserver": 1, "start": TIME, "src_ip": "10.0.0.1"},
        "http": HTTP["http"], "tunnel": CARRIED, "app_proto": "http",
        "files": [{"filename": "/", "gaps": False, "state": "CLOSED",
                   "stored": False, "size": 3, "tx_id": 0}]},
    "anomaly": {k: v for k, v in record("anomaly", {
        "type": "decode", "event": "decoder.ipv4.trunc_pkt", "code": 3,
    }).items() if k not in ("flow_id", "src_ip", "dest_ip", "proto")},
    "dns query": record("dns", {
        "type": "query", "id": 5, "rrname": "example.com", "rrtype": "MX",
        "tx_id": 0, "opcode": 0}),
    "dns answer": record("dns", {
        "version": 2, "type": "answer", "id": 5, "flags": "8180", "qr": True,
        "opcode": 0, "rcode": "NOERROR", "rrname": "example.com",
        "rrtype": "A", "grouped": {"A": ["192.0.2.1"]}}),
    "dns": record("dns", {
        "version": 3, "type": "response", "tx_id": 0, "id": 5, "flags": "8180",
        "qr": True, "rd": True, "ra": True, "opcode": 0, "rcode": "NOERROR",
        "queries": [{"rrname": "example.com", "rrtype": "MX"}],
        "answers": [{"rrname": "example.com", "rrtype": "A", "ttl": 60,
                     "rdata": "192.0.2.1"}],
        "authorities": [{"rrname": "com", "rrtype": "SOA", "ttl": 1, "soa": {
            "mname": "a", "rname": "b", "serial": 1, "refresh": 2,
            "retry": 3, "expire": 4, "minimum": 5}}],
        "grouped": {"A": ["192.0.2.1"], "MX": ["mx.example.com"]}}),
    "fileinfo": record("fileinfo", {
        "filename": "/x", "gaps": False, "state": "CLOSED", "stored": True,
        "file_id": 1, "size": 5, "tx_id": 0, "sid": [1], "md5": "0" * 32,
        "sha256": "a" * 64}, http=HTTP["http"], app_proto="http"),
    "flow": record("flow", {
        "pkts_toserver": 5, "pkts_toclient": 4, "bytes_toserver": 500,
        "bytes_toclient": 400, "start": TIME, "end": TIME, "age": 0,
        "state": "closed", "reason": "shutdown", "alerted": False},
        tcp={"tcp_flags": "1b", "syn": True, "state": "closed",
             "ts_max_regions": 1}, community_id="1:abc+/=", vlan=[1, 4095]),
    "http": HTTP,
    "http/2": record("http", {
        "version": "2", "url": "/", "request_headers": [
            {"name": ":authority", "value": "x"}, {"table_size_update": 4096}],
        "http2": {"stream_id": 1, "request": {"settings": [
            {"settings_id": "SETTINGSENABLEPUSH", "settings_value": 0}]}}}),
    "carried": {**HTTP, "tunnel": CARRIED},
    "carried by two": {**HTTP, "tunnel": {
        **CARRIED, "type": "http-connect", "depth": 2, "parent_flow_id": 4,
        "path": [SOCKS_HOP, {**SOCKS_HOP, "type": "http-connect",
                             "flow_id": 4}]}},
    "carried over VXLAN": {**HTTP, "tunnel": {
        "type": "vxlan", "depth": 1, "id": 4096, "src_ip": "10.0.0.1",
        "dest_ip": "10.0.0.2", "proto": "UDP", "parent_flow_id": 1,
        "root_flow_id": 1, "path": [{"type": "vxlan", "flow_id": 1,
                                     "src_ip": "10.0.0.1",
                                     "dest_ip": "10.0.0.2"}]}},
    "netflow": record("netflow", {"pkts": 1, "bytes": 60, "start": TIME,
                                  "end": TIME, "age": 0, "min_ttl": 64,
                                  "max_ttl": 64}),
    "proxied": {**HTTP, "proxied_for": {"flow_id": 9, "src_ip": "10.0.0.1",
                                        "src_port": 50000}},
    "smtp": record("smtp", {"helo": "x", "mail_from": "<a@b>",
                            "rcpt_to": ["<c@d>"]},
                   email={"status": "PARSE_DONE", "from": "a", "to": ["c"],
                          "received": ["x"], "attachment": ["n.txt"]}),
    "socks": record("socks", {
        "version": 5, "auth_methods": ["none", "user_password", "0x90"],
        "auth_method": "user_password", "auth_status": "success",
        "user": "alice", "command": "connect", "address_type": "domain",
        "host": "example.com", "dest_port": 443, "reply_code": 0,
        "reply": "succeeded", "bound_ip": "10.0.0.9", "bound_port": 4000}),
    "socks 4": record("socks", {"version": 4, "command": "bind",
                                "dest_ip": "192.0.2.1", "dest_port": 21}),
    "ssh": record("ssh", {"client": {
        "proto_version": "2.0", "software_version": "OpenSSH_9",
        "hassh": {"hash": "0" * 32, "string": "a,b;c"}}}),
    "stats": STATS,
    "tls": record("tls", {
        "version": "TLS 1.2", "sni": "example.com", "subject": "CN=x",
        "notbefore": "2018-04-14T20:55:27", "subjectaltname": ["x"],
        "client_alpns": ["h2"], "ja3": {"hash": "0" * 32, "string": "771"},
        "ja4": "t13d", "session_resumed": True,
        "client_handshake": {"ciphers": [49196], "exts": [0]}}),
    "tunnel": record("tunnel", TUNNEL),
    "tunnel refused": record("tunnel", {
        "type": "socks5", "depth": 2, "status": "refused", "reply_code": 5,
        "reply": "connection refused", "host": "x", "dest_port": 1}),
    "tunnel without reply": record("tunnel", {
        "type": "socks5", "depth": 1, "status": "refused",
        "reply": "authentication failed"}),
    "tunnel incomplete": record("tunnel", {
        "type": "socks4a", "depth": 1, "status": "incomplete",
        "reason": "no answer"}),
}

# (valid record, path to change, new value or DELETE, what must be said)
DELETE = object()
INVALID = [
    ("http", "surprise", 1, "'surprise'"),
    ("http", "http.surprise", 1, "http: .*'surprise'"),
    ("http", "event_type", "sip", "event_type: 'sip'"),
    ("http", "event_type", ["http"], "event_type"),
    ("http", "timestamp", DELETE, "'timestamp' is a required"),
    ("http", "timestamp", "2016-07-13T22:42:07+0000", "timestamp: "),
    ("http", "timestamp", "2016-07-13T22:42:07.123456Z", "timestamp: "),
    ("http", "http", DELETE, "'http' is a required"),
    ("http", "flow_id", DELETE, "'flow_id' is a required"),
    ("http", "flow_id", 2 ** 53, "flow_id: "),
    ("http", "flow_id", "7", "flow_id: "),
    ("http", "src_port", 65536, "src_port: "),
    ("http", "src_ip", "client", "src_ip: "),
    ("http", "http.status", "200", "http.status: "),
    ("http", "tls", {"version": "TLS 1.2"}, "event_type: 'http'"),
    ("http", "vlan", [], "vlan: "),
    ("http", "ether", {"src_mac": "00:11"}, "ether.src_mac"),
    ("http", "proxied_for", {"flow_id": 1}, "'src_ip' is a required"),
    ("http/2", "http.http2.request.settings[0].more", 1, "settings.0..*'more'"),
    ("alert", "alert.rev", DELETE, "'rev' is a required"),
    ("alert", "alert.action", "drop", "alert.action: "),
    ("alert", "alert.metadata.tag", "one", "alert.metadata.tag: "),
    ("alert", "direction", "toserver", "direction: "),
    ("anomaly", "anomaly.type", "packet", "anomaly.type: "),
    ("dns", "dns.version", 1, "dns.version: "),
    ("dns", "dns.version", 2, "dns.type: "),
    ("dns query", "dns.type", "request", "dns.type: "),
    ("dns query", "dns.queries", [], "'queries'"),
    ("dns", "dns.type", "query", "dns.type: "),
    ("dns", "dns.rrname", "example.com", "'rrname'"),
    ("dns", "dns.rd", 1, "dns.rd: "),
    ("dns", "dns.answers[0].class", "IN", r"dns.answers\[0\]: .*'class'"),
    ("dns", "dns.authorities[0].soa.mname", DELETE, "'mname'"),
    ("dns", "dns.grouped.LOC", [], "dns.grouped: .*'LOC'"),
    ("fileinfo", "fileinfo.sha256", "abc", "fileinfo.sha256: "),
    ("fileinfo", "fileinfo.state", "OPEN", "fileinfo.state: "),
    ("flow", "flow.end", DELETE, "flow: 'end' is a required"),
    ("flow", "flow.bytes_toserver", -1, "flow.bytes_toserver: "),
    ("flow", "tcp.flags", "1b", "tcp: .*'flags'"),
    ("flow", "community_id", "abc", "community_id: "),
    ("smtp", "smtp.rcpt_to", "<c@d>", "smtp.rcpt_to: "),
    ("ssh", "ssh.client.hassh.hash", "x", "ssh.client.hassh.hash: "),
    ("stats", "stats.bad name", 1, "stats"),
    ("stats", "stats.decoder.list", [1], "stats.decoder"),
    ("stats", "flow_id", 1, "flow_id"),
    ("tls", "tls.ja3.hash", "x", "tls.ja3.hash: "),
    ("tls", "tls.notbefore", "2018-04-14", "tls.notbefore: "),
    ("carried", "tunnel.depth", 2, "tunnel.depth: 2, but path has 1"),
    ("carried", "tunnel.type", "socks4", "tunnel.type: 'socks4', but path"),
    ("carried", "tunnel.type", "carrier-pigeon", "tunnel.type: "),
    ("carried", "tunnel.root_flow_id", 5, "tunnel.root_flow_id: 5, but path"),
    ("carried", "tunnel.parent_flow_id", DELETE, "'parent_flow_id' is a"),
    ("carried", "tunnel.path", [], "tunnel.path: "),
    ("carried", "tunnel.path[0].user", "x", r"tunnel.path\[0\]: .*'user'"),
    ("carried", "tunnel.address_source", DELETE, "'address_source' is a"),
    ("carried", "tunnel.address_source", "guess", "tunnel.address_source: "),
    ("carried", "tunnel.control_flow_id", 1, "tunnel.control_flow_id: "),
    ("carried", "tunnel.status", "established", "tunnel: .*'status'"),
    ("carried by two", "tunnel.parent_flow_id", 3, "tunnel.parent_flow_id"),
    ("carried over VXLAN", "tunnel.host", "x", "tunnel.host: "),
    ("tunnel", "tunnel.status", "open", "tunnel.status: "),
    ("tunnel", "tunnel.type", "gre", "tunnel.type: "),
    ("tunnel", "tunnel.child_flow_id", DELETE, "'child_flow_id' is a"),
    ("tunnel", "tunnel.reason", "x", "tunnel.reason: "),
    ("tunnel", "tunnel.path", [SOCKS_HOP], "tunnel: .*'path'"),
    ("tunnel", "tunnel.egress.flow_id", DELETE, "tunnel.egress: 'flow_id'"),
    ("tunnel refused", "tunnel.child_flow_id", 1, "tunnel.child_flow_id: "),
    ("tunnel without reply", "tunnel.reply", DELETE, "tunnel: .*not valid"),
    ("tunnel incomplete", "tunnel.reason", DELETE, "'reason' is a required"),
    ("socks", "socks.version", 6, "socks.version: "),
    ("socks", "socks.command", "CONNECT", "socks.command: "),
    ("socks", "socks.auth_methods[0]", "trust", r"auth_methods\[0\]: "),
    ("socks", "socks.reply_code", 256, "socks.reply_code: "),
    ("socks 4", "socks.auth_method", "none", "socks.auth_method: "),
]


def change(original, path, value):
    """Return a copy of original with what path leads to replaced."""
    changed = copy.deepcopy(original)
    node = changed
    steps = path.replace("[", ".#").replace("]", "").split(".")
    steps = [int(s[1:]) if s.startswith("#") else s for s in steps]
    for step in steps[:-1]:
        node = node[step]
    if value is DELETE:
        del node[steps[-1]]
    else:
        node[steps[-1]] = value
    return changed


class Records(unittest.TestCase):
    def test_valid(self):
        for name, valid in VALID.items():
            with self.subTest(name):
                self.assertEqual(schema.load().problems(valid), [])

    def test_invalid(self):
        for name, path, value, said in INVALID:
            shown = "gone" if value is DELETE else value
            with self.subTest(f"{name}: {path} {shown}"):
                problems = schema.load().problems(
                    change(VALID[name], path, value))
                self.assertRegex("\n".join(problems), said)

    def test_first_names_the_line(self):
        records = [(1, HTTP), (4, {**HTTP, "x": 1}), (5, {})]
        self.assertRegex(schema.load().first(records), "^4: record: .*'x'")
        self.assertIsNone(schema.load().first(records[:1]))


class Document(unittest.TestCase):
    def setUp(self):
        self.document = json.loads(schema.DEFAULT.read_text(encoding="utf-8"))

    def test_nothing_undeclared(self):
        """Every object lists its members, but for those named here."""
        free = set()

        def walk(node, path):
            if isinstance(node, list):
                for item in node:
                    walk(item, path)
            elif isinstance(node, dict):
                if node.get("type") == "object" and \
                        node.get("additionalProperties") is not False:
                    free.add(path)
                for key, inner in node.items():
                    walk(inner, f"{path}.{key}")

        walk(self.document, "")
        members = ".properties."
        self.assertEqual(free, {
            f"{members}tunnel",  # one of two, by event_type
            ".$defs.counters",
            f".$defs.alert{members}metadata", f".$defs.alert{members}context",
            f".$defs.metadata{members}flowints",
            f".$defs.metadata{members}flowvars.items",
            f".$defs.metadata{members}pktvars.items"})

    def test_every_definition_is_used(self):
        text = schema.DEFAULT.read_text(encoding="utf-8")
        for name in self.document["$defs"]:
            self.assertIn(f'"#/$defs/{name}"', text)

    def test_a_wrong_schema_is_told(self):
        with self.assertRaisesRegex(schema.SchemaError, "properties"):
            schema.Validator({**self.document, "properties": 3})
        self.document["allOf"].append({"if": {"required": ["dns"]}})
        with self.assertRaisesRegex(schema.SchemaError, "event_type"):
            schema.Validator(self.document)


class Program(support.TempCase):
    def run_main(self, *args):
        printed = io.StringIO()
        with redirect_stdout(printed):
            status = schema.main([str(arg) for arg in args])
        return status, printed.getvalue()

    def test_valid_file(self):
        path = self.write_eve("eve.json", *VALID.values())
        status, printed = self.run_main(path)
        self.assertEqual(status, 0, printed)
        self.assertIn(f"{len(VALID)} records, all valid", printed)

    def test_invalid_file(self):
        wrong = {**HTTP, "x": 1}
        path = self.write_eve("eve.json", HTTP, wrong, wrong)
        status, printed = self.run_main(path)
        self.assertEqual(status, 1)
        self.assertRegex(printed, r"^\S*eve.json:2: record: .*\n$")
        self.assertEqual(self.run_main("--all", path)[1].count("\n"), 2)

    def test_not_eve(self):
        self.assertEqual(self.run_main(self.write("x", "text"))[0], 1)


if __name__ == "__main__":
    unittest.main()
