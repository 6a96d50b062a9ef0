"""Who is where in the lab, and how its names resolve.

    client ns            switch ns            proxy ns             server ns
    10.77.1.10-13  ----- bridge br0 -----     10.77.2.1-30         10.77.3.10-13, .53, .60, .66
    fd77::1:10           (no address)         fd77::2:1            fd77::3:10

One flat network, so that nothing has to route; the switch is a namespace of its own, so that the host's own
bridge filters and forwarding rules don't reach it. The tap is on the bridge: what it leaves out, it leaves out by
TAP_CLIENT_SIDE or TAP_BOTH_LEGS.
"""

import zlib

CLIENTS = ["10.77.1.10", "10.77.1.11", "10.77.1.12", "10.77.1.13"]
WEB = ["10.77.3.10", "10.77.3.11", "10.77.3.12", "10.77.3.13"]
DNS = "10.77.3.53"
ICAP = "10.77.3.60"
DENIED = "10.77.3.66"  # every proxy with an access list refuses this one

CLIENT6, PROXY6, WEB6 = "fd77::1:10", "fd77::2:1", "fd77::3:10"

# Address and port of each proxy. Names say the program, then what it asks of its clients.
PROXIES = {
    "dante": ("10.77.2.1", 1080),
    "dante-user": ("10.77.2.2", 1080),
    "microsocks": ("10.77.2.3", 1081),
    "microsocks-user": ("10.77.2.4", 1081),
    "ssh": ("10.77.2.5", 1083),
    "squid": ("10.77.2.6", 3128),
    "tinyproxy": ("10.77.2.7", 8888),
    "haproxy": ("10.77.2.20", 8001),  # and the ports of HAPROXY_PORTS
    "squid-icap": ("10.77.2.21", 3129),
    "nghttpx": ("10.77.2.22", 3000),
    "websockify-web": ("10.77.2.23", 6080),
    "websockify-tls": ("10.77.2.23", 6443),
    "websockify-ssh": ("10.77.2.23", 6022),
    "udp-proxy": ("10.77.2.24", 8002),
    "sslproxy": ("10.77.2.25", 8003),
    "victim": ("10.77.2.30", 0),  # connects out: reverse SOCKS
}
PROXY_HOST = "10.77.2.9"  # the proxy namespace's own: where it connects from

# What haproxy puts before the connection, by the port it listens on.
HAPROXY_PORTS = {"v1 http": 8001, "v1 tls": 8002, "v2 http": 8003, "v2 tls": 8004, "v2 tlv": 8005}

# Ports of the servers that take what others put before a session: nginx for PROXY, server_side.py for SSLproxy.
PROXIED_HTTP, PROXIED_HTTPS, DIVERTED = 8080, 8443, 8025
ICAP_PORT = 1344

# Ports on which something answers that is no proxy.
ECHO_PORTS = (1080, 1084, 4445, 9050)
DCERPC, CHAT, TLS_ODD, DNS_ODD = 135, 8081, 1085, (1080, 5300)

# The proxies' own connections to the servers are another network's business, but for those that carry something.
_CARRYING = f"host 10.77.2.20 or host 10.77.2.25 or port {ICAP_PORT}"
TAP_CLIENT_SIDE = (
    f"(tcp or udp) and not (net 10.77.2.0/24 and net 10.77.3.0/24 and not ({_CARRYING}))"
    " and not (host fd77::2:1 and host fd77::3:10)"
)
# Both legs, but not what the proxies ask of DNS.
TAP_BOTH_LEGS = "(tcp or udp) and not (port 53 and net 10.77.2.0/24)"

USER, PASSWORD = "labuser", "open-sesame-7341"
WRONG_PASSWORD = "wrong-sesame-1437"

HTTP, HTTPS, SSH, SMTP, CLOSED = 80, 443, 22, 25, 81

ZONE = "lab.test"


def resolve(name):
    """IPv4 address of a name in the lab, or None: the one answer that everybody in the lab gets."""
    name = name.rstrip(".").lower()
    if not name.endswith("." + ZONE) or name.startswith("nx"):
        return None
    if name.startswith("denied"):
        return DENIED
    if name.startswith("ns"):
        return DNS
    return WEB[zlib.crc32(name.encode()) % len(WEB)]
