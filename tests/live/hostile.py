#!/usr/bin/env python3
"""hostile.py PID PORT TLS-PORT [SECONDS [SEED]] - an hour of hostile clients in a minute

Plays what the internet sends at a mail server: garbage, NULs, lines without an end, commands out of
order, half TLS handshakes, input smuggled across STARTTLS, bare line feeds, BDAT of absurd sizes,
broken AUTH, resets, floods of connections, clients that read nothing or one byte at a time.  What
is played depends on SEED alone, the order in which the server meets it does not.

Afterwards the server must answer, hold no more files than before, and not have grown in the second
half of the time.  PID is the server's; PORT speaks SMTP with STARTTLS, TLS-PORT implicit TLS.
"""
import os
import random
import socket
import ssl
import struct
import sys
import threading
import time

pid, port, tls_port = (int(a) for a in sys.argv[1:4])
seconds = float(sys.argv[4]) if len(sys.argv) > 4 else 30
seed = int(sys.argv[5]) if len(sys.argv) > 5 else 1
problems = []
played = {}
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE


def connect(to=None):
    client = socket.create_connection(("127.0.0.1", to or port), timeout=20)
    return client


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def read_some(client, wait=0.3):
    client.settimeout(wait)
    got = b""
    try:
        while True:
            more = client.recv(65536)
            if not more:
                break
            got += more
            if len(more) < 65536 and more.endswith(b"\n"):
                break
    except OSError:
        pass
    return got


def reply(client):
    """one whole reply"""
    client.settimeout(20)
    got = b""
    while True:
        more = client.recv(65536)
        if not more:
            return got
        got += more
        last = got.rstrip(b"\r\n").rsplit(b"\n", 1)[-1]
        if got.endswith(b"\n") and last[3:4] != b"-":
            return got


def talk(client, *commands):
    got = b""
    for command in commands:
        client.sendall(command + b"\r\n")
        got = reply(client)
    return got


def to_data(client):
    reply(client)
    return talk(client, b"EHLO x.example", b"MAIL FROM:<a@b.example>", b"RCPT TO:<x@example.com>", b"DATA")


def garbage(rng):
    with connect(rng.choice((port, tls_port))) as client:
        client.sendall(rng.randbytes(rng.randrange(1, 20000)))
        read_some(client, 0.1)


def nuls(rng):
    with connect() as client:
        reply(client)
        client.sendall(b"\0" * rng.randrange(1, 5000) + b"\r\nEHLO \0x\r\nMAIL FROM:<\0@x>\r\n")
        read_some(client, 0.1)


def endless_line(rng):
    with connect() as client:
        reply(client)
        for _ in range(rng.randrange(1, 40)):
            client.sendall(b"A" * 65536)
        client.sendall(b"\r\nQUIT\r\n")
        read_some(client)


def out_of_order(rng):
    words = [b"MAIL FROM:<a@b>", b"RCPT TO:<x@example.com>", b"DATA", b".", b"RSET", b"EHLO x", b"HELO",
             b"AUTH PLAIN", b"*", b"STARTTLS x", b"BDAT 3", b"abc", b"NOOP", b"VRFY x", b"ETRN x",
             b"QUIT x", b"XCLIENT ADDR=1.2.3.4", b"MAIL FROM:<" + b"x" * 900 + b"@y>",
             b"RCPT TO:<\"a b\"@[1.2.3.4]> NOTIFY=NEVER ORCPT=rfc822;x", b"GET / HTTP/1.0", b"HELP"]
    with connect() as client:
        reply(client)
        for _ in range(rng.randrange(1, 40)):
            client.sendall(rng.choice(words) + rng.choice((b"\r\n", b"\n", b"\r\r\n", b"\0\r\n")))
        read_some(client, 0.1)


def half_handshake(rng):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    half = context.wrap_bio(incoming, outgoing)
    try:
        half.do_handshake()
    except ssl.SSLWantReadError:
        pass
    hello = outgoing.read()
    client = connect(tls_port)
    client.sendall(hello[:rng.randrange(1, len(hello))])
    if rng.random() < 0.5:
        client.sendall(rng.randbytes(100))
    read_some(client, 0.05)
    reset(client)


def broken_handshake(rng):
    with connect() as client:
        reply(client)
        talk(client, b"EHLO x", b"STARTTLS")
        client.sendall(b"\x16\x03\x01" + struct.pack("!H", rng.randrange(1, 65535)) + rng.randbytes(300))
        read_some(client, 0.05)


def injection(rng):
    with connect() as client:
        reply(client)
        talk(client, b"EHLO x")
        client.sendall(b"STARTTLS\r\nEHLO injected\r\nMAIL FROM:<evil@x.example>\r\n")
        if not reply(client).startswith(b"220"):
            problems.append("STARTTLS was refused")
            return
        try:
            inner = context.wrap_socket(client)
        except (OSError, ssl.SSLError):
            return  # what was injected came behind the 220 and broke the handshake, as it must
        inner.sendall(b"RCPT TO:<x@example.com>\r\n")
        answer = reply(inner)
        if not answer.startswith(b"503"):
            problems.append("injected before the handshake: %r" % answer)


