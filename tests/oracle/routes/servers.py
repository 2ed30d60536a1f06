"""servers.py - mail servers of many kinds, as the next hops of the real smtp(8)

Each listens on a port of loopback, takes all mail, and remembers of each recipient whether it came by TLS,
and who had logged in.
"""
import base64
import os
import socket
import ssl
import subprocess
import threading

NAME = "mx.test.example"
# kind: certificate, then what is special
KINDS = {
    "plain": ("", ""), "good": ("good", ""), "unknown": ("unknown", ""), "expired": ("expired", ""),
    "othername": ("othername", ""), "refuses": ("good", "refuses"), "broken": ("good", "broken"),
    "wrapped": ("good", "wrapped"), "auth": ("", "auth"), "authtls": ("good", "auth"),
    "cram": ("", "cram"),
}


def openssl(*words):
    done = subprocess.run(["openssl"] + list(words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, text=True)
    if done.returncode != 0:
        raise RuntimeError("%s: %s" % (" ".join(words), done.stdout[-300:]))


def make_certificates(place):
    """ca.pem, and NAME.pem with its key, of each kind"""
    def path(name):
        return os.path.join(place, name)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "20", "-subj", "/CN=Test CA",
            "-keyout", path("ca.key"), "-out", path("ca.pem"))
    open(path("index"), "w", encoding="ascii").close()
    with open(path("ca.cnf"), "w", encoding="ascii") as out:
        out.write("[ca]\ndefault_ca=one\n[one]\ndatabase=%s\nnew_certs_dir=%s\npolicy=any\n"
                  "default_md=sha256\nrand_serial=yes\nunique_subject=no\ncopy_extensions=copy\n"
                  "[any]\ncommonName=supplied\n" % (path("index"), place))
    for kind, name, dates in (("good", NAME, ()), ("othername", "other.test.example", ()),
                              ("expired", NAME, ("-startdate", "20200101000000Z", "-enddate",
                                                 "20200201000000Z"))):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-addext",
                "subjectAltName=DNS:" + name, "-keyout", path(kind + ".key"), "-out",
                path(kind + ".csr"))
        openssl("ca", "-batch", "-notext", "-config", path("ca.cnf"), "-cert", path("ca.pem"),
                "-keyfile", path("ca.key"), "-in", path(kind + ".csr"), "-out", path(kind + ".crt"),
                *(dates or ("-days", "10")))
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "10", "-subj", "/CN=" + NAME,
            "-addext", "subjectAltName=DNS:" + NAME, "-keyout", path("unknown.key"), "-out",
            path("unknown.crt"))


class Server:
    """one kind"""

    def __init__(self, kind, place, port):
        certificate, self.special = KINDS[kind]
        self.kind, self.port, self.got = kind, port, {}
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain("%s/%s.crt" % (place, certificate),
                                         "%s/%s.key" % (place, certificate))
        self.socket = socket.create_server(("127.0.0.1", port), backlog=200)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection = self.socket.accept()[0]
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            connection.settimeout(60)
            tls = False
            if self.special == "wrapped":
                connection, tls = self.context.wrap_socket(connection, server_side=True), True
            Session(self, connection, tls).run()
        except (OSError, ValueError):
            pass
        finally:
            connection.close()


class Session:
    def __init__(self, server, connection, tls):
        self.server, self.connection, self.tls = server, connection, tls
        self.file = connection.makefile("rb")
        self.user, self.recipient = "", ""

    def say(self, text):
        self.connection.sendall(text.encode("ascii") + b"\r\n")

    def hear(self):
        return self.file.readline(4096).decode("utf-8", "replace").rstrip("\r\n")

    def run(self):
        self.say("220 %s ESMTP" % NAME)
        while True:
            line = self.hear()
            if not line or self.answer(line) == "end":
                return

    def answer(self, line):
        word = line.split(" ")[0].upper()
        if word in ("EHLO", "LHLO"):
            self.say("250-" + NAME)
            special = self.server.special
            if self.server.context and not self.tls:
                self.say("250-STARTTLS")
            if special == "cram" or (special == "auth" and (self.tls or not self.server.context)):
                self.say("250-AUTH " + ("CRAM-MD5" if special == "cram" else "PLAIN LOGIN"))
            self.say("250 8BITMIME")
        elif word == "STARTTLS":
            return self.start_tls()
        elif word == "AUTH":
            self.take_login(line)
        elif word == "RCPT":
            self.recipient = line.partition("<")[2].partition(">")[0]
            self.say("250 2.1.5 Ok")
        elif word == "DATA":
            self.say("354 go on")
            while self.hear() != ".":
                pass
            self.server.got[self.recipient] = (self.tls, self.user)
            self.say("250 2.0.0 taken")
        elif word == "QUIT":
            self.say("221 bye")
            return "end"
        else:
            self.say("250 2.0.0 Ok")
        return ""

    def start_tls(self):
        if self.server.special == "refuses":
            self.say("454 4.7.0 TLS not available")
            return ""
        self.say("220 go on")
        if self.server.special == "broken":
            return "end"
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.file, self.tls, self.user = self.connection.makefile("rb"), True, ""
        return ""

    def take_login(self, line):
        words = line.split(" ")
        if words[1] == "PLAIN":
            if len(words) < 3:
                self.say("334 ")
                words.append(self.hear())
            self.user = base64.b64decode(words[2]).split(b"\0")[1].decode()
        elif words[1] == "LOGIN":
            if len(words) < 3:
                self.say("334 VXNlcm5hbWU6")
                words.append(self.hear())
            self.user = base64.b64decode(words[2]).decode()
            self.say("334 UGFzc3dvcmQ6")
            self.hear()
        else:
            self.say("334 " + base64.b64encode(b"<1.2@x>").decode())
            self.user = base64.b64decode(self.hear()).split(b" ")[0].decode()
        self.say("235 2.7.0 Ok")
