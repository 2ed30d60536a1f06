"""host.py - one host with the real Postfix, in namespaces of its own

It runs as root in new network, mount and process namespaces:

    unshare --net --mount --pid --fork --mount-proc --kill-child python3 host.py <job

The job is JSON: "root", a tree with Postfix, below "base", what makes it a sound host ("" while that
is made); "files", texts by their path; "run", shell commands after them; "configuration", main.cf and master.cf,
written last.  With "keep", a directory, what the commands changed is copied there, and nothing is
started.  Otherwise standard output has what questions.ask() found, as JSON.  The tree stays as it was:
all changes are in memory.
"""
import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
import outside
import questions

PLACE = "/mnt"
ETC = "/etc/postfix"


def command(*words, **more):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          stdin=subprocess.DEVNULL, text=True, errors="replace", **more)


def must(*words):
    done = command(*words)
    if done.returncode != 0:
        sys.exit("%s: %s" % (" ".join(words), done.stdout.strip()))
    return done.stdout


class Log:
    """what syslog is told: (program, text), the process ids are gone"""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        os.chmod(path, 0o666)
        self.lines, self.taken = [], 0
        self.last = time.monotonic()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while True:
            self.take(self.socket.recv(65536).decode("utf-8", "replace").strip("\0\n"))

    def take(self, text):
        """with the time and the host in front, which the socket leaves out"""
        self.last = time.monotonic()
        match = re.match(r"(?:<\d+>)?(?:\w+ +\d+ [\d:]+ )?(?:mail )?([^\[: ]+)(?:\[\d+\])?: (.*)", text,
                         re.S)
        program, text = match.groups() if match else ("?", text)
        self.lines.append((re.sub(r"^postfix/", "", program), text))

    def take_file(self, path):
        """what postlogd(8) wrote since the last call"""
        if os.path.exists(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                lines = file.read().splitlines()
            for line in lines[self.taken:]:
                self.take(line)
            self.taken = len(lines)

    def add(self, text):
        """what a command printed and did not tell syslog"""
        told = {line for _, line in self.lines}
        for program, line in re.findall(r"^(?:\S*/)?([\w-]+): ((?:fatal|warning|error): .*)", text,
                                        re.M):
            if line not in told:
                self.lines.append((program, line))

    def has(self, pattern):
        return any(re.search(pattern, "%s: %s" % line) for line in self.lines)


class Host:
    def __init__(self, job):
        self.job = job
        self.tree = PLACE + "/tree"
        self.log = None
        self.inside = []  # before a command: enters the network of the host

    def mount(self):
        must("mount", "-t", "tmpfs", "-o", "size=1g", "host", PLACE)
        for name in ("upper", "work", "tree"):
            os.mkdir("%s/%s" % (PLACE, name))
        lower = ":".join(filter(None, (self.job["base"], self.job["root"])))
        must("mount", "-t", "overlay", "-o", "lowerdir=%s,upperdir=%s/upper,workdir=%s/work" % (
            lower, PLACE, PLACE), "host", self.tree)
        must("mount", "-t", "proc", "proc", self.tree + "/proc")
        must("mount", "-t", "tmpfs", "-o", "mode=755", "host", self.tree + "/dev")
        for name, minor in (("null", 3), ("zero", 5), ("random", 8), ("urandom", 9)):
            os.mknod("%s/dev/%s" % (self.tree, name), 0o666 | stat.S_IFCHR, os.makedev(1, minor))
            os.chmod("%s/dev/%s" % (self.tree, name), 0o666)
        self.log = Log(self.tree + "/dev/log")

    def connect(self):
        """the network: this process is outside, the host has one interface"""
        holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec sleep infinity"],
                                  stdout=subprocess.PIPE)
        holder.stdout.readline()
        pid = str(holder.pid)
        self.inside = ["nsenter", "--net", "--target", pid]
        batch = ["link set lo up", "link add name outside type veth peer name eth0 netns " + pid,
                 "addr add 192.0.2.14/28 dev outside", "link set outside up",
                 "addr add 2001:db8::2/64 dev outside nodad"]
        batch += ["route add local %s/32 dev lo" % address for address in (
            outside.STRANGER, outside.MAIL_HOST, outside.NAME_SERVER)]
        self.ip([], batch)
        self.ip(self.inside, ["link set lo up", "addr add %s/28 dev eth0" % outside.SERVER,
                              "addr add 2001:db8::1/64 dev eth0 nodad", "link set eth0 up",
                              "route add default via 192.0.2.14"])

    @staticmethod
    def ip(inside, lines):
        done = subprocess.run(inside + ["ip", "-batch", "-"], input="\n".join(lines) + "\n", text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            sys.exit("ip: " + done.stdout)

    def chroot(self, *words, options=(), timeout=300):
        return command(*self.inside, "chroot", *options, self.tree, *words, timeout=timeout)

    def write(self, texts):
        for name, text in texts.items():
            path = self.tree + os.path.join(ETC, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8", errors="surrogateescape") as out:
                out.write(text)

    def run(self, lines):
        for line in lines:
            done = self.chroot("sh", "-c", "cd %s\n%s" % (ETC, line))
            if done.returncode != 0:
                sys.exit("%s\n%s" % (line, done.stdout))

    def keep(self, directory):
        must("cp", "-a", PLACE + "/upper/.", directory)


def main():
    job = json.load(sys.stdin)
    host = Host(job)
    must("mount", "--make-rprivate", "/")
    host.mount()
    host.connect()
    host.write(job["files"])
    host.run(job["run"])
    host.write(job["configuration"])
    if "keep" in job:
        host.keep(job["keep"])
        return
    mail_host = outside.serve(host.tree)
    json.dump(questions.ask(host, mail_host), sys.stdout)


if __name__ == "__main__":
    main()
