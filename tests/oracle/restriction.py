"""The same sessions asked of smtpd in a chroot and of restriction_sessions; prints a table of agreement.

restriction.py ROOT RELEASE PLATFORM PROGRAM BASE_PORT

ROOT is a tree with Postfix for chroot.  Each configuration of CONFIGURATIONS is one smtpd on a port
of its own, in one master.cf.  XCLIENT makes the clients.  No mail leaves: there is no queue manager.
Its last line has two numbers: replies that are the same, and those that differ.
"""
import concurrent.futures
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
from restriction_cases import CONFIGURATIONS, MAIN_CF, SESSIONS, TABLES

ROOT, RELEASE, PLATFORM, PROGRAM, BASE = sys.argv[1:5] + [int(sys.argv[5])]
QUEUES = "active bounce corrupt defer deferred flush hold incoming maildrop private public saved " \
         "trace pid".split()
SHORT = {"client": "smtpd_client_restrictions", "helo": "smtpd_helo_restrictions",
         "sender": "smtpd_sender_restrictions", "relay": "smtpd_relay_restrictions",
         "recipient": "smtpd_recipient_restrictions", "data": "smtpd_data_restrictions",
         "end": "smtpd_end_of_data_restrictions", "etrn": "smtpd_etrn_restrictions"}


def write(path, text):
    with open(path, "w") as out:
        out.write(text)


def make(top):
    """Writes the configuration below TOP, a directory in ROOT."""
    inside = top[len(ROOT):]
    etc, queue = top + "/etc", top + "/queue"
    for name in ["etc", "data", "queue"] + ["queue/" + name for name in QUEUES]:
        os.mkdir(top + "/" + name)
    passwd = dict((row.split(":")[0], row.split(":")) for row in open(ROOT + "/etc/passwd"))
    uid = int(passwd["postfix"][2])
    for name in QUEUES + ["../data"]:
        os.chown(queue + "/" + name, uid, -1)
    os.chmod(top, 0o755)
    main = MAIN_CF.format(queue=inside + "/queue", data=inside + "/data", log=inside + "/log")
    master = ["rewrite unix - - n - - trivial-rewrite", "cleanup unix n - n - 0 cleanup",
              "postlog unix-dgram n - n - 1 postlogd", "proxymap unix - - n - - proxymap"]
    for number, (_, values) in enumerate(CONFIGURATIONS):
        assert number < 99
        master.append("127.0.0.1:%d inet n - n - 1 smtpd" % (BASE + number))
        given = {SHORT.get(name, name): value for name, value in values.items()}
        for name, value in given.items():
            main += "c%d_%s = %s\n" % (number, name, value.replace("PROXY", str(BASE + 99)))
            master.append("  -o %s=$c%d_%s" % (name, number, name))
    write(etc + "/main.cf", main)
    write(etc + "/master.cf", "\n".join(master) + "\n")
    for name, text in TABLES.items():
        write(etc + "/" + name, text)
    return etc


def serve_logins(path):
    """What smtpd wants to hear from Dovecot before it offers AUTH."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    os.chmod(path, 0o666)
    server.listen(200)

    def serve():
        kept = []
        while True:
            peer = server.accept()[0]
            kept.append(peer)
            peer.sendall(b"VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\n"
                         b"COOKIE\t0123456789abcdef0123456789abcdef\nDONE\n")

    threading.Thread(target=serve, daemon=True).start()


def serve_proxy(port):
    """What smtpd_proxy_filter talks to: it takes everything."""
    def talk(peer):
        data = False
        peer.sendall(b"220 proxy ESMTP\r\n")
        try:
            for line in peer.makefile("rb"):
                word = line.strip().upper()
                if data and word != b".":
                    continue
                data = word == b"DATA"
                peer.sendall(b"354 go on\r\n" if data else b"250 2.0.0 Ok\r\n")
        except OSError:
            peer.close()  # smtpd went away

    server = socket.create_server(("127.0.0.1", port))

    def serve():
        while True:
            threading.Thread(target=talk, args=(server.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()


class Server:
    """One SMTP connection to the real server."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.file = self.socket.makefile("rb")
        self.open = True

    def reply(self):
        text = []
        while True:
            line = self.file.readline().decode("utf-8", "surrogateescape")
            if not line:
                self.open = False
                return "closed"
            text.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                return "\n".join(text)

    def ask(self, line):
        if not self.open:
            return "closed"
        try:
            self.socket.sendall(line.encode("utf-8", "surrogateescape") + b"\r\n")
            return self.reply()
        except OSError:
            self.open = False
            return "closed"


def xclient(step, login):
    _, address, name, reverse = step.split(" ")
    special = {"unknown": "[UNAVAILABLE]", "tempfail": "[TEMPUNAVAIL]"}
    words = ["XCLIENT", "ADDR=" + ("IPV6:" + address if ":" in address else address),
             "NAME=" + special.get(name, name), "REVERSE_NAME=" + special.get(reverse, reverse)]
    return " ".join(words + (["LOGIN=" + login] if login else []))


