"""sendmail_world - the rest of the world for a mail server under test: names, and who takes mail

Every address but the server's own is ours (see sendmail_server.py), so clients come from any address,
and whatever host the server sends to is the sink.

Names: those that the plan lists, and below them a rule.  Every other name has an address of its own,
made of the name, and an MX "mx.NAME"; what has the label "nowhere" does not exist, what has the label
"tempfail" gets no answer that lasts.  So both servers find the same host for the same domain.
"""
import base64
import ctypes
import hashlib
import os
import socket
import socketserver
import ssl
import struct
import subprocess
import threading

A, PTR, MX, TXT, AAAA = 1, 12, 15, 16, 28
TYPES = {"A": A, "PTR": PTR, "MX": MX, "TXT": TXT, "AAAA": AAAA}
NAME_SERVER = "198.18.0.53"
CLONE_NEWNET = 0x40000000
SINK_PORTS = (24, 25, 465, 587, 2525)


def reverse_name(address):
    return ".".join(reversed(address.split("."))) + ".in-addr.arpa"


class Names:
    """what the name server knows"""

    def __init__(self, plan, server_address):
        self.records, self.zones = {}, set(plan.zones)
        for host in plan.hosts:
            self.add(host, "A", server_address)
        self.add(reverse_name(server_address), "PTR", plan.hosts[0])
        for address, name in plan.clients.values():
            if name == "unknown":
                continue
            self.add(reverse_name(address), "PTR", name.lstrip("!"))
            if not name.startswith("!"):
                self.add(name, "A", address)
        for name, kind, value in plan.records:
            self.add(name, kind, value)

    def add(self, name, kind, value):
        self.records.setdefault((name.lower(), kind), []).append(value)

    def exists(self, name):
        labels = name.split(".")
        if any((name, kind) in self.records for kind in TYPES):
            return True
        if any(name == zone or name.endswith("." + zone) for zone in self.zones):
            return False
        return (len(labels) > 1 and "nowhere" not in labels and labels[-1] != "arpa"
                and not any(label.startswith("_") for label in labels))

    def ask(self, name, kind):
        """the values of a kind, or None for a name that does not exist"""
        name = name.lower().rstrip(".")
        if not self.exists(name):
            return None
        listed = any((name, other) in self.records for other in TYPES)
        if (name, kind) in self.records or listed:
            return self.records.get((name, kind), [])
        if kind == "A":
            digest = hashlib.sha256(name.encode()).digest()
            return ["100.%d.%d.%d" % (64 + digest[0] % 64, digest[1], 1 + digest[2] % 254)]
        if kind == "MX" and not name.startswith("mx."):
            return ["10 mx." + name]
        return []

    def mail_host(self, host):
        """the address that mail for a host or a domain goes to; brackets: no MX"""
        host = host.rstrip(".")
        if host.startswith("["):
            host = host[1:].split("]")[0].rstrip(".")
            if host.replace(".", "").isdigit():
                return host
        else:
            best = sorted((int(value.split()[0]), value.split()[1])
                          for value in self.ask(host, "MX") or [])
            if best:
                host = best[0][1]
        return (self.ask(host, "A") or ["no address of " + host])[0]


def wire_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def wire_value(kind, value):
    if kind == "A":
        return socket.inet_aton(value)
    if kind == "PTR":
        return wire_name(value)
    if kind == "MX":
        preference, host = value.split()
        return struct.pack(">H", int(preference)) + wire_name(host)
    return bytes([len(value)]) + value.encode()


def dns_answer(names, packet):
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("ascii", "replace").lower())
        at += 1 + packet[at]
    number, = struct.unpack(">H", packet[at + 1:at + 3])
    name = ".".join(labels)
    kind = {value: key for key, value in TYPES.items()}.get(number, "")
    values = names.ask(name, kind)
    if "tempfail" in labels:
        flags, values = 0x8582, []
    else:
        flags = 0x8583 if values is None else 0x8580
    values = values or []
    reply = packet[:2] + struct.pack(">HHHHH", flags, 1, len(values), 0, 0) + packet[12:at + 5]
    for value in values:
        data = wire_value(kind, value)
        reply += b"\xc0\x0c" + struct.pack(">HHIH", number, 1, 60, len(data)) + data
    return reply


def serve_names(names):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((NAME_SERVER, 53))

    def serve():
        while True:
            packet, client = server.recvfrom(4096)
            try:
                server.sendto(dns_answer(names, packet), client)
            except (IndexError, struct.error):
                pass  # no question
    threading.Thread(target=serve, daemon=True).start()