def smuggling(rng):
    end = rng.choice((b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\r\n\0.\r\n"))
    with connect() as client:
        if not to_data(client).startswith(b"354"):
            problems.append("DATA was refused")
            return
        client.sendall(b"Subject: x\r\n\r\nfirst" + end + b"MAIL FROM:<smuggled@x.example>\r\nRCPT TO:<x@example.com>\r\n"
                       b"DATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\nQUIT\r\n")
        got = read_some(client, 1.0)
        if got.count(b"queued as") > 1:
            problems.append("smuggled by %r: %r" % (end, got))


def absurd_chunk(rng):
    size = rng.choice((b"99999999999999999999999", b"9223372036854775807", b"-1", b"2000000000", b"0", b"1e9", b""))
    with connect() as client:
        reply(client)
        talk(client, b"EHLO x", b"MAIL FROM:<a@b.example>", b"RCPT TO:<x@example.com>")
        client.sendall(b"BDAT " + size + rng.choice((b"", b" LAST", b" FIRST")) + b"\r\n" + rng.randbytes(5000))
        read_some(client, 0.05)


def broken_auth(rng):
    with connect(tls_port) as client:
        inner = context.wrap_socket(client)
        reply(inner)
        talk(inner, b"EHLO x")
        inner.sendall(rng.choice((b"AUTH PLAIN ", b"AUTH LOGIN ", b"AUTH ", b"AUTH PLAIN\r\n", b"AUTH LOGIN\r\n")) +
                      rng.choice((b"", b"=", b"AAAA", b"!" * 13000, b"\0\0", b"AGEAYg==")) + b"\r\n*\r\n")
        read_some(inner, 0.1)


def flood(rng):
    clients = []
    try:
        for _ in range(rng.randrange(50, 400)):
            clients.append(connect(rng.choice((port, tls_port))))
    except OSError:
        pass
    for client in clients:
        if rng.random() < 0.5:
            reset(client)
        else:
            client.close()


def drop_in_data(rng):
    client = connect()
    if to_data(client).startswith(b"354"):
        client.sendall(b"Subject: dropped\r\n\r\n" + rng.randbytes(rng.randrange(1, 200000)).replace(b".", b","))
    reset(client) if rng.random() < 0.5 else client.close()


def deaf(rng):
    with connect() as client:
        reply(client)
        talk(client, b"EHLO x", b"MAIL FROM:<a@b.example>")
        client.settimeout(0.2)
        try:
            for _ in range(2000):
                client.sendall(b"RCPT TO:<x@example.com>\r\n" * 100)
        except OSError:
            pass


def slow(rng):
    with connect() as client:
        try:
            for letter in b"EHLO slow.example\r\nMAIL FROM:<a@b.example>\r\n":
                client.sendall(bytes([letter]))
                time.sleep(0.1)
        except OSError:
            pass


def half_closed(rng):
    with connect() as client:
        client.sendall(b"EHLO x\r\n")
        client.shutdown(socket.SHUT_WR)
        read_some(client, 0.2)


def many_messages(rng):
    with connect() as client:
        reply(client)
        talk(client, b"EHLO x")
        for _ in range(20):
            client.sendall(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<x@example.com>\r\n")
            client.sendall(b"BDAT 30 LAST\r\n" + b"Subject: many\r\n\r\n" + b"x" * 13)
            got = b""
            while got.count(b"\n") < 3:
                more = client.recv(4096)
                if not more:
                    return
                got += more


PLAYS = (garbage, nuls, endless_line, out_of_order, half_handshake, broken_handshake, injection, smuggling,
         absurd_chunk, broken_auth, flood, drop_in_data, deaf, slow, half_closed, many_messages)


def player(number, until):
    rng = random.Random(seed * 1000 + number)
    while time.monotonic() < until:
        play = rng.choice(PLAYS)
        try:
            play(rng)
        except (OSError, ssl.SSLError, ValueError):
            pass  # the server hung up, which it may
        played[play.__name__] = played.get(play.__name__, 0) + 1


def memory():
    with open("/proc/%d/status" % pid) as status:
        return int(next(line.split()[1] for line in status if line.startswith("VmRSS:")))


def files():
    return len(os.listdir("/proc/%d/fd" % pid))


def answers():
    client = connect()
    greeting = reply(client)
    bye = talk(client, b"QUIT")
    client.close()
    return greeting.startswith(b"220") and bye.startswith(b"221")


def settle(files_before):
    for _ in range(100):
        if files() <= files_before:
            return
        time.sleep(0.2)


def main():
    if not answers():
        sys.exit("hostile: the server does not answer at all")
    time.sleep(0.5)
    files_before = files()
    begin = time.monotonic()
    sizes = []
    for half in (1, 2):
        threads = [threading.Thread(target=player, args=(half * 100 + n, begin + seconds * half / 2)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        settle(files_before)
        sizes.append(memory())
    if not answers():
        problems.append("the server does not answer any more")
    time.sleep(0.5)
    if files() > files_before:
        problems.append("%d files are open, %d were" % (files(), files_before))
    # the second half may add what the allocator keeps, not what grows with the traffic
    if sizes[1] > sizes[0] * 1.15 + 1024:
        problems.append("memory grew from %d to %d kB" % tuple(sizes))
    print("hostile: %d plays in %.0f s, memory %d kB, then %d kB; %s" % (
        sum(played.values()), time.monotonic() - begin, sizes[0], sizes[1],
        ", ".join("%s %d" % item for item in sorted(played.items()))))
    for problem in sorted(set(problems)):
        print("hostile: FAILED: " + problem)
    sys.exit(1 if problems else 0)


main()
