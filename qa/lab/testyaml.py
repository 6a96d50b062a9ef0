"""test.yaml of a recorded case: the checks that follow from what the capture holds.

The values are wire.py's reading of the capture, the clients' counts and the frames themselves; never the program's
own output. suricata-verify's format.
"""

import base64
import json
import re
from collections import Counter

import addresses as at
import pcapfile

TUNNEL_KEYS = (
    "type", "depth", "status", "reply_code", "host", "dest_ip", "dest_port", "address_source", "user", "app_proto",
    "bytes_toserver", "bytes_toclient", "reverse",
)  # fmt: skip
# What the carrier's own flow record is; None where the carrier changes its protocol on the way.
CARRIER_PROTO = {
    "http-connect": "http", "http-proxy": "http", "h2-connect": "http2", "websocket": "websocket", "connect-udp": None,
    "proxy-protocol": "proxy-protocol", "sslproxy": "sslproxy", "icap": "icap",
}  # fmt: skip
FEATURES = {
    "http-proxy": "TUNNEL_HTTP_PROXY", "socks5-udp": "TUNNEL_SOCKS_UDP", "h2-connect": "TUNNEL_H2_CONNECT",
    "websocket": "TUNNEL_WEBSOCKET", "connect-udp": "CONNECT_UDP", "proxy-protocol": "TUNNEL_PROXY_PROTOCOL",
    "sslproxy": "TUNNEL_SSLPROXY", "icap": "TUNNEL_ICAP",
}  # fmt: skip


def _scalar(value):
    text = str(value)
    if isinstance(value, str) and not re.fullmatch(r"[A-Za-z][\w./-]*", text):
        return json.dumps(value)
    return text


def _filter(check, count, feature=None):
    """With a feature: of a program that has it in the `Features:` line of --build-info."""
    lines = ["  - filter:", *([f"      feature: {feature}"] if feature else [])]
    lines += [f"      count: {count}", "      match:"]
    return lines + [f"        {key}: {_scalar(value)}" for key, value in check.items()]


def _filters(checks):
    """Checks that say the same are one with a count: nothing in them tells their records apart."""
    counts = Counter(json.dumps(check) for check in checks)
    return [line for check, count in counts.items() for line in _filter(json.loads(check), count)]


def _shell(command, expect):
    # A single-quoted YAML scalar: only the quote itself is special, and is doubled.
    quoted = command.replace("'", "''")
    return ["  - shell:", f"      args: '{quoted}'", f"      expect: {expect}"]


def wire_flows(path):
    """Frames and bytes of each wire flow as Suricata counts them, link header included: {ends: [to server, to client]}"""
    counts = {}
    begun = {(s.proto, s.client, s.server) for s in pcapfile.streams(path)}
    frames = {number: len(frame) for number, (_, _, frame) in enumerate(pcapfile.raw_packets(path), 1)}
    for packet in pcapfile.packets(path):
        src, dst = (pcapfile.address(packet.src), packet.sport), (pcapfile.address(packet.dst), packet.dport)
        forward = (packet.proto, src, dst) in begun
        key = (packet.proto, src, dst) if forward else (packet.proto, dst, src)
        pair = counts.setdefault(key, [[0, 0], [0, 0]])[0 if forward else 1]
        pair[0] += 1
        pair[1] += frames[packet.number]
    return counts


def add_addresses(records, connections):
    """What the plan knows of a name's address, put where the program has to have it."""
    known = {}
    for want in (want for c in connections for layer in c["layers"] for want in layer):
        if "host" in want and "address_source" in want:
            known[want["host"]] = {k: want[k] for k in ("address_source", "dest_ip") if k in want}
    for record in records:
        tunnel = record.get("tunnel")
        if not tunnel or tunnel.get("status") in ("refused", "incomplete"):
            continue
        if "host" in tunnel:
            tunnel.update(known.get(tunnel["host"], {}))
        else:
            tunnel["address_source"] = "carrier" if tunnel["type"] == "websocket" else "request"
        if record["event_type"] != "tunnel" and "dest_ip" in tunnel:
            record["dest_ip"] = tunnel["dest_ip"]


