"""Judging records: those of one connection, without what may differ."""

import ipaddress
import json

from . import wire

# What differs from replay to replay although nothing was read differently.
IGNORED = {"timestamp", "start", "end", "age", "pcap_cnt", "pcap_filename",
           "community_id", "pkts_toserver", "pkts_toclient", "tcp"}
# Bytes on the wire; those of a tunnel record are payload, and count.
WIRE_BYTES = {"bytes_toserver", "bytes_toclient"}
# What of an alert is compared: not what was known of its session so far.
ALERT = {"event_type", "alert", "src_ip", "src_port", "dest_ip", "dest_port",
         "proto", "direction", "tunnel", "app_proto"}


def _named(record, numbers):
    """The number of the connection whose client a record names, or None."""
    # A child's records name the connection's client in `tunnel` at least.
    outermost = record.get("tunnel", {})
    for address in (record.get("src_ip"), record.get("dest_ip"),
                    outermost.get("src_ip"), outermost.get("dest_ip")):
        if address in numbers:
            return numbers[address]
    return None


def by_connection(records, count):
    """Return the records of each of the count connections."""
    numbers = {str(wire.client_of(n)[0]): n for n in range(count)}
    # A tunnel record in a child whose client a header named says neither,
    # but the child's flow record does.
    flows = {r["flow_id"]: _named(r, numbers) for r in records
             if r.get("event_type") == "flow"}
    groups = [[] for _ in range(count)]
    for record in records:
        number = _named(record, numbers)
        if number is None:
            number = flows.get(record.get("flow_id"))
        if number is not None:
            groups[number].append(record)
    return groups


def _plain(value, number, key="", parent=""):
    """A copy without what is ignored; the client's address has no number."""
    if isinstance(value, dict):
        return {k: _plain(v, number, k, key) for k, v in value.items()
                if k not in IGNORED and not k.endswith("flow_id")
                and not (parent == "" and key == "flow" and k in WIRE_BYTES)}
    if isinstance(value, list):
        return [_plain(v, number, key, parent) for v in value]
    address, port = wire.client_of(number)
    if key.endswith("port") and value == port:
        return "client's"
    if key.endswith("ip") and value == str(address):
        return "client's"
    return value


def _told_whole(record):
    """The record; of an alert, what doesn't depend on how far its session
    had come with the packet that fired it."""
    if record.get("event_type") != "alert":
        return record
    return {key: record[key] for key in ALERT & record.keys()}


def canonical(records, number):
    """Return the records of connection number as sorted lines."""
    return sorted(json.dumps(_plain(_told_whole(r), number), sort_keys=True)
                  for r in records)


def difference(wanted, got):
    """Return the lines that only one of the two lists has, or []."""
    rest, missing = list(got), []
    for line in wanted:
        if line in rest:
            rest.remove(line)
        else:
            missing.append(line)
    return [f"- {line}" for line in missing] + [f"+ {line}" for line in rest]


def surplus(wanted, got):
    """Return what there is more of than in the whole conversation."""
    problems = []
    for kind in sorted({r.get("event_type") for r in got} - {"anomaly"}):
        counts = [sum(r.get("event_type") == kind for r in records)
                  for records in (wanted, got)]
        if counts[1] > counts[0]:
            problems.append(f"{counts[1]} {kind} records instead of "
                            f"{counts[0]}")
    return problems


def _find(record, path):
    for key in path.split("."):
        if isinstance(record, list) and key.isdigit():
            record = record[int(key)] if int(key) < len(record) else None
        else:
            record = record.get(key) if isinstance(record, dict) else None
    return record


def _same(value, wanted):
    if isinstance(value, str):
        try:  # addresses have more than one spelling
            return (ipaddress.ip_address(value)
                    == ipaddress.ip_address(wanted))
        except ValueError:
            return value == wanted
    return json.dumps(value) == wanted


def unmet(script, records):
    """Return what a transcript expects and the records don't have."""
    problems = []
    for kind, count in script.counts.items():
        got = sum(r.get("event_type") == kind for r in records)
        if got != count:
            problems.append(f"{got} {kind} records instead of {count}")
    for want in script.expectations:
        if not any(r.get("event_type") == want.type
                   and all(_same(_find(r, path), value)
                           for path, value in want.values.items())
                   for r in records):
            values = " ".join(f"{k}={v}" for k, v in want.values.items())
            problems.append(f"no {want.type} record with {values}")
    return problems


def _says_why(record):
    """Does a record say that something is missing?"""
    if record.get("event_type") == "anomaly":
        return True
    tunnel = record.get("tunnel", {})
    if record.get("event_type") == "tunnel":
        return tunnel.get("status") == "incomplete" and "reason" in tunnel
    return "incomplete" in json.dumps(record) or '"gaps": true' in json.dumps(
        record)


def explained(records):
    """Is it said why these records are not all that could be?"""
    return any(_says_why(record) for record in records)
