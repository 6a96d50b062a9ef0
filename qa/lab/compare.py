"""Records against what the clients did: is each tunnel there, once, and right, and nothing else?

Works on EVE records (dicts), whoever wrote them. `names=False` is for a writer that doesn't know DNS: addresses
found by name are then not asked for.
"""

import ipaddress
from collections import defaultdict

import addresses as at

PLACEHOLDERS = ipaddress.ip_network("240.0.0.0/4")


def lookup(record, dotted):
    """Value of `a.b.c`, or None."""
    for key in dotted.split("."):
        record = record.get(key) if isinstance(record, dict) else None
    return record


class Records:
    """The records of one run, by what they hang on."""

    def __init__(self, records):
        self.tunnels = [r for r in records if r.get("event_type") == "tunnel"]
        self.by_flow = defaultdict(list)
        self.sessions = defaultdict(list)
        self.by_client = defaultdict(list)
        self.flows = {}
        for record in records:
            if record.get("event_type") == "tunnel":
                self.by_flow[record.get("flow_id")].append(record)
            else:
                self.sessions[record.get("flow_id")].append(record)
            if record.get("event_type") == "flow":
                self.flows[record.get("flow_id")] = record
            if "tunnel" not in record:
                self.by_client[(record.get("src_ip"), record.get("src_port"))].append(record)
        self.by_port = defaultdict(list)  # (find, client, port) -> tunnel records of the first layer
        for tunnel in self.tunnels:
            if lookup(tunnel, "tunnel.depth") == 1:
                for find in ("source", "responder", "child"):
                    self.by_port[(find, *self.end(tunnel, find))].append(tunnel)

    def end(self, tunnel, find):
        """Address and port at one end of a tunnel: its carrier's source or responder, or the child's source."""
        if find == "source":
            return tunnel.get("src_ip"), tunnel.get("src_port")
        if find == "responder":
            return tunnel.get("dest_ip"), tunnel.get("dest_port")
        number = lookup(tunnel, "tunnel.child_flow_id")
        # Other records may be of the direction back.
        child = self.flows.get(number) or (self.sessions.get(number) or [{}])[0]
        return child.get("src_ip"), child.get("src_port")

    def outermost(self, connection):
        """The tunnel records of the first layer."""
        if connection["ports"]:
            first, last = connection["ports"]
            find = connection.get("find", "source")
            return [t for port in range(first, last + 1) for t in self.by_port[find, connection["client"], port]]
        # By the name in the last layer, then up from child to carrier.
        wanted = connection["layers"][-1][0]["host"]
        found = [t for t in self.tunnels if lookup(t, "tunnel.host") == wanted]
        while found and lookup(found[0], "tunnel.depth") != 1:
            flow = found[0].get("flow_id")
            found = [t for t in self.tunnels if lookup(t, "tunnel.child_flow_id") == flow]
        return found


def _address_faults(tunnel, want, names):
    """The target's address: as asked, as looked up, as the proxy's other leg shows, or a placeholder."""
    address, source = tunnel.get("dest_ip"), want.get("address_source")
    if want.get("or_placeholder") and tunnel.get("address_source") == "placeholder":
        source, want = "placeholder", {k: v for k, v in want.items() if k != "dest_ip"}
    if "dest_ip" in want and (names or "host" not in want) and address != want["dest_ip"]:
        yield f"dest_ip {address}, not {want['dest_ip']}"
    if not names or want["status"] != "established" or not source:
        return
    if tunnel.get("address_source") != source:
        yield f"address_source {tunnel.get('address_source')}, not {source}"
    if source == "placeholder":
        try:
            inside = ipaddress.ip_address(address) in PLACEHOLDERS
        except ValueError:
            inside = False
        if not inside:
            yield f"dest_ip {address} is no placeholder"


def tunnel_faults(record, want, names):
    """What is wrong with a tunnel record, as short texts."""
    tunnel = record["tunnel"]
    for key in ("type", "status", "host", "dest_port", "user", "reply_code", "app_proto", "reverse"):
        if key in ("host", "user", "reverse") and key not in want:
            if key in tunnel:
                yield f"{key} {tunnel[key]}, expected none"
        elif key in want and tunnel.get(key) != want[key]:
            yield f"{key} {tunnel.get(key)}, not {want[key]}"
    yield from _address_faults(tunnel, want, names)
    if "bytes" in want:
        counted = [tunnel.get("bytes_toserver"), tunnel.get("bytes_toclient")]
        if counted != want["bytes"]:
            yield f"bytes {counted}, not {want['bytes']}"
    if want.get("egress") and "egress" not in tunnel and names:
        yield "no egress"
    if ("child_flow_id" in tunnel) != (want["status"] == "established"):
        yield f"child_flow_id {tunnel.get('child_flow_id')} with status {want['status']}"


