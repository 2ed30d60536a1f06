"""ask.py - sends mail through the real Postfix of a tree, and compares where it goes with ours

    ask.py TREE PLATFORM PORT POSTMEND <jobs

It runs as root in a view of the tree (private.sh).  A job is a line "NAME DIRECTORY".  DIRECTORY has a
configuration, "addresses" (lines "SENDER RECIPIENT", "<>" is the null sender), and perhaps "aliases".
It is copied to /etc/postfix of the tree, with a few settings of this host in place of its own; every
delivery agent but local(8) and error(8) becomes a discard(8) that logs the next hop, under the name of
the transport.  So the log has transport, next hop and recipient.  Ours is asked about the same files,
with the agents that they name.  The last line is "PASSED FAILED UNDETERMINED".
"""
import json
import os
import queue
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
ETC = "/etc/postfix"
AGENTS = ("smtp", "lmtp", "pipe", "virtual")
# settings of the host, which must be those of the tree; both sides get them
OWN = ("queue_directory", "command_directory", "daemon_directory", "data_directory", "mail_owner",
       "setgid_group", "default_privs", "sendmail_path", "mailq_path", "newaliases_path",
       "shlib_directory", "meta_directory", "multi_instance_name", "multi_instance_enable",
       "multi_instance_group", "multi_instance_wrapper", "multi_instance_directories",
       "maillog_file", "inet_interfaces", "inet_protocols", "proxy_interfaces", "myhostname",
       "smtpd_milters", "non_smtpd_milters", "import_environment", "home_mailbox",
       "alternate_config_directories", "syslog_name", "syslog_facility", "mail_spool_directory",
       "queue_minfree", "mail_release_date", "process_id_directory", "mailbox_command")
OURS = """
myhostname = mail.example.com
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_milters =
non_smtpd_milters =
queue_minfree = 0
mailbox_command =
home_mailbox =
mail_spool_directory = /var/mail
smtpd_peername_lookup = no
in_flow_delay = 0s
"""
ENTRY = """
127.0.0.1:%d inet n - n - - smtpd
  -o smtpd_client_restrictions= -o smtpd_helo_restrictions= -o smtpd_sender_restrictions=
  -o smtpd_relay_restrictions=permit_mynetworks,reject -o mynetworks=127.0.0.0/8
  -o smtpd_recipient_restrictions=ACTIONSpermit_mynetworks,reject
  -o smtpd_data_restrictions= -o smtpd_end_of_data_restrictions= -o smtpd_proxy_filter=
  -o smtpd_reject_unlisted_recipient=no -o smtpd_tls_security_level=none -o smtpd_use_tls=no
  -o smtpd_tls_wrappermode=no -o smtpd_sasl_auth_enable=no -o smtpd_error_sleep_time=0
  -o smtpd_hard_error_limit=10000 -o smtpd_junk_command_limit=10000 -o smtpd_delay_reject=yes
  -o smtpd_client_connection_rate_limit=0 -o smtpd_client_recipient_rate_limit=0
  -o smtpd_helo_required=no -o message_size_limit=0 -o smtpd_client_message_rate_limit=0
"""


