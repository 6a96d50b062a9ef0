"""Rules, through every proxy and without one: each must fire as often.

The same rules are read over two captures: that of the plan, and that of its control, where the same clients ask for the
same things without a proxy. Each rule is about one property of what is carried, and has the true destination in its
header: `-> 10.77.3.11`. What fired in a tunnel's child is counted for each connection and held against what fired on
its control; in what carries a tunnel none may fire.

A hosts file tells burrow the lab's names: addresses that the handshake doesn't give are then the true ones.
"""

from collections import Counter, defaultdict

import addresses as at
import compare
import plan as planning
from pcapfile import address

DESTINATIONS = [*at.WEB, at.DNS, at.PROXIES["haproxy"][0], at.PROXIES["websockify-web"][0], at.PROXY_HOST, address(at.WEB6)]
# The proxies are at home, as a company's are: between a client and its proxy no packet leaves home.
HOME = ["10.77.1.0/24", "10.77.2.0/24", "fd77::1:0/112", "fd77::2:0/112"]
ANYWHERE = 99

TO, FROM = "{proto} any any -> {to} any", "{proto} {to} any -> any any"
ABROAD = "{proto} $HOME_NET any -> $EXTERNAL_NET any"
TO_CLIENT = "flow:established,to_client;"

# name, protocol, header, options. Those of ABROAD are the same for all destinations.
PROPERTIES = [
    ("http.uri", "http", TO, 'http.uri; content:"/"; startswith;'),
    ("http.host", "http", TO, 'http.host; content:".lab.test"; endswith;'),
    ("http.request_body", "http", TO, 'http.request_body; content:"xxxxxxxx"; startswith;'),
    ("file.data", "http", FROM, f'{TO_CLIENT} file.data; content:"A page of the lab.";'),
    ("tls.sni", "tls", TO, 'tls.sni; content:".lab.test"; endswith;'),
    ("ja3.hash", "tls", TO, 'ja3.hash; pcre:"/^[0-9a-f]{{32}}$/";'),
    ("dns.query", "dns", TO, 'dns.query; content:".lab.test"; endswith;'),
    ("content to server", "tcp", TO, 'flow:established,to_server; content:".lab.test";'),
    ("content to client", "tcp", FROM, f'{TO_CLIENT} content:"A page of the lab.";'),
    ("content to client, anywhere", "tcp", "tcp any any -> any any", f'{TO_CLIENT} content:"A page of the lab.";'),
    ("http abroad", "http", ABROAD, 'http.host; content:".lab.test"; endswith;'),
    ("tls abroad", "tls", ABROAD, 'tls.sni; content:".lab.test"; endswith;'),
    ("dns abroad", "dns", ABROAD, 'dns.query; content:".lab.test"; endswith;'),
    ("content abroad", "tcp", ABROAD, 'flow:established,to_server; content:".lab.test";'),
]  # fmt: skip
OF_RESPONSES = ("file.data", "content to client", "content to client, anywhere")


def text():
    """The rules: sid 1000 * property + destination."""
    out = []
    for number, (name, proto, header, options) in enumerate(PROPERTIES, 1):
        each = "{to}" in header
        for index, to in enumerate(DESTINATIONS) if each else [(ANYWHERE, "any")]:
            head = header.format(proto=proto, to=f"[{to}]" if ":" in to else to)
            out.append(f'alert {head} (msg:"{name}"; {options.format()} sid:{1000 * number + index};)\n')
    return "".join(out)


def hosts(plan):
    """A hosts file with each name that the plan asks for."""
    names = {want["host"] for c in plan for layer in c["layers"] for want in layer if "host" in want}
    known = sorted(name for name in names if at.resolve(name))
    return "".join(f"{at.resolve(name)} {name}\n" for name in known)


def arguments(rules_file, hosts_file):
    home = f"vars.address-groups.HOME_NET=[{','.join(HOME)}]"
    sets = (home, "vars.address-groups.EXTERNAL_NET=!$HOME_NET", f"decap.names.hosts-file={hosts_file}")
    return ["-S", rules_file, "--init-errors-fatal"] + [word for value in sets for word in ("--set", value)]


# --- the control


def _carried(connection):
    """What is in the innermost tunnels that came about."""
    layers = connection["layers"]
    return [want for want in (layers[-1] if layers else []) if want["status"] == "established"]


def _urls(want):
    for session in want.get("sessions", []):
        if session["event_type"] == "http":
            host = session.get("http.hostname") or f"[{at.WEB6}]"
            yield f"http://{host}{session.get('http.url', '/')}"
        elif session["event_type"] == "tls":
            yield f"https://{session['tls.sni']}/"


def _body_options(do):
    argv, out = do.get("argv", []), []
    for option, value in zip(argv, argv[1:]):
        if option in ("--data-binary", "-H"):
            out += [option, value]
    return out


