"""The proxies and servers of the lab: their configuration, how each is started, when it is ready.

Each `start_*` takes the Net, writes its files below net.tmp and returns once its port listens.
"""

import os
import shutil
import subprocess

import addresses as at
from net import PATIENCE, PREFIX, PYTHON

HERE = os.path.dirname(os.path.abspath(__file__))

# Program -> Debian package, for saying what is missing.
PROGRAMS = {
    "ip": "iproute2",
    "tcpdump": "tcpdump",
    "curl": "curl",
    "danted": "dante-server",
    "microsocks": "microsocks",
    "squid": "squid",
    "tinyproxy": "tinyproxy",
    "nginx": "nginx-light",
    "sshd": "openssh-server",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "openssl": "openssl",
    "proxychains4": "proxychains4",
    "swaks": "swaks",
    "haproxy": "haproxy",
    "c-icap": "c-icap",
    "nghttpx": "nghttp2-proxy",
    "websockify": "websockify",
}
MODULES = {"h2": "python3-h2"}


def missing():
    """Why the lab can't run here, or None. Also sees to it that the daemons are found."""
    if os.geteuid() != 0:
        return "not root: network namespaces need it"
    os.environ["PATH"] += os.pathsep + "/usr/sbin" + os.pathsep + "/sbin"  # not in everybody's PATH
    lacking = {package for program, package in PROGRAMS.items() if not shutil.which(program)}
    lacking |= {package for module, package in MODULES.items() if not _imports(module)}
    lacking = sorted(lacking)
    return f"missing packages: {' '.join(lacking)}" if lacking else _no_namespaces()


def _imports(module):
    done = subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True, timeout=PATIENCE, check=False)
    return done.returncode == 0


def _no_namespaces():
    """Root in a container may not be allowed to make network namespaces: what ip says then, else None."""
    name = f"{PREFIX}-{os.getpid()}-try"
    refused = None
    for words in (["netns", "add", name], ["-n", name, "link", "set", "lo", "up"], ["netns", "exec", name, "true"]):
        done = subprocess.run(["ip", *words], capture_output=True, text=True, timeout=PATIENCE, check=False)
        if done.returncode:
            refused = f"no network namespaces here: ip {' '.join(words)}: {done.stderr.strip()}"
            break
    subprocess.run(["ip", "netns", "del", name], capture_output=True, timeout=PATIENCE, check=False)
    return refused