def _ends(record):
    return {k: record[k] for k in ("src_ip", "src_port", "dest_ip", "dest_port") if k in record}


def _tunnel_check(record):
    tunnel = record["tunnel"]
    check = {"event_type": "tunnel", **_ends(record)}
    check.update({f"tunnel.{key}": tunnel[key] for key in TUNNEL_KEYS if key in tunnel})
    check["has-key" if "child_flow_id" in tunnel else "not-has-key"] = "tunnel.child_flow_id"
    return check


def _session_check(record):
    """A record of what was carried, by the real client and target; or of a wire flow, marked as nothing."""
    kind, tunnel = record["event_type"], record.get("tunnel")
    check, inner = {"event_type": kind, **_ends(record)}, record.get(kind, {})
    if tunnel:
        check.update({"tunnel.type": tunnel["type"], "tunnel.depth": tunnel["depth"]})
        check["tunnel.path.__len"] = tunnel["depth"]
        for i, step in enumerate(tunnel["path"]):
            check[f"tunnel.path[{i}].type"] = step["type"]
        check.update({f"tunnel.{k}": tunnel[k] for k in ("host", "address_source") if k in tunnel})
        if tunnel["type"] == "http-proxy":
            inner = {k: v for k, v in inner.items() if k != "url"}  # absolute on the wire
    if kind == "dns":
        check["dns.type"] = "request"
    check.update({f"{kind}.{key}": value for key, value in inner.items()})
    if tunnel and kind == "http" and "status" not in inner:  # ICAP's REQMOD: of a request alone
        check["not-has-key"] = "http.status"
    return check if tunnel else {**check, "not-has-key": "tunnel"}


def _connect_check(record):
    """The carrier's own record of a CONNECT."""
    status = record["tunnel"]["reply_code"]
    return {"event_type": "http", **_ends(record), "http.http_method": "CONNECT", "http.status": status}


def _carrier_checks(flows, tunnels):
    """The wire flows that carry: they count wire bytes, and are marked as nothing."""
    carriers = {}
    for record in tunnels:
        if record["tunnel"]["depth"] == 1:
            carriers[(record["src_ip"], record["src_port"])] = CARRIER_PROTO.get(record["tunnel"]["type"], "socks")
    for (proto, src, dst), (forward, back) in flows.items():
        if src in carriers:
            check = {"event_type": "flow", "proto": "TCP" if proto == pcapfile.TCP else "UDP"}
            check.update(src_ip=src[0], src_port=src[1], dest_ip=dst[0], dest_port=dst[1])
            check.update({"app_proto": carriers[src]} if carriers[src] else {})
            check.update({"flow.pkts_toserver": forward[0], "flow.bytes_toserver": forward[1]})
            check.update({"flow.pkts_toclient": back[0], "flow.bytes_toclient": back[1]})
            yield {**check, "not-has-key": "tunnel"}


def _child_checks(tunnels, sessions):
    """One flow for each child."""
    inside = {session["flow_id"]: session for session in sessions}
    for record in tunnels:
        tunnel = record["tunnel"]
        if "child_flow_id" in tunnel:
            ends = inside.get(tunnel["child_flow_id"], record)
            check = {"event_type": "flow", **{k: ends[k] for k in ("src_ip", "src_port") if k in ends}}
            check.update({k: tunnel[k] for k in ("dest_ip", "dest_port", "app_proto") if k in tunnel})
            yield {**check, "tunnel.type": tunnel["type"], "tunnel.depth": tunnel["depth"]}


def _secrets_check():
    """No password on record, in plain or as a proxy's header carries it."""
    secrets = []
    for word in (at.PASSWORD, at.WRONG_PASSWORD):
        secrets += [word, base64.b64encode(f"{at.USER}:{word}".encode()).decode()]
    patterns = " ".join(f"-e {secret}" for secret in secrets)
    return _shell(f"cat *.json *.log 2>/dev/null | grep -c -F {patterns} | xargs", 0)


