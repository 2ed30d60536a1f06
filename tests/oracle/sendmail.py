#!/usr/bin/env python3
"""sendmail.py sendmail|postfix TREE FIXTURE WORK ANSWERS [CONVERTED] - asks one server a fixture's plan

FIXTURE has in/ with sendmail.mc, or sendmail.cf alone, and its tables, plan (sendmail_plan.py), and
maybe a directory
(sendmail_directory.py).  The server is the real one in TREE: Sendmail with a sendmail.cf that its own
m4 files make of in/, or Postfix with the files in CONVERTED.  ANSWERS gets what was answered, as
JSON, a list of {kind, ask, answer, said}.  To be run in a network of its own: unshare -n -m.
"""
import base64
import json
import os
import signal
import sys
import time

from sendmail_milter import serve_filters
from sendmail_plan import SERVER_ADDRESS, Plan
from sendmail_questions import Questions
from sendmail_server import Postfix, Sendmail
from sendmail_world import Client, Names, serve_names, serve_sink

IMPLICIT_TLS = 465
HOPS = "".join("Received: from a%d by b%d; Mon, 1 Jan 2024 00:00:00 +0000\r\n" % (i, i)
               for i in range(25))
TEXTS = {"yes": "\r\ntext", "nul": "\r\nte\0xt", "eight": "\r\nt\xe9xt"}