def control(plan):
    """The same without proxies: connections of plan.py's form, with the ids of those they stand beside."""
    out = []
    for connection in plan:
        c = planning.Connection(connection["id"], connection["kind"], None)
        to = [want.get("dest_ip", "") for want in _carried(connection)]
        c.client = at.CLIENT6 if ":" in "".join(to) else connection["client"]
        urls = [url for want in _carried(connection) for url in _urls(want)]
        do = connection["do"]
        if urls:
            c.curl(_body_options(do), urls)
        elif do["with"] == "dns-tcp":
            c.do = {**do, "proxy": None}
        elif do["with"] == "udp":
            c.do = {"with": "ask", "queries": [[at.resolve(h) or h, port, name] for h, port, name in do["queries"]]}
        elif do["with"] == "connect-udp":
            c.do = {"with": "ask", "queries": [[at.resolve(do["host"]) or do["host"], do["port"], do["name"]]]}
        else:
            continue
        out.append(c.as_dict())
    return out


# --- what fired


class Fired:
    """Alerts of one run by flow: {flow: Counter of (property, destination)}."""

    def __init__(self, eve):
        self.eve = eve
        self.by_flow = defaultdict(Counter)
        for record in eve:
            if record.get("event_type") == "alert":
                number, index = divmod(record["alert"]["signature_id"], 1000)
                to = None if index == ANYWHERE else DESTINATIONS[index]
                self.by_flow[record["flow_id"]][PROPERTIES[number - 1][0], to] += 1


def _where(want):
    """The true destination of a tunnel."""
    return want.get("dest_ip") or at.resolve(want["host"])


def _sum(fired, flows):
    return sum((fired.by_flow[flow] for flow in flows), Counter())


def _at_control(fired, connection):
    """What fired on a control connection's flows."""
    first, last = connection["ports"]
    client = address(connection["client"])
    ours = [r for r in fired.eve if r.get("event_type") == "flow" and first <= r.get("src_port", 0) <= last]
    return _sum(fired, [r["flow_id"] for r in ours if address(r["src_ip"]) == client])


def _expected(counts, wants, only=None):
    """The control's counts, as they must be in tunnels. `only`: of responses, or of requests."""
    out, to = Counter(), _where(wants[0])
    for (name, where), count in counts.items():
        header = next(row[2] for row in PROPERTIES if row[0] == name)
        if only is not None and (name in OF_RESPONSES) != only or header == ABROAD and to.startswith("10.77.2."):
            continue
        # Several tunnels of one connection go where their controls go.
        out[name, to if where and len(wants) == 1 else where] = count
    return out


def _differences(found, wanted):
    for key in sorted(found.keys() | wanted.keys(), key=str):
        if found[key] != wanted[key]:
            yield f"{key[0]} -> {key[1] or 'any'}: fired {found[key]} times, without a proxy {wanted[key]}"


def _innermost(records, connection, carriers):
    """Flow ids of the children of a connection's last layer. Flows that carry go to `carriers`, with what."""
    found = records.outermost(connection)
    for depth in range(len(connection["layers"])):
        carriers.update((record["flow_id"], record["tunnel"]["type"]) for record in found)
        children = [child for r in found if (child := compare.lookup(r, "tunnel.child_flow_id")) is not None]
        if depth + 1 < len(connection["layers"]):
            found = [tunnel for child in children for tunnel in records.by_flow[child]]
    return children


def _elsewhere(records, fired, connection, counts):
    """A request shown to an ICAP server is in a session of its own, and again in that of its response."""
    hosts = {want["host"] for want in connection["elsewhere"]}
    for tunnel in records.tunnels:
        child = compare.lookup(tunnel, "tunnel.child_flow_id")
        if compare.lookup(tunnel, "tunnel.type") != "icap" or compare.lookup(tunnel, "tunnel.host") not in hosts:
            continue
        answered = any(compare.lookup(r, "http.status") for r in records.sessions[child])
        wanted = _expected(counts, connection["elsewhere"][:1], None if answered else False)
        if answered:  # a request's body is not shown again
            wanted = Counter({key: count for key, count in wanted.items() if key[0] != "http.request_body"})
        yield from (f"icap: {fault}" for fault in _differences(fired.by_flow[child], wanted))


def faults(plan, results, eve, controls, control_eve):
    """-> {index in plan: faults}, faults that belong to no connection, how many rules fired in tunnels"""
    records, fired, at_control = compare.Records(eve), Fired(eve), Fired(control_eve)
    beside, out, carriers, total = {c["id"]: c for c in controls}, {}, set(), 0
    for index, (connection, result) in enumerate(zip(plan, results)):
        connection = compare.with_results(connection, result)
        if not connection["layers"]:
            continue
        children = _innermost(records, connection, carriers)
        if connection["id"] not in beside or not result["ok"]:
            continue
        counts = _at_control(at_control, beside[connection["id"]])
        found = _sum(fired, children)
        total += sum(found.values())
        wrong = [] if counts else ["no rule fired without a proxy"]
        wrong += _differences(found, _expected(counts, _carried(connection)))
        out[index] = wrong + list(_elsewhere(records, fired, connection, counts))
    strays = [
        f"flow {flow} carries {kind}, but {name} -> {to or 'any'} fired there"
        for flow, kind in sorted(carriers)
        for name, to in fired.by_flow[flow]
        if (kind, name) != ("websocket", "http.uri")  # the handshake's own
    ]
    return out, strays, total
