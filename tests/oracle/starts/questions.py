"""questions.py - what its users ask of a host: does it start, answer, take mail and deliver it

ask() returns {"answers": {...}, "log": [...]}.  The answers, by name:

    start               ok, or refused
    smtp                a stranger at port 25: the greeting's code; "silence", "closed", "no listener"
    smtp.ehlo           where it is no 250
    smtp.starttls       ok, absent, failed, or a reply that is no 220
    smtp.mail           to MAIL; smtp.local, smtp.virtual, smtp.partner, smtp.relay to RCPT for a user, a
                        virtual mailbox, a domain that is relayed, and an address outside; smtp.data to
                        the end of the message; smtp.etrn to ETRN for the domain that is relayed
    submission, submissions     a user at port 587, at 465 (by TLS): the same, and .auth
    sendmail            by the command: ok, or what it printed
    mailq               postqueue -p: ok, or what it printed
    mail.local, mail.virtual, mail.partner, mail.outside, mail.sendmail     what became of these messages:
                        delivered, sent, "deferred 4.3.0", "bounced 5.1.1", "stays in maildrop", gone
    mail.bounce         what became of the notice that the command's other recipient is unknown

What was not asked, since a step before it failed, is not there.
"""
import base64
import os
import re
import socket
import ssl
import subprocess
import threading
import time

import outside

# on a machine where each processor has more than a few programs to run, all take longer
SLOWER = min(4, max(1, os.getloadavg()[0] / (os.cpu_count() or 1) / 6))
PATIENCE = 12 * SLOWER  # seconds until no answer is an answer
HOPELESS = 5 * SLOWER   # seconds, where the log says that no answer will come
QUIET = 7 * SLOWER      # seconds without a line in the log until mail is said to stay where it is
LOCAL, VIRTUAL = "bob@example.com", "info@virtual.example"
PARTNER, OUTSIDE = "someone@partner.example", "friend@outside.example"
NOTICE = b"Subject: Undelivered Mail"
SENDER, SENDMAIL, UNKNOWN = "carol@example.com", "alice@example.com", "nosuch@example.com"


class Silence(Exception):
    """the answer that ends a session"""


def code_of(reply):
    """250 or 250 2.1.0"""
    match = re.match(r"(\d{3})(?:[ -]([245]\.\d+\.\d+))?", reply)
    return " ".join(filter(None, match.groups())) if match else "not SMTP"


