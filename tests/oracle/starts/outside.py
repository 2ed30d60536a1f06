"""outside.py - what there is around the host under test: names, mail servers, logins

All of it answers on addresses of the network outside; serve() starts it in threads.
"""
import os
import socket
import ssl
import struct
import threading

SERVER = "192.0.2.1"        # the host under test
STRANGER = "198.51.100.9"   # who is no client of ours
MAIL_HOST = "203.0.113.25"  # takes mail for everybody outside
NAME_SERVER = "203.0.113.53"
A, PTR, MX, IN = 1, 12, 15, 1
PASSWORD = "\0bob\0secret"


def encode_name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def address(text):
    return socket.inet_aton(text)


def exchanger(host):
    return struct.pack(">H", 10) + encode_name(host)


RECORDS = {
    ("outside.example", MX): [exchanger("mx.outside.example")],
    ("mx.outside.example", A): [address(MAIL_HOST)],
    ("partner.example", MX): [exchanger("mx.outside.example")],
    ("stranger.example", MX): [exchanger("mx.outside.example")],
    ("client.stranger.example", A): [address(STRANGER)],
    ("9.100.51.198.in-addr.arpa", PTR): [encode_name("client.stranger.example")],
    ("mail.example.com", A): [address(SERVER)],
    ("1.2.0.192.in-addr.arpa", PTR): [encode_name("mail.example.com")],
    ("example.com", MX): [exchanger("mail.example.com")],
    ("virtual.example", MX): [exchanger("mail.example.com")],
}


def question_of(packet):
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("ascii", "replace").lower())
        at += 1 + packet[at]
    kind, = struct.unpack(">H", packet[at + 1:at + 3])
    return ".".join(labels), kind, packet[12:at + 5]


def answer_to(packet):
    name, kind, question = question_of(packet)
    records = RECORDS.get((name, kind), [])
    exists = any(known == name or known.endswith("." + name) for known, _ in RECORDS)
    flags = 0x8580 if exists else 0x8583
    reply = packet[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0) + question
    for data in records:
        reply += b"\xc0\x0c" + struct.pack(">HHIH", kind, IN, 60, len(data)) + data
    return reply


def serve_names(server):
    while True:
        packet, client = server.recvfrom(4096)
        try:
            server.sendto(answer_to(packet), client)
        except (IndexError, struct.error):
            pass  # no question


def tls_context(etc):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(etc + "/tls/cert.pem", etc + "/tls/key.pem")
    return context


class MailHost:
    """a mail server outside: on 25 and 587 it offers STARTTLS, on 465 it speaks TLS at once"""

    def __init__(self, etc):
        self.context = tls_context(etc)
        self.mail = []

    def accept(self, server, wrapped):
        while True:
            peer = server.accept()[0]
            threading.Thread(target=self.talk, args=(peer, wrapped), daemon=True).start()

    def talk(self, peer, wrapped):
        try:
            if wrapped:
                peer = self.context.wrap_socket(peer, server_side=True)
            peer.sendall(b"220 mx.outside.example ESMTP\r\n")
            while self.commands(peer):
                peer = self.context.wrap_socket(peer, server_side=True)
        except OSError:
            pass  # the client went away

    def commands(self, peer):
        """True: the client asked for TLS"""
        secure = isinstance(peer, ssl.SSLSocket)
        hello = b"250-mx.outside.example\r\n" + (
            b"250-AUTH PLAIN LOGIN\r\n" if secure else b"250-STARTTLS\r\n") + b"250 8BITMIME\r\n"
        data = None
        for line in peer.makefile("rb"):
            word = line.strip().upper().split(b" ")[0]
            if data is not None:
                data.append(line)
                if line == b".\r\n":
                    self.mail.append(b"".join(data))
                    data = None
                    peer.sendall(b"250 2.0.0 Ok\r\n")
            elif word == b"EHLO":
                peer.sendall(hello)
            elif word == b"STARTTLS":
                peer.sendall(b"220 2.0.0 Ready\r\n")
                return True
            elif word == b"AUTH":
                peer.sendall(b"235 2.7.0 Ok\r\n")
            elif word == b"DATA":
                data = []
                peer.sendall(b"354 go on\r\n")
            elif word == b"QUIT":
                peer.sendall(b"221 2.0.0 Bye\r\n")
                return False
            else:
                peer.sendall(b"250 2.0.0 Ok\r\n")
        return False


def answer_login(peer):
    peer.sendall(b"VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t1\nCUID\t1\n"
                 b"COOKIE\t0123456789abcdef0123456789abcdef\nDONE\n")
    for line in peer.makefile("rb"):
        words = line.rstrip(b"\n").split(b"\t")
        if words[0] == b"AUTH":
            peer.sendall(b"OK\t%s\tuser=bob\n" % words[1])


def serve_logins(path):
    """what Dovecot says to smtpd: everybody is bob"""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    os.chmod(path, 0o666)
    server.listen(50)

    def accept():
        while True:
            threading.Thread(target=answer_login, args=(server.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def serve(tree):
    """starts all of it; returns the MailHost"""
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind((NAME_SERVER, 53))
    threading.Thread(target=serve_names, args=(names,), daemon=True).start()
    host = MailHost(tree + "/etc/postfix")
    for port in (25, 587, 465):
        listener = socket.create_server((MAIL_HOST, port))
        threading.Thread(target=host.accept, args=(listener, port == 465), daemon=True).start()
    private = tree + "/var/spool/postfix/private"
    if os.path.isdir(private):
        serve_logins(private + "/auth")
    return host
