"""sendmail_server - the real Sendmail or the real Postfix in namespaces of its own

Network: the server has one address beside loopback; a veth leads to us, and there every other
address is local, so nothing leaves and no port is in the way.  Mounts: /etc, /var, /run, /tmp and
/dev of the tree are copies of its own that vanish with it.
"""
import os
import re
import shutil
import subprocess
import time

from sendmail_directory import start_directory
from sendmail_plan import SERVER_ADDRESS
from sendmail_world import NAME_SERVER

TABLES = ("access", "virtusertable", "mailertable", "genericstable", "domaintable", "authinfo",
          "uudomain", "bitdomain", "userdb", "ldap-hosts", "ldap-addresses", "routes")
SYSLOG = """
import os, socket, sys
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
with open(sys.argv[2], "ab", buffering=0) as file:
    while True:
        file.write(log.recv(65536).split(b"\\0")[0] + b"\\n")
"""
ENTER = r"""
set -e
tree=$1 own=$2
mount -t tmpfs none "$own"
mount --bind "$tree" "$tree"
for part in etc var; do
    cp -a "$tree/$part" "$own/$part"
    mount --bind "$own/$part" "$tree/$part"
done
for part in run tmp dev proc; do
    mkdir -p "$own/$part" "$tree/$part"
    chmod 1777 "$own/$part"
    mount --bind "$own/$part" "$tree/$part"
done
mknod -m 666 "$tree/dev/null" c 1 3
mknod -m 666 "$tree/dev/zero" c 1 5
mknod -m 666 "$tree/dev/random" c 1 8
mknod -m 666 "$tree/dev/urandom" c 1 9
echo ready
exec sleep 100000
"""
PROGRAM = """#!/bin/sh
{
    printf '%s' "${0##*/}"
    for word; do printf ' %s' "$word"; done
    [ "${1-}" != -c ] || printf ' as %s' "$(id -un)"
    echo
} >>/tmp/delivered
exec cat >/dev/null
"""


def run(*words, text=None):
    return subprocess.run(words, text=True, capture_output=True, check=False, timeout=60,
                          input=text or "")


def must(*words):
    done = run(*words)
    if done.returncode:
        raise SystemExit("%s: %s" % (" ".join(words), done.stderr.strip() or done.stdout.strip()))
    return done.stdout