class Session:
    def __init__(self, host, port, name, source):
        self.host, self.name, self.answers = host, name, {}
        self.port, self.source = port, source
        self.socket = self.file = None
        self.lines = []
        self.since = 0  # when the wait for a reply began
        self.given_up = self.over = False

    def note(self, step, answer):
        self.answers[self.name + (step and "." + step)] = answer
        return answer

    def connect(self):
        try:
            self.socket = socket.create_connection(
                (outside.SERVER, self.port), timeout=PATIENCE, source_address=(self.source, 0))
        except ConnectionRefusedError:
            raise Silence("no listener") from None
        except TimeoutError:
            raise Silence("silence") from None
        self.since = time.monotonic()
        threading.Thread(target=self.watch, daemon=True).start()
        self.file = self.socket.makefile("rb")

    def watch(self):
        """what will not answer soon is not waited for: a server that master(8) does not start again,
        or one that waits for a service that does not exist"""
        while not self.over:
            if time.monotonic() > self.since + HOPELESS and self.is_hopeless():
                self.given_up = True
                self.shut()
                return
            time.sleep(0.2)

    def is_hopeless(self):
        """does the log say so?"""
        log = self.host.log
        if self.name in self.answers:
            return log.has(r"smtpd: warning: connect #\d+ to subsystem")
        program = "(smtpd|postscreen)" if self.name == "smtp" else self.name + "/smtpd"
        return log.has("^%s: fatal: " % program) and not log.has("^%s: connect" % program) and \
            log.has(r"^master: warning: .*/(smtpd|postscreen): bad command startup")

    def shut(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # closed at the same time

    def reply(self):
        self.lines = []
        while True:
            try:
                line = self.file.readline().decode("utf-8", "replace")
            except TimeoutError:
                raise Silence("silence") from None
            except OSError:
                raise Silence("silence" if self.given_up else "closed") from None
            if not line:
                raise Silence("silence" if self.given_up else "closed")
            self.lines.append(line.rstrip())
            if line[3:4] != "-":
                return code_of(self.lines[-1])

    def command(self, line):
        self.since = time.monotonic()
        try:
            self.socket.sendall(line.encode() + b"\r\n")
        except OSError:
            raise Silence("closed") from None
        return self.reply()

    def ask(self, step, line):
        try:
            return self.note(step, self.command(line))
        except Silence as silence:
            self.note(step, str(silence))
            raise

    def greet(self):
        try:
            self.connect()
            if self.port == 465:
                self.wrap()
            code = self.reply()
        except ssl.SSLEOFError:
            code = "closed"
        except ssl.SSLError:
            code = "no TLS"
        except TimeoutError:
            code = "silence"
        except OSError:
            code = "closed"
        except Silence as silence:
            code = str(silence)
        self.note("", "silence" if self.given_up else code)
        if code != "220":
            raise Silence

    def wrap(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        self.socket = context.wrap_socket(self.socket, do_handshake_on_connect=False)
        self.socket.do_handshake()
        self.file = self.socket.makefile("rb")

    def offers(self, word):
        return any(line[4:].upper().split(" ")[0] == word for line in self.lines)

    def hello(self):
        if self.ask("ehlo", "EHLO client.stranger.example") != "250":
            raise Silence
        del self.answers[self.name + ".ehlo"]

    def start_tls(self):
        if not self.offers("STARTTLS"):
            self.note("starttls", "absent")
            return
        code = self.ask("starttls", "STARTTLS")
        if code.startswith("220"):
            try:
                self.wrap()
            except OSError:
                self.note("starttls", "failed")
                raise Silence from None
            self.note("starttls", "ok")
            self.hello()

    def login(self):
        if not self.offers("AUTH"):
            self.note("auth", "absent")
            return
        self.ask("auth", "AUTH PLAIN " + base64.b64encode(outside.PASSWORD.encode()).decode())

    def send(self, subject):
        if self.ask("data", "DATA").startswith("354"):
            self.ask("data", "Subject: %s\r\n\r\ntext\r\n." % subject)

    def mail(self, sender):
        return self.ask("mail", "MAIL FROM:<%s>" % sender).startswith("250")

    def recipient(self, step, recipient):
        return self.ask(step, "RCPT TO:<%s>" % recipient).startswith("250")


def ask_stranger(session):
    session.greet()
    session.hello()
    session.start_tls()
    for step, recipient in (("local", LOCAL), ("virtual", VIRTUAL), ("partner", PARTNER)):
        if session.mail("someone@stranger.example") and session.recipient(step, recipient):
            session.send("to-" + step)
        session.command("RSET")
    if session.mail("someone@stranger.example"):
        session.recipient("relay", OUTSIDE)
    session.command("RSET")
    session.ask("etrn", "ETRN partner.example")


def ask_user(session):
    session.greet()
    session.hello()
    if session.port == 587:
        session.start_tls()
    session.login()
    if session.mail("bob@example.com") and session.recipient("relay", OUTSIDE) and \
            session.port == 587:
        session.send("to-outside")


def run_session(session, talk):
    try:
        talk(session)
        session.command("QUIT")
    except Silence:
        pass
    finally:
        session.over = True
        if session.socket:
            session.socket.close()


def printed(done):
    """ok, or the last line that a command printed"""
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    return "ok" if done.returncode == 0 else lines[-1] if lines else "status %d" % done.returncode


def ask_command(host, name, answers, *words, options=()):
    try:
        answers[name] = printed(host.chroot(*words, options=options, timeout=2 * PATIENCE))
    except subprocess.TimeoutExpired:
        answers[name] = "silence"


def ask_sendmail(host, answers):
    ask_command(host, "sendmail", answers, "sh", "-c",
                "printf 'Subject: by-sendmail\\n\\ntext\\n' | /usr/sbin/sendmail "
                "-f %s %s %s" % (SENDER, SENDMAIL, UNKNOWN), options=("--userspec=bob:bob",))


def files_below(*directories):
    for directory in directories:
        for path, _, names in os.walk(directory):
            for name in names:
                yield os.path.join(path, name)


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""  # it has just gone


def has_message(text, subject):
    """in a mailbox or a file of one message; what a notice quotes does not count"""
    messages = re.split(rb"^From ", text, flags=re.M)
    return any(subject in message and (subject == NOTICE or NOTICE not in message)
               for message in messages)


class Mail:
    """the messages that were accepted, and what became of them"""

    def __init__(self, host, mail_host, answers):
        self.host, self.mail_host = host, mail_host
        self.waiting = {}
        for name, step, recipient, subject in (
                ("local", "smtp.data", LOCAL, "to-local"),
                ("virtual", "smtp.data", VIRTUAL, "to-virtual"),
                ("partner", "smtp.data", PARTNER, "to-partner"),
                ("outside", "submission.data", OUTSIDE, "to-outside"),
                ("sendmail", "sendmail", SENDMAIL, "by-sendmail"),
                ("bounce", "sendmail", UNKNOWN, "Undelivered Mail")):
            taken = answers.get(step, "").startswith(("250", "ok"))
            if taken and answers.get("smtp." + name, "250").startswith("250"):
                self.waiting[name] = (recipient, b"Subject: " + subject.encode())
        self.fates = {}

    def is_delivered(self, subject):
        mailboxes = files_below(self.host.tree + "/var/mail", self.host.tree + "/home")
        return any(has_message(text, subject) for text in self.mail_host.mail) or any(
            has_message(read(path), subject) for path in mailboxes)

    def fate(self, name, recipient, subject):
        if self.is_delivered(subject):
            return "delivered"
        for _, text in list(self.host.log.lines):
            match = re.search(r"to=<%s>,.* dsn=([\d.]+), status=(sent|deferred|bounced)" %
                              re.escape(recipient), text)
            if match and (name, match[2]) != ("bounce", "bounced"):
                sent = "delivered" if self.is_delivered(subject) else "sent"
                return sent if match[2] == "sent" else "%s %s" % (match[2], match[1])
        return None

    def look(self):
        for name, (recipient, subject) in list(self.waiting.items()):
            fate = self.fate(name, recipient, subject)
            if fate:
                self.fates["mail." + name] = fate
                del self.waiting[name]

    def wait(self):
        end = time.monotonic() + 2 * PATIENCE
        while self.waiting and time.monotonic() < min(end, self.host.log.last + QUIET):
            self.host.log.take_file(self.host.tree + "/var/log/postfix.log")
            self.look()
            time.sleep(0.1)
        self.look()
        for name, (_, subject) in self.waiting.items():
            self.fates["mail." + name] = self.queue_of(subject)
        if self.fates.get("mail.sendmail") != "delivered":
            self.fates.pop("mail.bounce", None)  # it has not come to that
        return self.fates

    def queue_of(self, subject):
        queue = self.host.tree + "/var/spool/postfix/"
        for name in ("maildrop", "incoming", "active", "deferred", "hold", "corrupt"):
            if any(has_message(read(path), subject) for path in files_below(queue + name)):
                return "stays in " + name
        return "gone"


def ask(host, mail_host):
    done = host.chroot("postfix", "start")
    host.log.add(done.stdout)
    answers = {"start": "ok" if done.returncode == 0 else "refused"}
    sessions = []
    if done.returncode == 0:
        sessions = [(Session(host, 25, "smtp", outside.STRANGER), ask_stranger),
                    (Session(host, 587, "submission", outside.STRANGER), ask_user),
                    (Session(host, 465, "submissions", outside.STRANGER), ask_user)]
        threads = [threading.Thread(target=run_session, args=one) for one in sessions]
        threads.append(threading.Thread(target=ask_sendmail, args=(host, answers)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for session, _ in sessions:
            answers.update(session.answers)
        answers.update(Mail(host, mail_host, answers).wait())
        ask_command(host, "mailq", answers, "postqueue", "-p")
    return {"answers": answers, "log": list(host.log.lines)}