def write(net, name, text, mode=0o644):
    path = net.path(name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as out:
        out.write(text)
    return path


def openssl(*args):
    done = subprocess.run(["openssl", *args], capture_output=True, text=True, timeout=PATIENCE, check=True)
    return done.stdout.strip()


def _accounts(net):
    """Users for dante's and sshd's eyes only: the lab's, and a root that no host's policy has locked."""
    with open("/etc/passwd", encoding="utf-8") as passwd:
        users = passwd.read() + f"{at.USER}:x:64321:65534::/nonexistent:/usr/sbin/nologin\n"
    hashed = openssl("passwd", "-6", at.PASSWORD)
    shadow = f"root:*:19000:0:99999:7:::\n{at.USER}:{hashed}:19000:0:99999:7:::\n"
    for role in ("proxy", "server"):
        net.lay_over_etc(role, "passwd", users)
        net.lay_over_etc(role, "shadow", shadow, 0o600)


def start_dns(net):
    process = net.start("server", "dns", [PYTHON, os.path.join(HERE, "dns_server.py"), at.DNS, *map(str, (53, *at.DNS_ODD))])
    net.wait_listening(process, 53, "udp")


def start_smtp(net):
    process = net.start("server", "smtp", [PYTHON, os.path.join(HERE, "smtp_server.py"), *at.WEB])
    net.wait_listening(process, at.SMTP)


def start_nginx(net):
    openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
        "-subj", f"/O=Burrow lab/CN={at.ZONE}", "-addext", f"subjectAltName=DNS:*.{at.ZONE}",
        "-keyout", net.path("tls.key"), "-out", net.path("tls.crt"),
    )  # fmt: skip
    os.makedirs(net.path("www"), exist_ok=True)
    write(net, "www/index.html", "<html><body>A page of the lab.</body></html>\n")
    write(net, "www/large", "".join(f"{n:07d}\n" for n in range(40000)))
    scratch = "".join(
        f"  {kind}_temp_path {net.path(kind)};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = f"""\
daemon off; user root; worker_processes 1; pid {net.path("nginx.pid")}; error_log stderr;
events {{ worker_connections 4096; }}
http {{
  access_log off; default_type text/html; keepalive_timeout 15;
{scratch}
  server {{
    listen {at.HTTP}; listen [::]:{at.HTTP};
    listen {at.HTTPS} ssl; listen [::]:{at.HTTPS} ssl;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate {net.path("tls.crt")}; ssl_certificate_key {net.path("tls.key")};
    listen {at.PROXIED_HTTP} proxy_protocol; listen {at.PROXIED_HTTPS} ssl proxy_protocol;
    listen {at.WEB[0]}:{at.TLS_ODD} ssl;
    root {net.path("www")};
    client_max_body_size 4m;
    location /upload {{ proxy_pass http://127.0.0.1:8090; }}
    location / {{ try_files $uri /index.html; }}
  }}
  # An answer by `return` would come before the body: this way the body is read first.
  server {{ listen 127.0.0.1:8090; location / {{ return 200 "taken\\n"; }} }}
}}
"""
    path = write(net, "nginx.conf", conf)
    process = net.start("server", "nginx", ["nginx", "-p", net.tmp, "-c", path])
    net.wait_listening(process, at.HTTP)
    net.wait_listening(process, at.HTTPS)


def start_sshd(net):
    _accounts(net)
    for name in ("host", "user"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", net.path(f"ssh_{name}")], check=True, timeout=PATIENCE
        )
    conf = f"""\
HostKey {net.path("ssh_host")}
PidFile none
AuthorizedKeysFile {net.path("ssh_user.pub")}
StrictModes no
PermitRootLogin yes
UsePAM no
PrintMotd no
MaxStartups 400
MaxSessions 400
"""
    path = write(net, "sshd_config", conf)
    # sshd wants /run/sshd; this namespace gets a /run of its own rather than one more folder on the host.
    start = f"mount -t tmpfs tmpfs /run && mkdir /run/sshd && exec /usr/sbin/sshd -D -e -f {path}"
    process = net.start("server", "sshd", ["sh", "-c", start])
    net.wait_listening(process, at.SSH)


def ssh_options(net):
    """What every ssh of the lab needs to log in without asking or remembering."""
    return [
        "-F", "none", "-i", net.path("ssh_user"), "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no",
        "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=40",
    ]  # fmt: skip


def start_ssh_dynamic(net):
    """`ssh -D`: a SOCKS 4, 4a and 5 server whose other end is the lab's sshd."""
    address, port = at.PROXIES["ssh"]
    argv = ["ssh", *ssh_options(net), "-N", "-D", f"{address}:{port}", f"root@{at.WEB[0]}"]
    net.wait_listening(net.start("proxy", "ssh-dynamic", argv), port)


def _start_dante(net, name, method):
    address, port = at.PROXIES[name]
    conf = f"""\
logoutput: stderr
internal: {address} port = {port}
external: eth0
clientmethod: none
socksmethod: {method}
user.privileged: root
user.unprivileged: nobody
client pass {{ from: 0/0 to: 0/0 }}
socks block {{ from: 0/0 to: {at.DENIED}/32 }}
socks pass {{ from: 0/0 to: 0/0 }}
"""
    path = write(net, f"{name}.conf", conf)
    argv = ["danted", "-f", path, "-p", net.path(f"{name}.pid"), "-N", "2"]
    net.wait_listening(net.start("proxy", name, argv), port)


def start_dante(net):
    _start_dante(net, "dante", "none")


def start_dante_user(net):
    _accounts(net)
    _start_dante(net, "dante-user", "username")


def start_microsocks(net):
    address, port = at.PROXIES["microsocks"]
    net.wait_listening(net.start("proxy", "microsocks", ["microsocks", "-i", address, "-p", str(port)]), port)


def start_microsocks_user(net):
    address, port = at.PROXIES["microsocks-user"]
    argv = ["microsocks", "-i", address, "-p", str(port), "-u", at.USER, "-P", at.PASSWORD]
    net.wait_listening(net.start("proxy", "microsocks-user", argv), port)


def start_squid(net):
    address, port = at.PROXIES["squid"]
    icap_address, icap_port = at.PROXIES["squid-icap"]
    users = write(net, "squid.users", f"{at.USER}:{openssl('passwd', '-apr1', at.PASSWORD)}\n")
    conf = f"""\
http_port {address}:{port}
http_port {icap_address}:{icap_port}
icap_enable on
icap_send_client_ip on
icap_service rq reqmod_precache bypass=off icap://{at.ICAP}:{at.ICAP_PORT}/echo
icap_service rs respmod_precache bypass=off icap://{at.ICAP}:{at.ICAP_PORT}/echo
acl adapted localport {icap_port}
adaptation_access rq allow adapted
adaptation_access rs allow adapted
pid_filename none
cache deny all
access_log none
cache_log stdio:/dev/stderr
coredump_dir {net.tmp}
visible_hostname squid.{at.ZONE}
dns_nameservers {at.DNS}
pinger_enable off
shutdown_lifetime 0 seconds
connect_timeout 40 seconds
forward_max_tries 1
auth_param basic program /usr/lib/squid/basic_ncsa_auth {users}
auth_param basic children 4 startup=1
auth_param basic realm lab
acl users proxy_auth REQUIRED
acl denied dst {at.DENIED}
http_access deny denied
http_access allow adapted
http_access allow users
http_access deny all
"""
    path = write(net, "squid.conf", conf)
    # Shared memory of its own: squid names it the same in every run, and leaves it behind.
    start = f"mount -t tmpfs tmpfs /dev/shm && exec squid -N -f {path}"
    net.wait_listening(net.start("proxy", "squid", ["sh", "-c", start]), port)


def start_tinyproxy(net):
    address, port = at.PROXIES["tinyproxy"]
    denied = write(net, "tinyproxy.filter", "^denied\n")
    conf = f"""\
Listen {address}
Port {port}
Timeout 60
MaxClients 1024
Filter "{denied}"
LogLevel Warning
"""
    path = write(net, "tinyproxy.conf", conf)
    net.wait_listening(net.start("proxy", "tinyproxy", ["tinyproxy", "-d", "-c", path]), port)


def start_haproxy(net):
    """One port for each form of the PROXY header; nginx on the first web server reads them."""
    address, _ = at.PROXIES["haproxy"]
    with open(net.path("haproxy.pem"), "w", encoding="ascii") as out:
        for name in ("tls.crt", "tls.key"):
            with open(net.path(name), encoding="ascii") as part:
                out.write(part.read())
    options = {"v1": "send-proxy", "v2": "send-proxy-v2"}
    conf = """\
global
  maxconn 2000
defaults
  mode tcp
  timeout connect 40s
  timeout client 60s
  timeout server 60s
"""
    for name, port in at.HAPROXY_PORTS.items():
        version, kind = name.split()
        to = at.PROXIED_HTTPS if kind == "tls" else at.PROXIED_HTTP
        bind, more = "", options[version]
        if kind == "tlv":  # the name that the client's TLS asked for, and an id
            bind, more = f" ssl crt {net.path('haproxy.pem')}", more + " proxy-v2-options authority,unique-id"
        conf += f"""\
listen port{port}
  bind {address}:{port}{bind}
  unique-id-format lab-%ci-%cp
  server web {at.WEB[0]}:{to} source {address} {more}
"""
    path = write(net, "haproxy.cfg", conf)
    process = net.start("proxy", "haproxy", ["haproxy", "-db", "-f", path])
    for port in at.HAPROXY_PORTS.values():
        net.wait_listening(process, port)


def start_icap(net):
    """c-icap with its echo service: squid sends it what comes through one of its ports."""
    conf = f"""\
PidFile {net.path("c-icap.pid")}
CommandsSocket {net.path("c-icap.ctl")}
Timeout 60
MaxKeepAliveRequests -1
KeepAliveTimeout 60
StartServers 1
MaxServers 2
MinSpareThreads 5
MaxSpareThreads 50
ThreadsPerChild 50
Port {at.ICAP}:{at.ICAP_PORT}
User root
Group root
ServerAdmin nobody@{at.ZONE}
ServerName icap.{at.ZONE}
TmpDir {net.tmp}
ModulesDir /usr/lib/x86_64-linux-gnu/c_icap
ServicesDir /usr/lib/x86_64-linux-gnu/c_icap
LoadMagicFile /etc/c-icap/c-icap.magic
ServerLog {net.path("c-icap-server.log")}
AccessLog {net.path("c-icap-access.log")}
Service echo srv_echo.so
"""
    path = write(net, "c-icap.conf", conf)
    net.wait_listening(net.start("server", "c-icap", ["c-icap", "-N", "-f", path]), at.ICAP_PORT)


def start_nghttpx(net):
    """HTTP/2 in cleartext in front of tinyproxy."""
    address, port = at.PROXIES["nghttpx"]
    behind, behind_port = at.PROXIES["tinyproxy"]
    argv = ["nghttpx", "--http2-proxy", f"--frontend={address},{port};no-tls", f"--backend={behind},{behind_port}"]
    argv += ["--workers=1", "--conf=/dev/null", "--errorlog-file=/dev/stderr", "--accesslog-file=/dev/null"]
    net.wait_listening(net.start("proxy", "nghttpx", argv), port)


def start_websockify(net):
    for name, target in (("websockify-web", at.HTTP), ("websockify-tls", at.HTTPS), ("websockify-ssh", at.SSH)):
        address, port = at.PROXIES[name]
        argv = ["websockify", f"{address}:{port}", f"{at.WEB[0]}:{target}"]
        net.wait_listening(net.start("proxy", name, argv), port)


def start_own(net):
    """Those that no package has."""
    server = net.start("server", "server-side", [PYTHON, os.path.join(HERE, "server_side.py"), net.tmp])
    net.wait_listening(server, at.CHAT)
    proxy = net.start("proxy", "proxy-side", [PYTHON, os.path.join(HERE, "proxy_side.py"), net.tmp])
    net.wait_listening(proxy, at.PROXIES["udp-proxy"][1])


def start_all(net):
    """Servers first: ssh -D logs in to one of them, squid asks c-icap what it can do."""
    for start in (
        start_dns, start_nginx, start_smtp, start_sshd, start_icap, start_dante, start_dante_user, start_microsocks,
        start_microsocks_user, start_squid, start_tinyproxy, start_ssh_dynamic, start_haproxy, start_nghttpx,
        start_websockify, start_own,
    ):  # fmt: skip
        start(net)
