"""Asks the real smtpd of one tree, and session.c, the same dialogues; prints what differs.

session_ask.py ROOT RELEASE PLATFORM HERE PROGRAM TABLE: HERE is a directory of this name on this
machine and in the tree at ROOT.  The counts go to TABLE, a line "KIND|REPLIES|SAME CODES|SAME".
"""
import concurrent.futures
import os
import re
import select
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time

from session_dialogues import DIALOGUES, SERVICES, TLS, b64

ROOT, RELEASE, PLATFORM, HERE, PROGRAM, TABLE = sys.argv[1:7]
CONF = HERE + "/conf"
BASE = {"bullseye": 23100, "bookworm": 23200, "trixie": 23300}.get(RELEASE, 23400)
PORTS = {name: BASE + i for i, name in enumerate(SERVICES)}

MAIN = f"""compatibility_level = 2
myhostname = mail.example.com
mydomain = example.com
mydestination = example.com
mynetworks = 127.0.0.0/8
inet_interfaces = loopback-only
inet_protocols = ipv4
config_directory = {CONF}
queue_directory = {HERE}/queue
data_directory = {HERE}/data
local_recipient_maps =
alias_maps =
default_transport = discard:
local_transport = discard:
relay_transport = discard:
smtpd_error_sleep_time = 0
smtpd_client_connection_count_limit = 0
in_flow_delay = 0
smtpd_sasl_type = dovecot
smtpd_sasl_path = {HERE}/auth
smtpd_tls_cert_file = {CONF}/cert.pem
smtpd_tls_key_file = {CONF}/cert.pem
smtpd_forbid_bare_newline_exclusions =
smtpd_relay_restrictions = permit_mynetworks, reject
filter = {CONF}/filter
fast_flush_domains = flush.example
"""
with open(os.path.join(os.path.dirname(__file__), "internal.cf"), encoding="ascii") as file:
    INTERNAL = file.read()


def write(path, text):
    for top in ("", ROOT):
        os.makedirs(os.path.dirname(top + path), exist_ok=True)
        with open(top + path, "w", encoding="utf-8") as out:
            out.write(text)


def configure():
    master = ""
    for name, settings in SERVICES.items():
        master += f"127.0.0.1:{PORTS[name]} inet n - n - - smtpd\n"
        for key, value in settings.items():
            master += f"  -o {{ {key} = {value} }}\n"
    write(CONF + "/main.cf", MAIN)
    write(CONF + "/master.cf", master + INTERNAL)
    write(CONF + "/filter", "/^ping/ NOOP\n/^(MAIL FROM:) +(.*)$/ $1<$2>\n")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
                    "-subj", "/CN=mail.example.com", "-keyout", CONF + "/key", "-out",
                    CONF + "/crt"], check=True, stderr=subprocess.DEVNULL)
    with open(CONF + "/crt", encoding="ascii") as crt, open(CONF + "/key", encoding="ascii") as key:
        write(CONF + "/cert.pem", key.read() + crt.read())
    write(CONF + "/users", "bob:secret\n")


