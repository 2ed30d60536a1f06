"""terminal.py PROGRAM DIRECTORY - control characters in every place that text comes from

Feeds every command with them, in the directory, and fails where one gets through to standard output
or standard error, or to CONVERSION.md.
"""
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
import time

PROGRAM, WORK = os.path.abspath(sys.argv[1]), sys.argv[2]

C0 = "".join(map(chr, range(1, 32))).replace("\n", "")
C1 = "".join(map(chr, range(0x80, 0xA0)))
HIDDEN = "\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufeff\U000e0041"
SEQUENCE = "\x1b[31m\x1b]0;title\x07"
EVIL = (SEQUENCE + C0 + "\x7f" + C1 + HIDDEN).encode() + bytes(range(0x80, 0xA0)) + b"end"
WORD = EVIL.replace(b"\t", b"").replace(b"\r", b"").replace(b"\v", b"").replace(b"\f", b"")
NAME = WORD.replace(b"/", b"")[:200]
HIDDEN_NOW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f" + HIDDEN + "]")
failures = []


def find_control(output):
    """a control character in the output; line ends and tabs are not"""
    text = output.replace(b"\r\n", b"\n")
    valid = text.decode("utf-8", "surrogateescape")
    found = HIDDEN_NOW.search(valid)
    lone = re.search("[\udc80-\udc9f]", valid)
    return found or lone


def judge(name, output):
    found = find_control(output)
    if found:
        at = found.start()
        text = output.replace(b"\r\n", b"\n").decode("utf-8", "surrogateescape")
        failures.append(name)
        print(f"{name}: {text[max(0, at - 60):at + 20]!r}")


def run(name, *arguments):
    child = subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                           timeout=120, cwd=WORK)
    if child.returncode not in (0, 1, 2):
        failures.append(name)
        print(f"{name}: status {child.returncode}")
    judge(name + ", standard output", child.stdout)
    judge(name + ", standard error", child.stderr)


def run_on_terminal(name, *arguments):
    """with a terminal as standard output"""
    leader, follower = pty.openpty()
    child = subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=follower,
                             stderr=subprocess.PIPE, cwd=WORK, env=dict(os.environ, NO_COLOR="1"))
    os.close(follower)
    output = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        output += piece
    errors = child.stderr.read()
    child.wait(timeout=60)
    os.close(leader)
    judge(name + " on a terminal", output)
    judge(name + " on a terminal, standard error", errors)


def write(path, content):
    full = os.path.join(os.fsencode(WORK), path if isinstance(path, bytes) else path.encode())
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "wb") as file:
        file.write(content)
    return os.fsdecode(full)


MASTER = (b"smtp inet n - n - - smtpd\ncleanup unix n - n - 0 cleanup\nrewrite unix - - n - -"
          b" trivial-rewrite\n")


def make_postfix(directory):
    write(directory + b"/main.cf",
          b"myhostname = mail.example.com\n# " + EVIL + b"\n" + WORD + b" = x\nx = " + EVIL
          + b"\nsmtpd_banner = $myhostname " + EVIL + b"\nmessage_size_limit = " + WORD
          + b"\nvirtual_alias_maps = texthash:" + directory.replace(b"$", b"") + b"/table, hash:/"
          + WORD + b", " + WORD + b":x\nsmtpd_client_restrictions = check_client_access"
          b" texthash:/etc/postfix/table, " + WORD + b", reject_rbl_client " + WORD
          + b"\nsmtpd_recipient_restrictions = " + WORD + b" reject_unauth_destination\ny = ${"
          + WORD + b"?x\nmynetworks = " + WORD + b" 127.0.0.1\nrelayhost = [" + WORD + b"]:" + WORD
          + b"\nsmtp_tls_CAfile = /etc/pki/tls/" + WORD + b"\nsmtpd_tls_cert_file = " + WORD
          + b"\nmyorigin = /" + WORD + b"\nmydestination = " + WORD + b" hash:/etc/" + WORD + b"\n")
    write(directory + b"/master.cf",
          MASTER + WORD + b" inet n - n - - smtpd\n  -o syslog_name=" + WORD + b"\n  -o " + WORD
          + b"=x\n" + WORD + b" " + WORD + b"\np unix - n n - - pipe user=" + WORD + b"\n")
    write(directory + b"/table", WORD + b" " + EVIL + b"\n" + EVIL + b"\n")


def make_sendmail(path):
    write(path, b"include(`/usr/share/sendmail-cf/m4/cf.m4')dnl\nOSTYPE(`linux')dnl\n"
          b"define(`conf" + WORD + b"', `" + EVIL + b"')dnl\nFEATURE(`" + WORD + b"', `" + WORD
          + b"')dnl\nFEATURE(`access_db')dnl\nFEATURE(`dnsbl', `" + WORD + b"')dnl\n"
          b"define(`confDOMAIN_NAME', `" + WORD + b"')dnl\nINPUT_MAIL_FILTER(`" + WORD + b"', `"
          + WORD + b"')dnl\ninclude(`" + WORD + b"')dnl\nLOCAL_CONFIG\nK" + WORD + b" hash /" + WORD
          + b"\nDAEMON_OPTIONS(`Port=" + WORD + b"')dnl\nMAILER(`" + WORD + b"')dnl\n"
          b"MAILER(`smtp')dnl\n")
    write(os.path.dirname(path) + b"/access", b"Connect:" + WORD + b"\tREJECT\n" + WORD + b"\t"
          + WORD + b"\n")