def _placeholder_checks(tunnels):
    """Their value is the program's own affair; that they are in 240.0.0.0/4 is not."""
    count = sum(r["tunnel"].get("address_source") == "placeholder" for r in tunnels)
    if not count:
        return []
    inside = r"""grep -cE '"dest_ip": *"2(4[0-9]|5[0-5])\.' | xargs"""
    return [
        line
        for kind in ("tunnel", "flow")
        for line in _shell(f"""grep '"event_type": *"{kind}"' eve.json | {inside}""", count)
    ]


def _link_check(tunnels):
    """Every child_flow_id is the flow_id of one flow record (which names no other: single layers only)."""
    if not any("child_flow_id" in r["tunnel"] for r in tunnels) or any(r["tunnel"]["depth"] > 1 for r in tunnels):
        return []
    ids = r"""grep '"event_type": *"tunnel"' eve.json | sed -n 's/.*"child_flow_id": *\([0-9]*\).*/\1/p'"""
    flows = r"""grep '"event_type": *"flow"' eve.json | grep -c "^..timestamp[^{]*\"flow_id\": *$id[,}]" """
    return _shell(f"for id in $({ids}); do {flows}; done | sort -u | xargs", 1)


def _features(case, kinds):
    """What a program must have for the case to make sense, as its --build-info names it."""
    egress = ["NAMES_EGRESS"] if any(k.startswith("tunnel.egress") for c in case.get("checks", []) for k in c) else []
    return sorted({FEATURES[k] for k in kinds if k in FEATURES} | set(case.get("features", []))) + egress


def make(case, path, records, connections):
    """The file's text."""
    add_addresses(records, connections)
    tunnels = [r for r in records if r["event_type"] == "tunnel"]
    sessions = [r for r in records if r["event_type"] != "tunnel"]
    connects = [r for r in tunnels if r["tunnel"]["type"] == "http-connect"]
    kinds = {r["tunnel"]["type"] for r in tunnels}

    lines = ["# Made by qa/lab/record together with input.pcap. The values are those of the capture.", ""]
    lines += [f"description: {json.dumps(case['shows'])}", ""]
    features = _features(case, kinds)
    if features:
        lines += ["requires:", f"  features: [{', '.join(features)}]", ""]
    lines += ["checks:"]
    lines += ["", "  # The tunnels that were asked for, and no others."]
    lines += _filter({"event_type": "tunnel"}, len(tunnels)) + _filters(map(_tunnel_check, tunnels))

    lines += ["", "  # What was carried, and what the carriers themselves said."]
    if "socks5-udp" not in kinds:  # whose negotiation is on the control connection, which has no tunnel record
        negotiations = {r["flow_id"] for r in tunnels if r["tunnel"]["type"].startswith("socks")}
        lines += _filter({"event_type": "socks"}, len(negotiations))
    if not kinds & {"h2-connect", "icap"}:  # whose carriers' own requests the reader doesn't count
        lines += _filter({"event_type": "http"}, len(connects) + sum(r["event_type"] == "http" for r in sessions))
    lines += _filters([*map(_session_check, sessions), *map(_connect_check, connects), *case.get("checks", [])])

    flows, children = wire_flows(path), list(_child_checks(tunnels, sessions))
    lines += ["", "  # The flows, on the wire and carried."]
    lines += _filter({"event_type": "flow"}, len(flows) + len(children))
    lines += _filter({"event_type": "flow", "not-has-key": "tunnel"}, len(flows))
    lines += _filters([*_carrier_checks(flows, tunnels), *children])
    lines += _placeholder_checks(tunnels) + _link_check(tunnels)

    if any("user" in r["tunnel"] for r in tunnels):
        lines += ["", "  # The password is nowhere on record."] + _secrets_check()
    if case.get("rules"):
        lines += ["", "  # Rules see the child: its addresses, its protocol, its tunnel."]
        for sid in range(1, len(case["rules"]) + 1):
            lines += _filter({"event_type": "alert", "alert.signature_id": sid}, 1, "RULES")
    return "\n".join(lines) + "\n"