def auth_server(path):
    """Dovecot's auth protocol, as far as smtpd speaks it: PLAIN and LOGIN for bob."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    os.chmod(path, 0o666)
    listener.listen(100)

    def serve(connection):
        stream = connection.makefile("rw", encoding="latin-1", newline="\n")
        stream.write("VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\n"
                     "SPID\t1\nCUID\t1\nCOOKIE\tx\nDONE\n")
        stream.flush()
        pending = {}
        for line in stream:
            words = line.rstrip("\n").split("\t")
            if words[0] == "AUTH":
                number, mechanism = words[1], words[2].upper()
                response = [w[5:] for w in words if w.startswith("resp=")]
                pending[number] = [mechanism]
            elif words[0] == "CONT":
                number, response = words[1], [words[2] if len(words) > 2 else ""]
            else:
                continue
            stream.write(answer(number, pending[number], response))
            stream.flush()

    def answer(number, known, response):
        import base64
        if response:
            try:
                # "=" stands for an empty response
                known.append(base64.b64decode("" if response[0] == "=" else response[0],
                                              validate=True))
            except ValueError:
                return f"FAIL\t{number}\n"
        if known[0] == "PLAIN":
            if len(known) == 1:
                return f"CONT\t{number}\t\n"
            # Dovecot lets nobody act as another user, unless there are master users
            good = known[1].split(b"\0") in ([b"", b"bob", b"secret"], [b"bob", b"bob", b"secret"])
        else:
            if len(known) < 3:
                return f"CONT\t{number}\t" + b64("Username:" if len(known) == 1 else
                                                  "Password:") + "\n"
            good = known[1:] == [b"bob", b"secret"]
        return f"OK\t{number}\tuser=bob\n" if good else f"FAIL\t{number}\n"

    def accept():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def postfix(*command):
    return subprocess.run(["chroot", ROOT, "postfix", "-c", CONF, *command], check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


class Real:
    def __init__(self, service):
        self.socket = socket.create_connection(("127.0.0.1", PORTS[service]), timeout=20)
        self.held = b""

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            pass

    def read(self):
        try:
            return self.socket.recv(65536)
        except OSError:
            return b""

    def tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket)

    def close(self):
        self.socket.close()


class Ours:
    def __init__(self, service):
        with_tls = ["-t"] if SERVICES[service].get("smtpd_tls_cert_file") != "" else []
        self.process = subprocess.Popen(
            [PROGRAM, *with_tls, "-u", CONF + "/users", PLATFORM, CONF,
             f"127.0.0.1:{PORTS[service]}", "127.0.0.1", "localhost"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.held = b""

    def send(self, data):
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except OSError:
            pass

    def read(self):
        ready, _, _ = select.select([self.process.stdout], [], [], 20)
        return os.read(self.process.stdout.fileno(), 65536) if ready else b""

    def tls(self):
        pass

    def close(self):
        try:
            self.process.stdin.close()
        except OSError:
            pass
        self.process.stdout.close()
        self.process.wait()


def reply(end):
    """One reply, or None where the other end hung up."""
    while True:
        match = re.match(rb"(?:\d\d\d-[^\n]*\n)*\d\d\d(?: [^\n]*)?\r?\n", end.held)
        if match:
            end.held = end.held[match.end():]
            text = match.group(0).decode("utf-8", "replace")
            return re.sub(r"(queued as) \w+", r"\1 ID", text)
        more = end.read()
        if not more:
            return None
        end.held += more


def talk(kind, service, steps):
    end = kind(service)
    replies = []
    try:
        if not service.startswith("wrap"):
            replies.append(reply(end))
        for step in steps:
            if step is TLS:
                end.tls()
                if service.startswith("wrap"):
                    replies.append(reply(end))
                continue
            data, count = step if isinstance(step, tuple) else (step, 1)
            if isinstance(data, str):
                data = data.encode() + b"\r\n"
            end.send(data)
            for _ in range(count):
                replies.append(reply(end))
            if replies[-1] is None:
                break
    except (OSError, ssl.SSLError) as error:
        replies.append(f"failed: {error}")
    end.close()
    return replies


def codes(text):
    if text is None:
        return None
    match = re.match(r"(\d\d\d)[ -](\d\.\d+\.\d+)?", text)
    return match and match.groups()


def main():
    configure()
    for name in ("queue", "data"):
        os.makedirs(f"{ROOT}{HERE}/{name}")
    shutil.chown(f"{ROOT}{HERE}/data", *ids())
    os.chmod(ROOT + HERE, 0o755)
    auth_server(f"{ROOT}{HERE}/auth")
    started = postfix("start")
    differences, counts = 0, {}
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", BASE), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        else:
            sys.exit(f"{RELEASE}: the real Postfix does not start: {started.stderr}")
        work = [(kind, service, steps) for kind, all_steps in DIALOGUES.items()
                for service, steps in all_steps]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            real = list(pool.map(lambda w: talk(Real, w[1], w[2]), work))
            ours = list(pool.map(lambda w: talk(Ours, w[1], w[2]), work))
    finally:
        postfix("stop")
    for (kind, service, steps), theirs, mine in zip(work, real, ours):
        row = counts.setdefault(kind, [0, 0, 0, 0])
        row[3] += 1
        for i in range(max(len(theirs), len(mine))):
            a = theirs[i] if i < len(theirs) else None
            b = mine[i] if i < len(mine) else None
            row[0] += 1
            row[1] += codes(a) == codes(b)
            row[2] += a == b
            if a != b:
                differences += 1
                print(f"{RELEASE} {kind}: {service}: reply {i} of {str(steps)[:400]}:\n"
                      f"  real {a!r}\n  ours {b!r}")
                break
    with open(TABLE, "a", encoding="utf-8") as table:
        for kind, row in counts.items():
            table.write(f"{kind}|{row[3]}|{row[0]}|{row[1]}|{row[2]}\n")
    sys.exit(differences > 0)


def ids():
    """postfix's ids in the tree"""
    with open(ROOT + "/etc/passwd", encoding="utf-8") as users:
        for line in users:
            words = line.split(":")
            if words[0] == "postfix":
                return int(words[2]), int(words[3])
    return 0, 0


main()