def test_files():
    name = os.fsdecode(NAME)
    for directory in (b"plain", b"d" + NAME):
        make_postfix(directory)
        path = os.fsdecode(directory)
        run("lint", "lint", path)
        run("lint for a platform", "lint", "--platform", "rhel10", path)
        run("lint as JSON", "lint", "--format", "json", path)
        run("upgrade to a directory", "upgrade", "--from", "rhel7", "--to", "rhel10", "--output",
            f"new-{os.fsdecode(directory)}", path)
        run_on_terminal("upgrade", "upgrade", "--from", "rhel7", "--to", "rhel10", path)
        run_on_terminal("show", "show", path)
        run_on_terminal("show -x -n", "show", "-x", "-n", path)
        run_on_terminal("show -M", "show", "-M", path)
        for form in ("text", "json"):
            run("trace " + form, "trace", "--format", form, path)
            run("trace of words " + form, "trace", "--format", form, "--helo", name, "--from",
                name + "@a.example", "--to", name + "@b.example", "--client-name", name, path)
            run("livetest " + form, "livetest", "--format", form, "--hostname", "h.example", path)
    os.remove(os.path.join(WORK, "plain/main.cf"))
    write(b"plain/main.cf", b"myhostname = h.example\nx = " + EVIL + b"\nsmtp_tls_CAfile ="
          b" /etc/pki/tls/cert.pem\n")
    write(b"plain/master.cf", MASTER)
    run_on_terminal("upgrade of a file that can be read", "upgrade", "--from", "rhel7", "--to",
                    "rhel10", "plain")
    run_on_terminal("lint of a file that can be read", "lint", "plain")
    run("livetest of a file that can be read", "livetest", "--hostname", "h.example", "plain")


def test_settings():
    for number, text in enumerate((b"platform: \"" + WORD + b"\"\n", b"platform: /etc/passwd\n",
                                   WORD + b": x\n", b"x: [" + EVIL + b"\n", b"hostname: \""
                                   + WORD.replace(b"\\", b"").replace(b'"', b"") + b"\"\n")):
        directory = b"settings%d" % number
        make_postfix(directory)
        write(directory + b"/.postmend.yaml", text)
        run(f"settings {number}", "lint", directory.decode())
    write(b"platform.yaml", b"name: " + EVIL + b"\nx: [\n")
    run("platform file", "lint", "--platform", "./platform.yaml", "plain")
    write(b"plan.yaml", b"plan: 1\nsessions:\n  - name: " + WORD + b"\n")
    run("plan", "livetest", "plan.yaml")


def test_arguments():
    name = os.fsdecode(NAME)
    for command in ("lint", "upgrade", "convert", "livetest", "serve", "probe", "trace", "show",
                    "explain", "rules", "platforms", "recover", name):
        run(f"{command} of nothing", command, name)
        run(f"{command} with a wrong option", command, "--" + name, "x")
        for option in ("--platform", "--format", "--to", "--from", "--assume", "--port", "--hostname",
                       "--tls"):
            if (command, option) != ("serve", "--hostname"):  # that one serves
                run(f"{command} {option}", command, option, name, "plain")


def test_sendmail():
    for path in (b"mc/sendmail.mc", b"m" + NAME + b"/s" + NAME[:100] + b".mc"):
        make_sendmail(path)
        text = os.fsdecode(path)
        run("lint of macros", "lint", text)
        run("lint of macros as JSON", "lint", "--format", "json", text)
        run("convert", "convert", "--to", "rhel10", "--output", "c" + text.replace("/", ""), text)
        made = os.path.join(WORK, "c" + text.replace("/", ""), "CONVERSION.md")
        if os.path.exists(made):
            with open(made, "rb") as file:
                judge("CONVERSION.md", file.read())


def play_server(listener):
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client:
            line = EVIL.replace(b"\r", b"")
            client.sendall(b"220 " + line + b"\r\n")
            try:
                while client.recv(4096):
                    client.sendall(b"250-" + line + b"\r\n250-AUTH " + line + b"\r\n250 " + line
                                   + b"\r\n")
            except OSError:
                pass


def test_probe():
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=play_server, args=(listener,), daemon=True).start()
    port = str(listener.getsockname()[1])
    for form in ("text", "json"):
        run("probe " + form, "probe", "--port", port, "--tls", "none", "--format", form, "127.0.0.1")
        run("probe " + form + " by STARTTLS", "probe", "--port", port, "--format", form, "127.0.0.1")
    listener.close()


def test_serve():
    write(b"served/main.cf", b"myhostname = h.example\nsmtpd_banner = x " + EVIL + b"\n"
          b"smtpd_recipient_restrictions = reject_unauth_destination\nsyslog_name = " + WORD + b"\n")
    write(b"served/master.cf", MASTER)
    child = subprocess.Popen([PROGRAM, "serve", "--base-port", "31000", "served"], cwd=WORK,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for _ in range(100):
        try:
            client = socket.create_connection(("127.0.0.1", 31025), 1)
            break
        except OSError:
            time.sleep(0.1)
    else:
        failures.append("serve")
        print("serve: it does not listen")
        child.kill()
        return
    for line in (b"EHLO " + WORD, b"MAIL FROM:<" + WORD + b"@x.example>", b"RCPT TO:<" + WORD
                 + b"@y.example>", EVIL.replace(b"\r", b"")):
        client.sendall(line + b"\r\n")
        time.sleep(0.2)
    client.close()
    time.sleep(0.3)
    child.send_signal(signal.SIGTERM)
    output, errors = child.communicate(timeout=30)
    judge("serve, standard output", output)
    judge("serve, standard error", errors)


for test in (test_files, test_settings, test_arguments, test_sendmail, test_probe, test_serve):
    test()
sys.exit(1 if failures else 0)
