#!/usr/bin/env python3
"""storm.py PID PORT MAILDIR SECONDS - kills the server in a storm of deliveries

Every message that was answered with 250 must be in new/, whole.  With "full" instead of PID: the
maildir takes only small files; a large message is answered with 451 4.3.0 and leaves nothing, and
the small one after it is taken.
"""
import os
import signal
import socket
import sys
import threading
import time

what, port, maildir = sys.argv[1], int(sys.argv[2]), sys.argv[3]
accepted = []
lock = threading.Lock()


def open_session():
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    lines = client.makefile("rb")

    def reply():
        while True:
            line = lines.readline()
            if not line:
                raise OSError("closed")
            if line[3:4] != b"-":
                return line

    def talk(text):
        client.sendall(text + b"\r\n")
        return reply()

    reply()
    talk(b"EHLO x.example")
    return client, talk


def deliver(talk, name, body):
    talk(b"MAIL FROM:<a@b.example>")
    talk(b"RCPT TO:<x@example.com>")
    talk(b"DATA")
    return talk(b"Subject: " + name + b"\r\n\r\n" + body + b"END\r\n.")


def storm(number):
    body = b"x" * 70 + b"\r\n"
    try:
        _, talk = open_session()
        for count in range(100000):
            name = b"%d-%d" % (number, count)
            if deliver(talk, name, body * (count % 200)).startswith(b"250"):
                with lock:
                    accepted.append((name, count % 200))
    except OSError:
        pass


def stored():
    found = {}
    for name in os.listdir(maildir + "/new"):
        with open(maildir + "/new/" + name, "rb") as file:
            text = file.read()
        subject = text.split(b"Subject: ", 1)[1].split(b"\n", 1)[0]
        found[subject] = text
    return found


def killed():
    threads = [threading.Thread(target=storm, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(float(sys.argv[4]) + 0.5)
    os.kill(int(what), signal.SIGKILL)
    for thread in threads:
        thread.join()
    found = stored()
    lost = [name for name, _ in accepted if name not in found]
    cut = [name for name, lines in accepted
           if name in found and not found[name].endswith(b"\n\n" + (b"x" * 70 + b"\n") * lines + b"END\n")]
    print("storm: %d answered with 250, %d in new, %d lost, %d not whole" % (len(accepted), len(found), len(lost), len(cut)))
    return accepted and not lost and not cut


def full():
    _, talk = open_session()
    large = deliver(talk, b"large", (b"x" * 70 + b"\r\n") * 2000)
    small = deliver(talk, b"small", b"")
    left = os.listdir(maildir + "/tmp")
    print("storm: full: %s; then %s" % (large.decode().strip(), small.decode().strip()))
    return (large == b"451 4.3.0 Error: queue file write error\r\n" and small.startswith(b"250")
            and not left and list(stored()) == [b"small"])


sys.exit(0 if (full() if what == "full" else killed()) else 1)
