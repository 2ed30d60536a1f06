#!/usr/bin/env python3
"""campaign.py - every system call of the commands that write fails once, and is killed once

After each run the files are the old set or the new one, whole; the exit status says which; and the
next run leaves nothing behind.

    campaign.py POSTMEND INJECT WORK [SECONDS]

With SECONDS it takes an even sample of the system calls, as many as fit.  Prints the counts.
"""

import os
import shutil
import subprocess
import sys
import time

ERRORS = {"EIO": 5, "ENOSPC": 28, "EACCES": 13, "EINTR": 4}
FAULTS = [str(number) for number in ERRORS.values()] + ["kill", "after"]
NAMES = {str(number): name for name, number in ERRORS.items()}
SYMLINKS_INSIDE = {"alias-of-recipients": "recipients"}


def snapshot(path):
    """What is below path: names, modes, owners and contents; what postmend must not leave apart."""
    found, left = {}, []
    for directory, names, files in os.walk(path):
        for name in names + files:
            full = os.path.join(directory, name)
            relative = os.path.relpath(full, path)
            if name.startswith(".") and "postmend-" in name:
                left.append(relative)
                if name in names:
                    names.remove(name)
                continue
            status = os.lstat(full)
            if os.path.islink(full):
                content = os.readlink(full)
            elif os.path.isdir(full):
                content = "directory"
            else:
                with open(full, "rb") as file:
                    content = file.read()
            found[relative] = (status.st_mode, status.st_uid, status.st_gid, content)
    return found, left


class Command:
    """One command, in a directory that is made anew for each run."""

    def __init__(self, name, source, arguments, again):
        self.name, self.source, self.arguments, self.again = name, source, arguments, again

    def prepare(self, place):
        shutil.rmtree(place, ignore_errors=True)
        os.mkdir(place)
        etc = os.path.join(place, "etc")
        shutil.copytree(self.source, etc)
        if "main.cf" in os.listdir(etc):
            os.makedirs(os.path.join(etc, "maps", "empty"))
            os.chmod(os.path.join(etc, "recipients"), 0o640)
            for name, target in SYMLINKS_INSIDE.items():
                os.symlink(target, os.path.join(etc, name))


def run(words, place, inject=None, number=0, fault="0"):
    reader, writer = os.pipe()
    prefix = [] if inject is None else [inject, str(number), fault]

    def use_nine():
        os.dup2(writer, 9)

    result = subprocess.run(prefix + words, cwd=place, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                            preexec_fn=use_nine, pass_fds=[9] if inject else [], check=False)
    os.close(writer)
    with os.fdopen(reader) as file:
        counts = file.read().split()
    calls = [int(word) for word in counts[-2:]] if len(counts) >= 2 else [0, -1]
    return result.returncode, calls, result.stderr.decode(errors="replace")


class Campaign:
    def __init__(self, postmend, inject, work, seconds):
        self.postmend, self.inject, self.work, self.seconds = postmend, inject, work, seconds
        self.place = os.path.join(work, "run")
        self.counts = {"runs": 0, "old": 0, "new": 0, "recovered": 0}
        self.wrong = []

    def words(self, arguments):
        return [self.postmend] + arguments

    def check(self, command, what, status, before, after, said):
        """After one run with a fault; AFTER: (files, status) of a run without."""
        found, left = snapshot(self.place)
        state = "old" if found == before else "new" if found == after[0] else "mixed"
        killed = what.endswith(("kill", "after"))
        if not killed:
            if state == "mixed":
                return f"{what}: neither the old set nor the new one; status {status}: {said}"
            if status == 2 and state != "old":
                return f"{what}: status 2, but files were written: {said}"
            if status in (0, 1) and state != "new":
                return f"{what}: status {status}, but nothing was written: {said}"
            if status == 0 and after[1] != 0:
                return f"{what}: status 0, and without the fault {after[1]}"
        if left or state == "mixed":
            self.counts["recovered"] += 1
        run(self.words(command.again), self.place)
        found, left = snapshot(self.place)
        state = "old" if found == before else "new" if found == after[0] else "mixed"
        if state == "mixed":
            changed = [n for n in set(found) | set(before)
                       if found.get(n) not in (before.get(n), after[0].get(n))]
            return f"{what}: after the next run neither the old set nor the new one: {changed}"
        if left:
            return f"{what}: the next run leaves {left}"
        self.counts[state] += 1
        return None

    def campaign(self, command, deadline):
        command.prepare(self.place)
        before = snapshot(self.place)[0]
        status, (calls, _), said = run(self.words(command.arguments), self.place, self.inject)
        after = (snapshot(self.place)[0], status)
        if status not in (0, 1) or after[0] == before:
            self.wrong.append(f"{command.name}: does nothing without a fault: {status} {said}")
            return
        began, runs = time.monotonic(), self.counts["runs"]
        order = self.order(calls)
        for number in order:
            for fault in FAULTS:
                if deadline is not None and time.monotonic() > deadline:
                    break
                command.prepare(self.place)
                result, _, said = run(self.words(command.arguments), self.place, self.inject,
                                      number, fault)
                self.counts["runs"] += 1
                what = f"{command.name}, call {number}, {NAMES.get(fault, fault)}"
                problem = self.check(command, what, result, before, after, said)
                if problem is not None:
                    self.wrong.append(problem)
        print(f"{command.name}: {calls} system calls, {self.counts['runs'] - runs} runs in "
              f"{time.monotonic() - began:.0f} s", flush=True)

    def order(self, calls):
        """All calls, in steps that become finer, so that a time limit leaves an even sample."""
        if self.seconds is None:
            return range(1, calls + 1)
        seen, order, step = set(), [], 64
        while step >= 1:
            for number in range(step, calls + 1, step):
                if number not in seen:
                    seen.add(number)
                    order.append(number)
            step //= 2
        return order


def main():
    postmend, inject, work = (os.path.abspath(path) for path in sys.argv[1:4])
    seconds = float(sys.argv[4]) if len(sys.argv) > 4 else None
    shown = Campaign(postmend, inject, work, seconds)
    postfix = os.path.abspath("fixtures/seed-001/in")
    sendmail = os.path.abspath(os.environ["FAULTS_SENDMAIL"])
    move = ["upgrade", "--from", "rhel9", "--to", "rhel10"]
    read = ["show", "-n", "--platform", "rhel10", "etc"]
    mc = [name for name in sorted(os.listdir(sendmail)) if name.endswith(".mc")][0]
    commands = [
        Command("lint --fix", postfix, ["lint", "--platform", "rhel10", "--fix", "etc"], read),
        Command("upgrade --in-place", postfix, move + ["--in-place", "etc"], read),
        Command("upgrade --output", postfix, move + ["--output", "new", "etc"], ["recover", "new"]),
        Command("convert", sendmail, ["convert", "--to", "rhel10", "--output", "new", "etc/" + mc],
                ["recover", "new"]),
    ]
    for command in commands:
        deadline = None if seconds is None else time.monotonic() + seconds / len(commands)
        shown.campaign(command, deadline)
    for problem in shown.wrong[:40]:
        print("not ok - " + problem.strip())
    counts = shown.counts
    print(f"{counts['runs']} runs: {counts['old']} with the old set, {counts['new']} with the new "
          f"one, {counts['recovered']} that the next run completed or took back, "
          f"{len(shown.wrong)} wrong")
    print(f"faults: {counts['runs'] - len(shown.wrong)} passed, {len(shown.wrong)} failed")
    return 1 if shown.wrong or counts["runs"] == 0 else 0


sys.exit(main())