def _control_faults(records, tunnel, connection):
    """A UDP association's tunnels name the TCP connection that they hang on."""
    control = records.flows.get(tunnel.get("control_flow_id"), {})
    first, last = connection["ports"]
    if control.get("src_ip") != connection["client"] or not first <= control.get("src_port", 0) <= last:
        yield f"control_flow_id {tunnel.get('control_flow_id')} is no flow of the client's"
    if control.get("proto") != "TCP":
        yield f"control_flow_id is a flow of {control.get('proto')}"


def session_faults(sessions, want_sessions, ends, kinds):
    """The records of a child: there, of the real client and target, and with the tunnels they came through."""
    left = list(sessions)
    for want in want_sessions:
        match = next((s for s in left if all(lookup(s, key) == value for key, value in want.items())), None)
        if match is None:
            yield f"no record {want}"
            continue
        left.remove(match)
        if want["event_type"] == "dns":
            left = [s for s in left if s.get("event_type") != "dns"]  # one for the query, one for the answer
        for key, value in ends.items():
            if match.get(key) != value:
                yield f"{want['event_type']} record: {key} {match.get(key)}, not {value}"
        if lookup(match, "tunnel.depth") != len(kinds):
            yield f"{want['event_type']} record: depth {lookup(match, 'tunnel.depth')}, not {len(kinds)}"
        path = [step.get("type") for step in lookup(match, "tunnel.path") or []]
        if path != kinds:
            yield f"{want['event_type']} record: path {path}, not {kinds}"
    doubled = {s["event_type"] for s in left} & {w["event_type"] for w in want_sessions}
    if doubled:
        yield f"more {', '.join(sorted(doubled))} records than sessions"


def _layer(found, layer, names):
    """Pair a layer's records with those expected. -> faults, [(expected, record)]"""
    faults, pairs, left = [], [], list(found)
    for want in layer:
        if not left:
            faults.append(f"no tunnel record {want['type']} {want.get('host') or want.get('dest_ip')}")
            continue
        best = min(left, key=lambda record: len(list(tunnel_faults(record, want, names))))
        left.remove(best)
        pairs.append((want, best))
        faults += [f"{want['type']}: {fault}" for fault in tunnel_faults(best, want, names)]
    return faults, pairs


def _ends(records, connection, root, want, tunnel):
    """Source and destination that the records of a child must have."""
    address, port = records.end(root, connection.get("find", "source"))
    ends = {"src_ip": address, "src_port": port, "dest_port": tunnel.get("dest_port")}
    if "dest_ip" in tunnel:
        ends["dest_ip"] = tunnel["dest_ip"]
    return {**ends, **want.get("child", {})}


def connection_faults(records, connection, used, names):
    """What the records say wrong of one connection. Records that belong to it are added to `used` (by id())."""
    faults = []
    if not connection["layers"]:
        faults += _direct_faults(records, connection)
    found, kinds, root = records.outermost(connection) if connection["layers"] else [], [], None
    for layer in connection["layers"]:
        more, pairs = _layer(found, layer, names)
        faults += more
        used.update(id(record) for _, record in pairs)
        found = []
        kinds = [*kinds, layer[-1]["type"]]
        for want, record in pairs:
            root = root or record
            child = lookup(record, "tunnel.child_flow_id")
            if names and want.get("control"):
                faults += _control_faults(records, record["tunnel"], connection)
            if want["status"] == "established" and child is not None:
                found = records.by_flow[child]
                ends = _ends(records, connection, root, want, record["tunnel"])
                faults += session_faults(records.sessions[child], want.get("sessions", []), ends, kinds)
    return faults + list(_elsewhere_faults(records, connection, used, names))


def _elsewhere_faults(records, connection, used, names):
    """Tunnels on a carrier that is not the client's: the real client's address is known there, its port is not."""

    def faults_of(record, want):
        out = list(tunnel_faults(record, want, names))
        ends = {"src_ip": connection["client"], "dest_port": want["dest_port"]}
        child = records.sessions[lookup(record, "tunnel.child_flow_id")]
        return out + list(session_faults(child, want["sessions"], ends, [want["type"]]))

    wanted = connection.get("elsewhere", [])
    asked = {(want["type"], want["host"]) for want in wanted}
    left = [t for t in records.tunnels if (t["tunnel"]["type"], t["tunnel"].get("host")) in asked]
    for want in wanted:
        if not left:
            yield f"no tunnel record {want['type']} {want['host']}"
            continue
        best = min(left, key=lambda record: len(faults_of(record, want)))
        left.remove(best)
        used.add(id(best))
        yield from (f"{want['type']}: {fault}" for fault in faults_of(best, want))


def _direct_faults(records, connection):
    first, last = connection["ports"]
    seen = [r for port in range(first, last + 1) for r in records.by_client[(connection["client"], port)]]
    for want in connection["sessions"]:
        count = sum(all(lookup(r, key) == value for key, value in want.items()) for r in seen)
        if count != 1:
            yield f"{count} records {want} outside of tunnels, not 1"