class Server:
    """what both have in common; the tree's files are reached as self.path(...)"""

    def __init__(self, tree, fixture, plan, work):
        self.tree, self.fixture, self.plan, self.work = tree, fixture, plan, work
        own = os.path.join(work, "own")
        os.makedirs(own)
        self.holder = subprocess.Popen(
            ["unshare", "-n", "-m", "-u", "-p", "--fork", "--kill-child", "sh", "-c", ENTER, "enter",
             tree, own], stdout=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != "ready\n":
            raise SystemExit("no namespaces for the server")
        children = "/proc/%d/task/%d/children" % (self.holder.pid, self.holder.pid)
        with open(children, encoding="ascii") as file:
            self.inside = file.read().split()[0]
        self.link()
        self.log = os.path.join(work, "log")
        subprocess.Popen(self.enter("python3", "-c", SYSLOG, self.path("dev/log"), self.log),
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
        self.prepare()

    def enter(self, *words):
        return ["nsenter", "-t", self.inside, "-n", "-m", "-u", "-p"] + list(words)

    def within(self, *words, text=None):
        """runs a program in the tree"""
        return run(*self.enter("chroot", self.tree, *words), text=text)

    def path(self, name):
        return os.path.join(self.tree, name)

    def shell(self, script, *words, text=None):
        """runs a script that sees the server's mounts, outside of the tree"""
        done = run(*self.enter("sh", "-e", "-c", script, "sh", self.tree, *words), text=text)
        if done.returncode:
            raise SystemExit("%s: %s" % (script.strip().split("\n")[0], done.stderr))
        return done.stdout

    def write(self, name, text, mode="644"):
        self.shell('mkdir -p "$(dirname "$1/$2")"; rm -f "$1/$2"; cat >"$1/$2"; chmod "$3" "$1/$2"',
                   name, mode, text=text)

    def link(self):
        must("ip", "link", "set", "lo", "up")
        must("ip", "link", "add", "world", "type", "veth", "peer", "name", "net")
        must("ip", "link", "set", "net", "netns", self.holder_child())
        must("ip", "link", "set", "world", "up")
        must("ip", "route", "add", SERVER_ADDRESS + "/32", "dev", "world")
        must("ip", "route", "add", "local", "default", "dev", "lo", "table", "main")
        self.shell('ip link set lo up; ip addr add "$2/32" dev net; ip link set net up\n'
                   'ip route add default dev net', SERVER_ADDRESS)

    def holder_child(self):
        return self.inside

    def prepare(self):
        plan = self.plan
        self.shell('hostname "$2"', plan.hosts[0])
        if not plan.passwords:  # without a mechanism installed, Sendmail offers no AUTH
            self.shell('for dir in "$1"/usr/lib/*/sasl2; do mount -t tmpfs none "$dir"; done')
        self.write("etc/hostname", plan.hosts[0] + "\n")
        self.write("etc/hosts", "127.0.0.1 localhost\n")
        self.write("etc/resolv.conf", "nameserver %s\n" % NAME_SERVER)
        self.write("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"
                                        "services: files\nprotocols: files\naliases: files\n")
        base = [("root", 0, 0), ("daemon", 1, 1), ("mail", 8, 8), ("nobody", 65534, 65534),
                ("smmta", 125, 125), ("smmsp", 126, 126)]
        names = [user for user in plan.users if user not in dict((row[0], 1) for row in base)]
        base += [(name, 2000 + i, 2000 + i) for i, name in enumerate(names)]
        passwd = "".join("%s:x:%d:%d::/home/%s:/bin/sh\n" % (name, uid, gid, name)
                         for name, uid, gid in base)
        group = "".join("%s:x:%d:\n" % (name, gid) for name, uid, gid in base)
        self.write("etc/passwd", passwd + self.more_users())
        self.write("etc/group", group + "tty:x:5:\n" + self.more_groups())
        self.shell('rm -rf "$1/etc/mail"; cp -R "$2" "$1/etc/mail"; chown -R 0:0 "$1/etc/mail"\n'
                   'chmod -R go-w "$1/etc/mail"; chmod 755 "$1/etc/mail"\n'
                   'mkdir -p "$1/var/mail" "$1/etc/smrsh"; chmod 1777 "$1/var/mail"\n'
                   '[ ! -f "$1/etc/mail/etc-aliases" ] || cp "$1/etc/mail/etc-aliases" "$1/etc/aliases"',
                   os.path.join(self.fixture, "in"))
        for certificate, key in plan.certificates:
            self.shell('mkdir -p "$(dirname "$1$2")" "$(dirname "$1$3")"\n'
                       'openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$4" \\\n'
                       '    -keyout "$1$3" -out "$1$2"; chmod 600 "$1$3"', certificate, key,
                       plan.hosts[0])
        for program in plan.programs:
            self.write(program.lstrip("/"), PROGRAM, "755")
        self.shell(': >"$1/tmp/delivered"; chmod 666 "$1/tmp/delivered"')
        self.more_files()
        if plan.passwords:
            self.write("etc/sasl2/Sendmail.conf", "pwcheck_method: auxprop\nauxprop_plugin: sasldb\n"
                                                  "mech_list: PLAIN LOGIN CRAM-MD5 DIGEST-MD5\n")
            self.write("etc/sasl2/smtpd.conf", "pwcheck_method: auxprop\nauxprop_plugin: sasldb\n")
        start_directory(self)

    def more_files(self):
        """what only fixtures about TLS have"""
        for name in self.plan.revoked:
            certificate, key = self.plan.certificates[0]
            self.shell('cd "$1/tmp"; : >index; echo 01 >number\n'
                       'printf "[ca]\ndefault_ca=a\n[a]\ndatabase=index\ncrlnumber=number\n'
                       'default_md=sha256\ndefault_crl_days=30\n" >ca.conf\n'
                       'openssl ca -config ca.conf -gencrl -cert "$1$3" -keyfile "$1$4" -out "$1$2"',
                       name, certificate, key)
        for name in self.plan.parameters:
            self.write(name.lstrip("/"), run("openssl", "genpkey", "-genparam", "-algorithm", "DH",
                                             "-pkeyopt", "group:ffdhe2048").stdout)

    def realm_of(self, user):
        return self.plan.realms[user] or self.plan.hosts[0]

    def delivered(self):
        return self.shell('cat "$1/tmp/delivered"').splitlines()

    def more_users(self):
        return ""

    def more_groups(self):
        return ""

    def lines(self, start=0):
        try:
            with open(self.log, encoding="latin-1") as file:
                return file.read().splitlines()[start:]
        except FileNotFoundError:
            return []

    def stop(self):
        self.holder.kill()
        self.holder.wait()


class Sendmail(Server):
    binary = "/usr/libexec/sendmail/sendmail"

    def start(self):
        self.shell('mkdir -p "$1/var/spool/mqueue" "$1/var/run/sendmail/mta" "$1/var/lib/sendmail" \\\n'
                   '    "$1/var/spool/clientmqueue" "$1/usr/libexec" "$1/etc/mail/smrsh"\n'
                   'chmod 700 "$1/var/spool/mqueue"; chown 126:126 "$1/var/spool/clientmqueue"\n'
                   'chmod 770 "$1/var/spool/clientmqueue"')
        made = self.within("sh", "-c", "cd /etc/mail && [ ! -f sendmail.mc ] || "
                                       "m4 sendmail.mc >sendmail.cf 2>m4.errors")
        if made.returncode:
            raise SystemExit("m4: " + self.shell('cat "$1/etc/mail/m4.errors"'))
        for table in TABLES:
            self.shell('[ ! -f "$1/etc/mail/$2" ] || chroot "$1" /usr/libexec/sendmail/makemap hash '
                       '"/etc/mail/$2" <"$1/etc/mail/$2"', table)
        self.passwords()
        self.within(self.binary, "-C", "/etc/mail/sendmail.cf", "-bi")
        started = self.within(self.binary, "-C", "/etc/mail/sendmail.cf", "-bd", "-q10m")
        # with FEATURE(msp) it takes mail from the command line alone, and -bv is all to be asked
        if started.returncode and "submission program" not in started.stdout + started.stderr:
            raise SystemExit("sendmail does not start: " + started.stdout + started.stderr)
        return (started.stdout + started.stderr).strip()

    def passwords(self):
        for user, password in self.plan.passwords.items():
            self.shell('printf "%s" "$3" | chroot "$1" saslpasswd2 -p -c -u "$4" "$2"', user, password,
                       self.realm_of(user))

    def routes(self, address, names):
        """-bv: a set of (kind, host or user)"""
        done = self.within(self.binary, "-C", "/etc/mail/sendmail.cf", "-bv", address)
        found = set()
        for line in (done.stdout + done.stderr).splitlines():
            match = re.search(r"\.\.\. deliverable: mailer ([^,]+),(?: host (.*?),)? user (.*)$", line)
            if match:
                mailer, host, user = match.groups()
                found.add(self.route_of(mailer, host, user, names))
            elif "..." in line or line[:3].isdigit():
                found.add(("refused", ""))
        found = found or {("refused", "")}
        return sorted(found), (done.stdout + done.stderr).strip()

    def triple(self, address):
        done = self.within(self.binary, "-C", "/etc/mail/sendmail.cf", "-bt",
                           text="3,0 %s\n" % address)
        lines = [line for line in done.stdout.splitlines() if "returns:" in line]
        return lines[-1].split("returns:", 1)[1].strip() if lines else done.stdout

    @staticmethod
    def route_of(mailer, host, user, names):
        user = user.strip()
        if mailer in ("local", "procmail", "cyrus", "cyrusv2", "*file*", "prog", "*include*"):
            if mailer == "prog" or user.startswith("|"):
                return "command", user.strip('"').lstrip("|").strip('"')
            if mailer == "*file*" or user.startswith("/"):
                return "file", user
            if mailer == "cyrusv2":
                return "lmtp", user.split("@")[0]
            if mailer == "cyrus" and host:  # the folder: the address's extension
                return mailer, "%s+%s" % (user.split("@")[0], host)
            if mailer != "local":
                return mailer, user.split("@")[0]
            return "local", user.lstrip("\\").split("@")[0].split("+")[0].lower()
        if mailer == "discard":
            return "discard", ""
        return "smtp", "%s %s" % (names.mail_host(host or ""), user.replace("@", "@").rstrip("."))


class Postfix(Server):
    def __init__(self, tree, fixture, plan, work, converted):
        self.converted = converted
        super().__init__(tree, fixture, plan, work)

    def more_users(self):
        return "postfix:x:101:104::/var/spool/postfix:/usr/sbin/nologin\n"

    def more_groups(self):
        return "postfix:x:104:\npostdrop:x:105:\n"

    def start(self):
        self.shell('rm -rf "$1/etc/postfix.stock"; cp -R "$1/etc/postfix" "$1/etc/postfix.stock"\n'
                   'cp -R "$2/." "$1/etc/postfix/"; chown -R 0:0 "$1/etc/postfix"\n'
                   'rm -rf "$1/var/spool/postfix" "$1/var/lib/postfix"\n'
                   'mkdir -p "$1/var/spool/postfix/etc" "$1/var/lib/postfix"\n'
                   'cp "$1/etc/resolv.conf" "$1/etc/services" "$1/etc/hosts" "$1/etc/nsswitch.conf" \\\n'
                   '    "$1/var/spool/postfix/etc/"\n'
                   'chown 101:104 "$1/var/lib/postfix"', self.converted)
        # the system's groups are those of the tree's own Postfix programs
        self.shell('chroot "$1" postfix set-permissions >/dev/null 2>&1 || :')
        self.tables()
        if self.plan.passwords:
            self.passwords(os.path.join(os.path.dirname(self.tree), "sendmail"))
            self.shell('chmod 644 "$1/etc/sasldb2"; mkdir -p "$1/var/spool/postfix/etc"\n'
                       'cp "$1/etc/sasldb2" "$1/var/spool/postfix/etc/"\n'
                       'mkdir -p "$1/etc/postfix/sasl"\n'
                       '[ -f "$1/etc/postfix/sasl/smtpd.conf" ] ||'
                       ' cp "$1/etc/sasl2/smtpd.conf" "$1/etc/postfix/sasl/smtpd.conf"')
        checked = self.within("postfix", "check")
        started = self.within("postfix", "start")
        if started.returncode:
            raise SystemExit("postfix does not start: " + started.stdout + started.stderr +
                             "\n".join(self.lines()))
        return (checked.stdout + checked.stderr + started.stdout + started.stderr).strip()

    def tables(self):
        """what runbook.sh says of postmap and postalias"""
        runbook = os.path.join(self.converted, "runbook.sh")
        with open(runbook, encoding="utf-8") as file:
            for line in file:
                if re.match(r"\s*(postmap|postalias|newaliases)\b", line):
                    done = self.within("sh", "-c", line)
                    if done.returncode:
                        raise SystemExit(line + done.stdout + done.stderr)

    def passwords(self, tree):
        """the programs and mechanisms are in the tree beside this one"""
        for user, password in self.plan.passwords.items():
            self.shell('mountpoint -q "$4/tmp" || mount -t tmpfs none "$4/tmp"\n'
                       'printf "%s" "$3" | chroot "$4" saslpasswd2 -f /tmp/sasldb2 -p -c -u "$5" "$2"\n'
                       'cp "$4/tmp/sasldb2" "$1/etc/sasldb2"', user, password, tree,
                       self.realm_of(user))
        self.shell('cd "$2/usr/lib"; for dir in */sasl2; do mount --bind "$dir" "$1/usr/lib/$dir"; done',
                   tree)

    def routes_all(self, addresses):
        """-bv, one by one, as the log: ADDRESS -> (kind, host or user)..."""
        # -bv of Sendmail asks no milter
        self.within("postconf", "-e", "non_smtpd_milters =")
        self.within("postfix", "reload")
        self.mailbox = self.within("postconf", "-h", "mailbox_command").stdout.strip()
        return {address: sorted(self.verify(address, 3)) for address in addresses}

    def verify(self, address, depth):
        """local(8) says whom it forwards to and not by which way: ask again"""
        mark = len(self.lines())
        done = self.within("sendmail", "-bv", "-f", self.plan.users[0], address)
        if done.returncode:
            raise SystemExit("sendmail -bv: " + done.stdout + done.stderr)
        found = set()
        for line in self.settle(mark):
            match = re.search(r"to=<(.*?)>,(?: orig_to=<.*?>,)? relay=(.*?), .*status=(\S+) \((.*)\)$",
                              line)
            if match and match.group(4).startswith("forwards to ") and depth:
                found |= self.verify(match.group(4)[12:], depth - 1)
            elif match:
                found.add(self.route_of(*match.groups(), self.mailbox))
        return found

    def settle(self, mark):
        """the lines of the first mail behind MARK, when it is gone"""
        until = time.monotonic() + 10
        while time.monotonic() < until:
            lines = self.lines(mark)
            picked = [match.group(1) for match in (
                re.search(r" postfix/pickup\[\d+\]: (\w+): uid=", line) for line in lines) if match]
            if picked and any("%s: removed" % picked[0] in line for line in lines):
                return [line for line in lines if ": %s: to=" % picked[0] in line]
            time.sleep(0.03)
        return []

    @staticmethod
    def route_of(final, relay, status, why, mailbox):
        if re.match(r"connect to \S+\[/\S+\]: No such file", why):  # nobody listens at the socket
            return "lmtp", final.split("@")[0].lower()
        if status == "undeliverable" or (status == "deferred" and "connect" not in why.lower()):
            return "refused", ""
        if relay == "cyrus":
            return relay, final.split("@")[0].lower()
        match = re.match(r"delivers to (\w+): ?(.*)", why)
        if match and match.group(1) == "command" and match.group(2) != mailbox:
            return "command", match.group(2)
        if match and match.group(1) == "file":
            return "file", match.group(2)
        if relay in ("local", "virtual", "mailbox"):
            return "local", final.split("@")[0].split("+")[0].lower()
        match = re.match(r".*\[([0-9.]+)\]:(\d+)$", relay)
        if match and match.group(2) == "24":
            return "lmtp", final.split("@")[0].lower()
        if match:
            return "smtp", "%s %s" % (match.group(1), final)
        if relay == "none" and "discard" in why:
            return "discard", ""
        return relay, final.split("@")[0].lower()