class Sink(socketserver.StreamRequestHandler):
    """takes every mail, and notes who brought it how"""
    timeout = 60

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        try:
            self.talk()
        except (OSError, UnicodeError):
            pass

    def talk(self):
        here, port = self.connection.getsockname()[:2]
        login, mail, helo, tls = "", {}, "", "none"
        self.say("220 sink.example ESMTP")
        while line := self.rfile.readline():
            verb = line.decode("latin-1").strip()
            word = verb.upper()
            if word.startswith(("EHLO", "LHLO")):
                helo = verb.partition(" ")[2]
                self.say("250-sink.example\r\n250-AUTH PLAIN LOGIN\r\n%s250 8BITMIME" % (
                    "250-STARTTLS\r\n" if self.server.context and tls == "none" else ""))
            elif word == "STARTTLS":
                self.say("220 go on")
                tls = self.begin_tls()
            elif word.startswith("AUTH PLAIN"):
                given = verb.split()[2] if len(verb.split()) > 2 else self.ask()
                login = base64.b64decode(given).split(b"\0")[1].decode()
                self.say("235 welcome")
            elif word.startswith("AUTH LOGIN"):
                login = base64.b64decode(verb.split()[2] if len(verb.split()) > 2
                                         else self.ask("VXNlcm5hbWU6")).decode()
                self.ask("UGFzc3dvcmQ6")
                self.say("235 welcome")
            elif word.startswith("MAIL FROM:"):
                mail = {"from": address_in(verb), "to": [], "host": here, "port": port,
                        "login": login, "helo": helo, "tls": tls}
                self.say("250 ok")
            elif word.startswith("RCPT TO:"):
                mail.setdefault("to", []).append(address_in(verb))
                self.say("250 ok")
            elif word == "DATA":
                self.say("354 go on")
                mail["headers"] = headers_of(self.rfile)
                self.server.mails.append(mail)
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def begin_tls(self):
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        return " ".join(self.connection.cipher()[:2])

    def ask(self, challenge=""):
        self.say("334 " + challenge)
        return self.rfile.readline().decode().strip()


def address_in(command):
    return command.split("<", 1)[-1].split(">", 1)[0]


def headers_of(file):
    """those that say who; up to the dot"""
    found, inside = {}, True
    for line in file:
        text = line.decode("latin-1").rstrip("\r\n")
        if text == ".":
            break
        if not text:
            inside = False
        elif inside and ":" in text and not text[0].isspace():
            name, value = text.split(":", 1)
            if name.lower() in ("from", "to", "cc", "x-plan", "reply-to", "sender"):
                found[name.lower()] = value.strip()
    return found


class SinkServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def context_of(version, ciphers=None, server=False):
    """TLS of one version, and of some ciphers if that is 1.2 or less"""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers((ciphers or "ALL") + ":@SECLEVEL=0")
    number = getattr(ssl.TLSVersion, version.replace(".", "_"))
    context.minimum_version = context.maximum_version = number
    return context


def peer_context(peer, work):
    """of the plan's line "peer"; the certificate is made here"""
    if not peer:
        return None
    certificate, key = os.path.join(work, "peer.pem"), os.path.join(work, "peer.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
                    "-subj", "/CN=peer.example", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    context = context_of(*peer, server=True)
    context.load_cert_chain(certificate, key)
    return context


def serve_sink(peer, work):
    mails, context = [], peer_context(peer, work)
    for port in SINK_PORTS:
        server = SinkServer(("0.0.0.0", port), Sink)
        server.mails, server.context = mails, context
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return mails


def socket_in(network):
    """a socket of another network namespace, named by a process that lives there"""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/ns/net", "rb") as ours, open("/proc/%s/ns/net" % network, "rb") as theirs:
        if libc.setns(theirs.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        made = socket.socket()
        libc.setns(ours.fileno(), CLONE_NEWNET)
    return made


class Client:
    """one SMTP session from an address of choice"""

    def __init__(self, address, server, port, network=None, timeout=8):
        self.socket = socket_in(network) if network else socket.socket()
        self.socket.settimeout(timeout)
        self.socket.bind((address, 0))
        self.socket.connect((server, port))
        self.file = self.socket.makefile("rwb")
        self.lines = []

    def tls(self, context=None):
        if context is None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket)
        self.file = self.socket.makefile("rwb")

    def reply(self):
        """the code; 0 where the server hangs up"""
        self.lines = []
        while True:
            line = self.file.readline()
            if not line:
                return 0
            self.lines.append(line.decode("latin-1").rstrip())
            if len(line) < 4 or line[3:4] != b"-":
                return int(line[:3]) if line[:3].isdigit() else 0

    def send(self, text):
        self.file.write(text.encode("latin-1") + b"\r\n")
        self.file.flush()
        return self.reply()

    def close(self):
        try:
            self.send("QUIT")
        except OSError:
            pass
        self.socket.close()
