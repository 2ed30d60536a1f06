"""Asks a Postfix of one tree, in a directory of its own, and prints its replies.

ask.py ROOT DIRECTORY PORT <questions    (questions as in tests/oracle/address.c)
"""
import os
import socket
import subprocess
import sys
import time

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
anvil unix - - n - 1 anvil
"""


def run(root, *command, check=True):
    return subprocess.run(("chroot", root) + command, check=check, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.file = self.socket.makefile("rb")
        self.reply()

    def reply(self):
        while True:
            line = self.file.readline()
            if not line:
                raise EOFError("smtpd hung up")
            if line[3:4] != b"-":
                return line.rstrip(b"\r\n")

    def say(self, line):
        self.socket.sendall(line + b"\r\n")
        return self.reply()

    def close(self):
        self.socket.close()


def open_client(port, stranger):
    client = Client(port)
    client.say(b"EHLO localhost")
    if stranger:
        client.say(b"XCLIENT ADDR=198.51.100.9 NAME=[UNAVAILABLE]")
        client.say(b"EHLO localhost")
    return client


def answer(client, word, path):
    if word == b"MAIL":
        reply = client.say(b"MAIL FROM:" + path)
        client.say(b"RSET")
        return reply
    client.say(b"MAIL FROM:<>")
    reply = client.say(b"RCPT TO:" + path)
    client.say(b"RSET")
    return reply


def wait_for(port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("Postfix does not listen on port %d" % port)


def main():
    root, directory, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    inside = root + directory
    with open(inside + "/master.cf", "w") as file:
        file.write(MASTER.format(port=port))
    with open(inside + "/main.cf", "a") as file:
        file.write("queue_directory = %s/queue\ndata_directory = %s/data\n" %
                   (directory, directory))
    os.makedirs(inside + "/queue", exist_ok=True)
    os.makedirs(inside + "/data", exist_ok=True)
    run(root, "chown", "postfix", directory + "/data")
    started = run(root, "postfix", "-c", directory, "start", check=False)
    try:
        if started.returncode != 0:
            raise SystemExit(started.stdout.decode())
        wait_for(port)
        clients = {}
        for line in sys.stdin.buffer:
            word, _, path = line.rstrip(b"\n").partition(b" ")
            stranger = word == b"STRANGER"
            for attempt in range(2):
                if stranger not in clients:
                    clients[stranger] = open_client(port, stranger)
                try:
                    reply = answer(clients[stranger], word, path)
                    break
                except (EOFError, OSError):
                    clients.pop(stranger).close()
                    reply = b"no answer"
            sys.stdout.buffer.write(reply + b"\n")
        for client in clients.values():
            client.close()
    finally:
        run(root, "postfix", "-c", directory, "stop", check=False)


main()