def with_results(connection, result):
    """The plan's expectation with what the client saw."""
    layers = [[dict(want) for want in layer] for layer in connection["layers"]]
    if layers:
        last = layers[-1][-1]
        last.update({key: result[key] for key in ("bytes", "reply_code", "child") if key in result})
        if "child" in result:
            last.update({key: result["child"][key] for key in ("dest_ip", "dest_port")})
    for want in (want for layer in layers for want in layer):
        asked = f"{want.get('host') or want.get('dest_ip')}:{want.get('dest_port')}"
        want.update(result.get("records", {}).get(asked, {}))
    return {**connection, "layers": layers}


def both_legs(connection, sure):
    """The plan's expectation where the tap has the proxies' own connections, too, and no DNS of theirs.

    `sure`: nothing else goes on at the time, so the one connection that the proxy makes can be told.
    """
    layers = [[dict(want) for want in layer] for layer in connection["layers"]]
    for want in (want for layer in layers for want in layer):
        if want["status"] == "established" and want.get("address_source") == "placeholder" and connection["leg"]:
            address = at.resolve(want["host"])
            # A forward proxy's leg has other bytes than the client sent; streams of HTTP/2 are opened together.
            doubt = not sure or want["type"] in ("http-proxy", "h2-connect") or len(layers) > 1
            want.update(address_source="egress", dest_ip=address, or_placeholder=doubt)
            want["egress"] = not doubt
    return {**connection, "layers": layers}


def egress_faults(eve):
    """What is wrong with the joined legs, whatever was expected: an address, a flow or a client that is not true."""
    records, named = Records(eve), set()
    for record in records.tunnels:
        tunnel = record["tunnel"]
        host, leg = tunnel.get("host"), tunnel.get("egress")
        who = f"{tunnel['type']} {host or tunnel.get('dest_ip')}:{tunnel.get('dest_port')}"
        if host and host.endswith(at.ZONE) and tunnel.get("address_source") not in (None, "placeholder", "request"):
            if tunnel["dest_ip"] != at.resolve(host):
                yield f"{who}: {tunnel['address_source']} gives {tunnel['dest_ip']}, not {at.resolve(host)}"
        if leg is None:
            continue
        flow = records.flows.get(leg["flow_id"], {})
        named.add(leg["flow_id"])
        child = records.flows.get(tunnel.get("child_flow_id"), {})
        want = {"flow_id": tunnel.get("child_flow_id"), "src_ip": child.get("src_ip"), "src_port": child.get("src_port")}
        if flow.get("proxied_for") != want:
            yield f"{who}: proxied_for {flow.get('proxied_for')}, not {want}"
        for key in ("src_ip", "src_port", "dest_ip", "dest_port"):
            if flow.get(key) != leg[key]:
                yield f"{who}: egress.{key} {leg[key]}, but its flow has {flow.get(key)}"
        if leg["dest_port"] != tunnel.get("dest_port") or leg["dest_ip"] != tunnel.get("dest_ip"):
            yield f"{who}: egress to {leg['dest_ip']}:{leg['dest_port']}"
        for session in records.sessions[leg["flow_id"]]:
            asked = lookup(session, "http.hostname") or lookup(session, "tls.sni")
            if host and asked and asked != host:
                yield f"{who}: egress is a connection for {asked}"
    for number, flow in records.flows.items():
        if "proxied_for" in flow and number not in named:
            yield f"flow {number} is proxied_for {flow['proxied_for']}, but no tunnel's egress"


REWRITTEN = ("http-proxy", "icap")  # the child's requests are not, byte for byte, what was on the wire


def _bytes_carried(eve):
    out = defaultdict(list)
    for record in (r for r in eve if r.get("event_type") == "tunnel"):
        tunnel = record["tunnel"]
        if tunnel["status"] == "established" and tunnel["type"] not in REWRITTEN:
            target = tunnel.get("host") or tunnel.get("dest_ip")
            key = (record["src_ip"], record["src_port"], tunnel["type"], tunnel["depth"], target, tunnel["dest_port"])
            out[key].append([tunnel["bytes_toserver"], tunnel["bytes_toclient"]])
    return out


def bytes_faults(second, eve):
    """Both readers' counts of what each tunnel carried: clients know their own only where nothing is encrypted."""
    wanted, found = _bytes_carried(second), _bytes_carried(eve)
    for key in wanted.keys() | found.keys():
        if sorted(wanted[key]) != sorted(found[key]):
            yield f"{key}: bytes {found[key]}, the second reader has {wanted[key]}"


def compare(plan, results, eve, names=True):
    """-> (faults of each connection in the plan's order, tunnel records that belong to none)"""
    records, used = Records(eve), set()
    faults = [
        connection_faults(records, with_results(connection, result), used, names)
        for connection, result in zip(plan, results)
    ]
    return faults, [record for record in records.tunnels if id(record) not in used]