class Asker(Questions):
    def __init__(self, server, plan, names, mails, filtered):
        self.server, self.plan, self.names, self.mails = server, plan, names, mails
        self.filtered = filtered
        self.answers = []

    def note(self, kind, ask, answer, said=""):
        self.answers.append({"kind": kind, "ask": ask, "answer": answer, "said": said})

    def client(self, name, port, greet=True):
        """a session behind the greeting; its code"""
        address = self.plan.clients[name][0]
        if name == "self":
            client = Client(address, address, port, self.server.inside)
        else:
            client = Client(address, SERVER_ADDRESS, port)
        if port == IMPLICIT_TLS and self.wrapped:
            client.tls()
        return client, client.reply() if greet else 0

    # a port that speaks TLS from the first byte sends no greeting to one who waits for it
    def is_wrapped(self):
        self.wrapped = False
        try:
            client, _ = self.client("self", IMPLICIT_TLS, greet=False)
            client.socket.settimeout(2)
            try:
                client.reply()
            except TimeoutError:
                return True
            client.close()
        except OSError:
            pass
        return False

    def enter(self, client, helo, tls):
        code = client.send("EHLO " + helo)
        offers = list(client.lines)
        if tls and code // 100 == 2:
            code = client.send("STARTTLS")
            if code // 100 == 2:
                client.tls()
                code = client.send("EHLO " + helo)
                offers = list(client.lines)
        return code, offers

    @staticmethod
    def offered(lines):
        words = {line[4:].split()[0].upper(): line[4:].split()[1:] for line in lines if line[4:].split()}
        return {"STARTTLS": "STARTTLS" in words, "AUTH": sorted(words.get("AUTH", [])),
                "SIZE": " ".join(words.get("SIZE", ["none"])) or "0"}

    def ports(self):
        """what each port is, and what it offers before and after STARTTLS"""
        for port in sorted(set(self.plan.ports)):
            where = "port %d" % port
            try:
                client, code = self.client("stranger", port)
            except OSError:
                self.note("port", where + " is open", "closed")
                continue
            self.note("port", where + " is open", "%d" % (code // 100), "\n".join(client.lines))
            if code // 100 == 2:
                self.offers(client, where, port)
            client.close()

    def offers(self, client, where, port):
        code, lines = self.enter(client, "client.example", False)
        plain = self.offered(lines)
        if port == IMPLICIT_TLS and self.wrapped:
            self.note("tls", where + " begins with TLS", True)
        else:
            self.note("tls", where + " offers STARTTLS", plain["STARTTLS"], "\n".join(lines))
        self.note("auth", where + " offers AUTH", bool(plain["AUTH"]), "\n".join(lines))
        self.note("size", where + " SIZE", plain["SIZE"])
        if plain["AUTH"]:
            self.note("mechanisms", where + " mechanisms", plain["AUTH"])
        if plain["STARTTLS"]:
            code, lines = self.enter(client, "client.example", True)
            inside = self.offered(lines)
            self.note("tls", where + " STARTTLS works", code // 100)
            self.note("auth", where + " offers AUTH behind STARTTLS", bool(inside["AUTH"]),
                      "\n".join(lines))
            if inside["AUTH"]:
                self.note("mechanisms", where + " mechanisms behind STARTTLS", inside["AUTH"])

    def log_in(self, client, user):
        password = self.plan.passwords.get(user, "wrong")
        secret = base64.b64encode(("\0%s\0%s" % (user, password)).encode()).decode()
        return client.send("AUTH PLAIN " + secret)

    @staticmethod
    def recipient(client, recipient):
        """the code; 0 where the server has hung up"""
        try:
            return client.send("RCPT TO:<%s>" % recipient)
        except ConnectionError:
            return 0

    def transaction(self, question):
        """one digit for each recipient: the first refusal on the way to it, or 2"""
        options = question.options
        name, sender, recipients = question.words[0], question.words[1], question.words[2:]
        port = int(options.get("port", 25))
        try:
            client, code = self.client(name, port)
        except OSError:
            return ["closed"] * len(recipients), ["closed"]
        said = list(client.lines)
        try:
            if code // 100 == 2 and options.get("helo") != "none":
                code, _ = self.enter(client, options.get("helo", "client.example"),
                                     options.get("tls") == "yes")
                said += client.lines[:1]
            if code // 100 == 2 and "auth" in options:
                code = self.log_in(client, options["auth"])
                said += client.lines
            if code // 100 == 2:
                size = " SIZE=" + options["size"] if "size" in options else ""
                code = client.send("MAIL FROM:<%s>%s" % (sender if sender != "<>" else "", size))
                said += client.lines
            codes = []
            for recipient in recipients:
                one = code
                if code // 100 == 2:
                    one = self.recipient(client, recipient)
                    said += client.lines
                codes.append(str(one // 100))
            if options.get("data") in TEXTS and "2" in codes:
                code = client.send("DATA")
                if code == 354:
                    code = client.send("Subject: test\r\n%s\r\n." % TEXTS[options["data"]])
                said += client.lines
                codes = [str(code // 100) if one == "2" else one for one in codes]
            client.close()
        except OSError as error:
            return ["gone"] * len(recipients), said + [str(error)]
        return codes, said

    def ask(self, question):
        mark = len(self.server.lines())
        codes, said = self.transaction(question)
        if any(": discard: " in line for line in self.server.lines(mark)):
            said.append("(discarded)")
        options = "".join(" %s=%s" % item for item in question.options.items())
        for code, recipient in zip(codes, question.words[2:]):
            self.note("session", "%s%s: from %s to %s" % (question.words[0], options,
                                                        question.words[1], recipient),
                      code, "\n".join(said))

    def greet(self, question):
        """how long one waits who does, and what one gets who speaks before the greeting"""
        name, port = question.words[0], int(question.options.get("port", 25))
        where = "%s port %d" % (name, port)
        begun = time.monotonic()
        client, _ = self.client(name, port)
        pause = time.monotonic() - begun
        self.note("greet", where + ": seconds", round(pause), client.lines[0])
        client.close()
        for when, delay in (("at once", 0), ("half-way", pause / 2)):
            time.sleep(min(pause, 2))  # postscreen forgets within a second whom it let in
            code, said = self.speak_first(name, port, delay)
            self.note("greet", where + ": speaks " + when, str(code // 100), "\n".join(said))

    def speak_first(self, name, port, delay):
        """the first refusal on the way to a recipient, or 250"""
        client, _ = self.client(name, port, greet=False)
        time.sleep(delay)
        client.file.write(b"EHLO client.example\r\n")
        client.file.flush()
        said = []
        code = client.reply()
        for text in ("", "MAIL FROM:<who@stranger.example>", "RCPT TO:<%s>" % self.plan.users[0]):
            said = said or client.lines
            if code // 100 != 2:
                break
            code = client.send(text) if text else client.reply()
            said = client.lines
        client.socket.close()
        return code, said

    def crowd(self, question):
        """many connections of one client: the first refusal of each on its way to a recipient"""
        name, number, port = question.words[0], int(question.words[1]), question.options.get("port", 25)
        for how in ("side by side", "one by one"):
            found, clients = [], []
            for _ in range(number):
                try:
                    client, code = self.client(name, int(port))
                    clients.append(client)
                    for text in ("EHLO client.example", "MAIL FROM:<who@stranger.example>",
                                 "RCPT TO:<%s>" % self.plan.users[0]):
                        code = client.send(text) if code // 100 == 2 else code
                    found.append(str(code // 100))
                except OSError:
                    found.append("gone")
                if how == "one by one":
                    clients.pop().close()
            for client in clients:
                client.close()
            self.note("crowd", "%s: %d %s" % (name, number, how), "".join(found))
            time.sleep(0.5)

    def verify(self, question):
        command = {"verify": "VRFY", "expand": "EXPN"}[question.kind]
        try:
            client, _ = self.client(question.words[0], int(question.options.get("port", 25)))
        except OSError:
            self.note("verify", "%s: %s %s" % (question.words[0], command, question.words[1]), "closed")
            return
        client.send("EHLO client.example")
        code = client.send("%s %s" % (command, question.words[1]))
        self.note("verify", "%s: %s %s" % (question.words[0], command, question.words[1]),
                  str(code // 100), "\n".join(client.lines))
        client.close()

    def routes(self):
        addresses = []
        for question in self.plan.questions:
            if question.kind == "route":
                addresses += [word for word in question.words if word not in addresses]
        if not addresses:
            return
        if isinstance(self.server, Sendmail):
            for address in addresses:
                routes, said = self.server.routes(address, self.names)
                self.note("route", address, routes, said + "\n" + self.server.triple(address))
            return
        said = self.server.routes_all(addresses)
        for address in addresses:
            self.note("route", address, [list(route) for route in said[address]])

    def send(self, question, number):
        """a mail that leaves: who sends it, and who gets it, at the sink"""
        name, sender, recipients = question.words[0], question.words[1], question.words[2:]
        header = question.options.get("header", sender)
        mark = len(self.mails)
        try:
            client, code = self.client(name, int(question.options.get("port", 25)))
            client.send("EHLO client.example")
            code = client.send("MAIL FROM:<%s>" % (sender if sender != "<>" else ""))
            codes = [client.send("RCPT TO:<%s>" % one) // 100 for one in recipients]
            if 2 in codes and client.send("DATA") == 354:
                to = "" if question.options.get("to") == "none" else (
                    "To: %s\r\n" % ", ".join(recipients))
                hops = HOPS if question.options.get("hops") == "yes" else ""
                client.send("%sFrom: %s\r\n%sX-Plan: %d\r\n\r\ntext\r\n." % (hops, header, to,
                                                                           number))
            client.close()
        except OSError as error:
            self.note("leaves", question.text(), str(error))
            return
        wanted = sum(1 for one in codes if one == 2)
        until = time.monotonic() + 6
        while time.monotonic() < until:
            mails = [mail for mail in self.mails[mark:]
                     if mail["headers"].get("x-plan") == str(number)]
            if sum(len(mail["to"]) for mail in mails) >= wanted:
                break
            time.sleep(0.1)
        self.leaves(question, mails)

    def leaves(self, question, mails):
        text = question.text()
        self.note("leaves", text + ": sender", sorted({mail["from"].lower() for mail in mails}))
        self.note("leaves", text + ": From:",
                  sorted({mail["headers"].get("from", "") for mail in mails}))
        self.note("leaves", text + ": To:", sorted({mail["headers"].get("to", "") for mail in mails}))
        self.note("leaves", text + ": EHLO", sorted({mail["helo"] for mail in mails}))
        self.note("leaves", text + ": recipients at a time", sorted(len(mail["to"]) for mail in mails))
        if self.plan.peer:
            self.note("leaves", text + ": TLS", sorted({mail["tls"] for mail in mails}))
        self.note("leaves", text + ": recipients, hosts, logins", sorted(
            "%s %s:%d %s" % (to, mail["host"], mail["port"], mail["login"])
            for mail in mails for to in mail["to"]))

    def all(self):
        self.wrapped = self.is_wrapped()
        self.ports()
        for number, question in enumerate(self.plan.questions):
            if question.kind == "ask":
                self.ask(question)
            elif question.kind == "crowd":
                self.crowd(question)
            elif question.kind == "greet":
                self.greet(question)
            elif question.kind in ("verify", "expand"):
                self.verify(question)
            elif question.kind == "send":
                self.send(question, number)
            elif question.kind != "route":
                getattr(self, "ask_" + question.kind)(question)
        self.routes()


def main():
    kind, tree, fixture, work, answers = sys.argv[1:2] + [
        os.path.abspath(name) for name in sys.argv[2:6]]
    plan = Plan(os.path.join(fixture, "plan"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if kind == "sendmail":
        server = Sendmail(tree, fixture, plan, work)
    else:
        server = Postfix(tree, fixture, plan, work, os.path.abspath(sys.argv[6]))
    try:
        names = Names(plan, SERVER_ADDRESS)
        serve_names(names)
        mails = serve_sink(plan.peer, work)
        filtered = serve_filters(plan.filters)
        complaints = server.start()
        time.sleep(0.5)
        asker = Asker(server, plan, names, mails, filtered)
        asker.all()
        with open(answers, "w", encoding="utf-8") as file:
            json.dump({"complaints": complaints, "answers": asker.answers,
                       "log": server.lines()}, file, indent=1)
    finally:
        server.stop()


main()
