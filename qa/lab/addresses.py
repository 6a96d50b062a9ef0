"""Who is where in the lab, and how its names resolve.

    client ns            switch ns            proxy ns             server ns
    10.77.1.10-13  ----- bridge br0 -----     10.77.2.1-9          10.77.3.10-13, .53, .66
    fd77::1:10           (no address)         fd77::2:1            fd77::3:10

One flat network, so that nothing has to route; the switch is a namespace of its own, so that the host's own
bridge filters and forwarding rules don't reach it.
"""

import zlib

CLIENTS = ["10.77.1.10", "10.77.1.11", "10.77.1.12", "10.77.1.13"]
WEB = ["10.77.3.10", "10.77.3.11", "10.77.3.12", "10.77.3.13"]
DNS = "10.77.3.53"
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
}
PROXY_HOST = "10.77.2.9"  # the proxy namespace's own: where it connects from

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
    return WEB[zlib.crc32(name.encode()) % len(WEB)]