def ask_real(port, steps):
    """The reply to each step, "ok" for a positive one."""
    login = next((step.split(" ", 1)[1] for step in steps if step.startswith("login ")), None)
    server = Server(port)
    server.reply()
    server.ask("EHLO oracle.example")
    answers = []
    for step in steps:
        command, _, rest = step.partition(" ")
        if command == "client":
            reply = server.ask(xclient(step, login))
        elif command == "login":
            reply = "250 ok"
        elif command == "helo":
            reply = server.ask("EHLO " + rest)
        elif command == "mail":
            path, _, size = rest.partition(" ")
            reply = server.ask("MAIL FROM:" + path + (" SIZE=" + size if size else ""))
        elif command == "rcpt":
            reply = server.ask("RCPT TO:" + rest)
        elif command == "end":
            reply = server.ask("Subject: check\r\n\r\ntext\r\n.") if answers[-1] == "ok" else "-"
        else:
            reply = server.ask(step.upper() if command in ("data", "rset") else
                               command.upper() + " " + rest)
        # 459: ETRN is let through, and there is no service behind it
        answers.append("ok" if reply[:1] in "23" or reply[:3] == "459" else reply)
    server.socket.close()
    return answers


def ask_ours(etc):
    """All sessions of all configurations at once: number of each to its answers."""
    lines, places = [], []
    for number in range(len(CONFIGURATIONS)):
        for index, steps in enumerate(SESSIONS):
            lines.append("service %d" % (BASE + number))
            places.append(None)
            for at, step in enumerate(steps):
                lines.append(step)
                places.append((number, index, at))
    started = time.time()
    run = subprocess.run([PROGRAM, PLATFORM, etc], input="\n".join(lines) + "\n", text=True,
                         stdout=subprocess.PIPE, check=True, errors="surrogateescape",
                         encoding="utf-8")
    print("%s: ours took %.2f s for %d steps" % (RELEASE, time.time() - started, len(lines)))
    answers = run.stdout.split("\n")
    return {place: answer for place, answer in zip(places, answers) if place}


def codes(reply):
    words = reply.split(" ")
    return words[:2] if len(words) > 1 and words[1][:1] in "245" and words[1][1:2] == "." \
        else words[:1]


class Table:
    def __init__(self):
        self.rows, self.differences = {}, []

    def add(self, place, step, ours, real):
        row = self.rows.setdefault(step.split(" ")[0], [0, 0, 0, 0, 0])
        row[0] += 1
        if ours.startswith("?"):
            row[1] += 1
            return
        row[2] += 1
        same_codes, same_text = codes(ours) == codes(real), ours == real
        row[3] += same_codes
        row[4] += same_text
        if not same_text:
            self.differences.append((place, step, ours, real))

    def show(self):
        print("%-8s %8s %13s %11s %10s %10s" % (RELEASE, "asked", "undetermined", "determined",
                                               "codes", "text"))
        total = [sum(row[i] for row in self.rows.values()) for i in range(5)]
        for name, row in list(self.rows.items()) + [("all", total)]:
            print("%-8s %8d %13d %11d %10d %10d" % tuple([name] + row))
        if total[2]:
            print("%s: %.2f %% with the same codes, %.2f %% with the same text" %
                  (RELEASE, 100 * total[3] / total[2], 100 * total[4] / total[2]))


def ask_all(number):
    return [ask_real(BASE + number, steps) for steps in SESSIONS]


def compare(ours):
    table = Table()
    with concurrent.futures.ThreadPoolExecutor(len(CONFIGURATIONS)) as pool:
        answers = list(pool.map(ask_all, range(len(CONFIGURATIONS))))
    for number, (title, _) in enumerate(CONFIGURATIONS):
        for index, steps in enumerate(SESSIONS):
            real = answers[number][index]
            for at, step in enumerate(steps):
                if step.startswith("login ") or real[at] == "-":
                    continue
                mine = ours[(number, index, at)]
                table.add((title, index), step, mine, real[at])
                if at == 0 and real[at] != "ok":
                    break  # what follows is the session's
                if real[at] == "closed" or mine.lstrip("?")[:3] in ("421", "521"):
                    break
    return table


def main():
    top = tempfile.mkdtemp(prefix="postmend-check.", dir=ROOT + "/tmp")
    try:
        etc = make(top)
        serve_logins(top + "/queue/private/auth")
        serve_proxy(BASE + 99)
        master = subprocess.Popen(
            ["chroot", ROOT, "/usr/lib/postfix/sbin/master", "-c", etc[len(ROOT):], "-d"],
            start_new_session=True, stdin=subprocess.DEVNULL)
        try:
            for _ in range(100):
                try:
                    socket.create_connection(("127.0.0.1", BASE), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            table = compare(ask_ours(etc))
        finally:
            master.terminate()
            master.wait()
        table.show()
        limit = int(os.environ.get("DIFF_LINES", "40"))
        for (title, index), step, mine, real in table.differences[:limit]:
            print("  %s, session %d, %s\n    ours %s\n    real %s" % (title, index, step, mine, real))
        print(sum(row[4] for row in table.rows.values()), len(table.differences))
    finally:
        shutil.rmtree(top)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