class Log:
    """what syslog is told; a thread reads it, as writers wait when ten datagrams are there"""

    def __init__(self, path):
        if os.path.exists(path):
            os.unlink(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        os.chmod(path, 0o666)
        self.lines = queue.Queue()
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        while True:
            text = self.socket.recv(65536).decode("utf-8", "replace").strip("\0\n")
            match = re.match(r"(?:<\d+>)?(?:\w+ +\d+ [\d:]+ )?([^\[: ]+)(?:\[\d+\])?: (.*)", text, re.S)
            if match:
                self.lines.put(match.groups())

    def read(self, seconds):
        """(program, text) that come until SECONDS are over, or none came for 0.05 s"""
        lines = []
        try:
            while True:
                lines.append(self.lines.get(timeout=0.05 if lines else seconds))
        except queue.Empty:
            return lines


# --- the configuration -------------------------------------------------------------------------

def logical_lines(text):
    """lists of physical lines, with the comments before them"""
    found = []
    for line in text.splitlines():
        if found and (line[:1] in (" ", "\t") or line.startswith("#") or not line.strip()):
            found[-1].append(line)
        else:
            found.append([line])
    return found


def change_main(text):
    kept = []
    text = text.replace("/etc/aliases", ETC + "/aliases").replace("/etc/mailname", ETC + "/mailname")
    for lines in logical_lines(text):
        if re.split(r"[\s=]", lines[0], maxsplit=1)[0] not in OWN:
            kept += lines
    return "\n".join(kept) + OURS


def change_master(text, port, for_real):
    """without services of the network and chroot jails; FOR_REAL: agents become discard(8)"""
    kept = []
    for lines in logical_lines(text):
        words = lines[0].split()
        if lines[0].startswith("#") or len(words) < 8:
            continue
        if words[1] == "inet" or words[7] in ("postscreen", "spawn", "dnsblog", "tlsproxy"):
            continue
        words[4] = "n"
        if words[7] == "local" or words[7] in AGENTS:
            words[3] = "n" if words[7] in ("local", "virtual", "pipe") else words[3]
        rest = lines[1:]
        if for_real and words[7] in AGENTS:
            words, rest = words[:6] + ["-", "discard", "-o", "syslog_name=T+" + words[0]], []
        if for_real and words[7] == "local":
            words[8:8] = ["-o", "syslog_name=L+" + words[0]]
        kept.append(" ".join(words))
        kept += [line for line in rest if not line.startswith("#")]
    return "\n".join(kept) + ENTRY % port


def tables_of(text):
    """those that have to be built: (type, file)"""
    return sorted(set(re.findall(r"\b(hash|btree|cdb|lmdb|dbm):(%s/[^\s,}]+)" % ETC, text)))


def aliases_of(main):
    """the files that postalias(1) builds"""
    text = "".join("\n".join(lines) for lines in logical_lines(main)
                   if re.match(r"alias_(maps|database)\b", lines[0]))
    return {name for _, name in tables_of(text)} | {ETC + "/aliases"}


class Tree:
    def __init__(self, path, platform, port, postmend):
        self.path, self.platform, self.port, self.postmend = path, platform, port, postmend
        self.log = Log(path + "/dev/log")
        self.users = "/tmp/route-users.%d" % port
        with open(path + "/etc/passwd", encoding="utf-8") as passwd, \
                open(self.users, "w", encoding="utf-8") as out:
            out.write("".join(line.split(":")[0] + "\n" for line in passwd))
        self.types = "/tmp/route-types.%d" % port  # the table types that packages have added
        shutil.rmtree(self.types, ignore_errors=True)
        os.makedirs(self.types)
        os.system("cp -a %s%s/dynamicmaps.cf* %s/" % (path, ETC, self.types))
        self.chroot("postfix", "check")  # makes directories that packages leave out

    def chroot(self, *words, **more):
        return subprocess.run(["chroot", self.path] + list(words), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False, **more)

    def install(self, directory):
        """the two master.cf, and the files of DIRECTORY"""
        etc = self.path + ETC
        shutil.rmtree(etc, ignore_errors=True)
        shutil.copytree(directory, etc)
        for name in os.listdir(self.types):
            os.system("cp -a %s/%s %s/" % (self.types, name, etc))
        os.system("chown -R 0:0 %s; chmod -R u+rwX,go+rX,go-w %s" % (etc, etc))
        text = {}
        for name in ("main.cf", "master.cf"):
            with open("%s/%s" % (etc, name), encoding="utf-8", errors="surrogateescape") as file:
                text[name] = file.read()
        main = change_main(text["main.cf"])
        with open(etc + "/main.cf", "w", encoding="utf-8", errors="surrogateescape") as out:
            out.write(main)
        for name, content in (("aliases", "postmaster: root\n"), ("mailname", "mail.example.com\n")):
            if not os.path.exists(etc + "/" + name):
                with open(etc + "/" + name, "w", encoding="utf-8") as out:
                    out.write(content)
        for kind, name in tables_of(main + text["master.cf"]):
            tool = "postalias" if name in aliases_of(main) else "postmap"
            if os.path.exists(self.path + name):
                self.chroot(tool, "%s:%s" % (kind, name))
        actions = ""
        if os.path.exists(etc + "/actions"):
            actions = "check_recipient_access,texthash:%s/actions," % ETC
        ours = etc + ".ours"
        shutil.rmtree(ours, ignore_errors=True)
        shutil.copytree(etc, ours)
        for place, real in ((etc, True), (ours, False)):
            with open(place + "/master.cf", "w", encoding="utf-8", errors="surrogateescape") as out:
                out.write(change_master(text["master.cf"], self.port, real).replace("ACTIONS", actions))

    def empty_queue(self):
        for name in ("maildrop", "incoming", "active", "deferred", "bounce", "defer", "trace", "hold"):
            os.system("find %s/var/spool/postfix/%s -type f -delete 2>/dev/null" % (self.path, name))

    def start(self):
        self.empty_queue()
        self.chroot("chown", "-R", "postfix", "/var/lib/postfix")
        self.log.read(0.01)
        master = "/usr/lib/postfix/sbin/master"
        process = subprocess.Popen(["chroot", self.path, master, "-c", ETC, "-d"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return process
            except OSError:
                if process.poll() is not None:
                    break
                time.sleep(0.05)
        for line in self.log.read(0.2)[:3]:
            print("    %s: %s" % line)
        self.stop(process)
        return None

    @staticmethod
    def stop(process):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


# --- the real one ------------------------------------------------------------------------------

class Deliveries:
    """what the log says of each message"""

    def __init__(self):
        self.number = {}   # queue id: number of the question
        self.found = {}    # queue id: list of (transport, nexthop, recipient, end)
        self.children = {}  # queue id: queue ids
        self.done = set()

    def take(self, program, text):
        match = re.match(r"(\w+): (.*)", text, re.S)
        if not match:
            return
        queue_id, rest = match.groups()
        number = re.match(r"message-id=<route-(\d+)@", rest)
        if number and program.endswith("/cleanup"):
            if int(number[1]) not in self.number.values():  # not a forwarded copy
                self.number[queue_id] = int(number[1])
        if rest == "removed":
            self.done.add(queue_id)
        status = re.match(r"to=<(.*?)>,(?: orig_to=<.*?>,)? relay=(.*?), .*?status=(\w+) \((.*)\)$",
                          rest, re.S)
        if status:
            self.take_status(queue_id, program, *status.groups())

    def take_status(self, queue_id, program, recipient, _relay, status, text):
        found = self.found.setdefault(queue_id, [])
        if status == "deferred":
            self.done.add(queue_id)
        transport = re.match(r"T\+([^/]*)/", program)
        forwarded = re.match(r"forwarded as (\w+)", text)
        if forwarded:
            self.children.setdefault(queue_id, []).append(forwarded[1])
        elif transport:
            found.append((transport[1], text, recipient, "sent"))
        elif program.startswith("L+"):
            found.append((program[2:].split("/")[0], "", recipient, describe_local(status, text)))
        else:
            found.append(("", "", recipient, describe_end(status, text)))

    def of(self, queue_id, depth=0):
        every = list(self.found.get(queue_id, []))
        for child in self.children.get(queue_id, []) if depth < 60 else []:
            every += self.of(child, depth + 1)
        return every

    def settled(self):
        return all(queue_id in self.done for queue_id in self.number) and all(
            child in self.done for children in self.children.values() for child in children)


def describe_local(status, text):
    match = re.match(r"delivered to (command|file|mailbox|maildir)(?:: (.*))?", text, re.S)
    if match:
        return "mailbox" if match[1] in ("mailbox", "maildir") else match[1] + " " + match[2]
    return describe_end(status, text)


def describe_end(status, text):
    """how it ends, with the words that matter"""
    if status == "sent":
        return "discard"
    if status == "bounced":
        return "bounce " + re.sub(r'"', "", text)[:60].strip()
    return "defer"


def ask_real(tree, questions):
    """a list of sets, or None where Postfix does not start"""
    process = tree.start()
    if process is None:
        return None
    answers = [None] * len(questions)
    try:
        client = smtplib.SMTP("127.0.0.1", tree.port, timeout=20)
        client.ehlo("client.example")
        for number, (sender, recipient) in enumerate(questions):
            answers[number] = send_one(client, number, sender, recipient)
        client.close()
    except (OSError, smtplib.SMTPException) as error:
        answers = [answer or {("", "", "", "refused %s" % error)} for answer in answers]
    seen = Deliveries()
    end = time.monotonic() + 30
    try:
        while time.monotonic() < end:
            lines = tree.log.read(0.3)
            for line in lines:
                if os.environ.get("ROUTES_LOG"):
                    print("    %.2f %s: %s" % ((time.monotonic(),) + line), flush=True)
                seen.take(*line)
            if not lines and seen.settled() and len(seen.number) >= answers.count(None):
                break
    finally:
        tree.stop(process)
    for queue_id, number in seen.number.items():
        if number < len(answers):
            answers[number] = sorted(set(seen.of(queue_id))) or answers[number]
    return answers


def send_one(client, number, sender, recipient):
    """None: taken; else a set with the refusal"""
    for command in ("MAIL FROM:<%s>" % sender, "RCPT TO:<%s>" % recipient, "DATA"):
        code, text = client.docmd(command)
        if code >= 400:
            client.docmd("RSET")
            return [("", "", recipient, "refused %d" % code)]
    client.send("Message-Id: <route-%d@test.invalid>\r\nSubject: x\r\n\r\nx\r\n.\r\n" % number)
    code, text = client.getreply()
    if code >= 400:
        return [("", "", recipient, "refused %d %s" % (code, text.decode("utf-8", "replace")[:30]))]
    return None


# --- ours --------------------------------------------------------------------------------------

def ask_ours(tree, questions):
    """for each question a list of possible answers"""
    answers = [None] * len(questions)
    by_sender = {}
    for number, (sender, recipient) in enumerate(questions):
        by_sender.setdefault(sender, []).append(number)
    for sender, numbers in by_sender.items():
        done = subprocess.run(
            [tree.postmend, "route", "--platform", tree.platform, "--format", "json",
             "--port", str(tree.port), "--users", tree.users, "--interfaces", "127.0.0.1",
             "--from", sender, tree.path + ETC + ".ours", "-"],
            input="\n".join(questions[number][1] for number in numbers), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, check=False, errors="surrogateescape")
        if done.returncode not in (0, 1):
            raise RuntimeError("%d %s" % (done.returncode, done.stderr[-500:]))
        outcomes = {}
        for walk in json.loads(done.stdout):
            outcomes.setdefault(walk["address"], []).append(
                sorted({tuple_of(delivery) for delivery in walk["deliveries"]}))
        for number in numbers:
            answers[number] = outcomes.get(questions[number][1], [])
    return answers


def tuple_of(delivery):
    end, what = delivery["end"], delivery["what"]
    transport = delivery["transport"]
    if end in ("refused", "unknown"):
        return ("", "", "", end)
    if delivery["daemon"] in AGENTS:
        return (transport, delivery["nexthop"], delivery["recipient"], "sent")
    if delivery["daemon"] == "discard":
        return (transport, "", delivery["recipient"], "discard")
    if end == "bounce":
        text = re.sub(r"^\d\.\d+\.\d+ ", "", what)
        return (transport if delivery["daemon"] == "local" else "", "", delivery["recipient"],
                "bounce " + re.sub(r'"', "", text)[:60].strip())
    if end in ("command", "file"):
        end += " " + what
    return (transport if delivery["daemon"] == "local" else "", "", delivery["recipient"], end)


def plain(recipient):
    """as in internal form: the log has the external one"""
    match = re.match(r'"(.*)"(@[^"]*)$', recipient, re.S)
    return re.sub(r"\\(.)", r"\1", match[1]) + match[2] if match else recipient


def fold(answer):
    """the last stage of comparison: case counts for nothing, and reasons of ours are not known"""
    folded = set()
    for transport, nexthop, recipient, end in answer:
        if end.startswith("refused"):
            return {("", "", "", "refused")}
        # how far local(8) goes before it calls aliases a loop depends on the patch level
        if re.match("bounce (alias database loop|recipient nesting limit)", end):
            return {("", "", "", "loop")}
        if end == "unknown":
            folded.add(("", "", "", "unknown"))
            continue
        folded.add((transport if end != "discard" else "", nexthop.lower(), plain(recipient).lower(),
                    end.lower()))
    return folded


def main():
    tree = Tree(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
    passed = failed = unknown = 0
    for line in sys.stdin:
        name, directory = line.split()
        with open(directory + "/addresses", encoding="utf-8") as file:
            questions = [tuple("" if word == "<>" else word for word in row.split())
                         for row in file if row.strip()]
        tree.install(directory)
        real = ask_real(tree, questions)
        if real is None:
            print("%s: this Postfix does not start" % name)
            continue
        ours = ask_ours(tree, questions)
        bad = 0
        for (sender, recipient), left, right in zip(questions, real, ours):
            if left is None:
                left = []
            folded = [fold(answer) for answer in right]
            doubtful = len(folded) != 1 or ("", "", "", "unknown") in folded[0]
            if fold(left) in folded or any(("", "", "", "unknown") in one for one in folded):
                unknown += doubtful
                passed += not doubtful
                continue
            bad += 1
            print("not ok - %s: %s -> %s\n    Postfix: %s\n    ours:    %s" % (
                name, sender or "<>", recipient, left, "\n          or ".join(map(str, right))))
        failed += bad
    print(passed, failed, unknown)


if __name__ == "__main__":
    main()
