#!/usr/bin/env python3
"""race.py - another process swaps links and files while postmend reads and writes

    race.py POSTMEND WORK SECONDS

Nothing outside the directory may be read or written, each directory gets its own changes or none,
and no edit of another program is lost.  Prints how many runs each race had, and how many of them the
other process disturbed.
"""

import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import time

SECRET = b"the secret of another directory\n"
MASTER = "smtps inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n"
MAIN = "compatibility_level = 3.6\nmyhostname = {0}\n# {0}\nvirtual_alias_maps = hash:/etc/postfix/t\n"
FIX = ["lint", "--platform", "rhel10", "--fail-on", "never", "--fix"]
MOVE = ["upgrade", "--from", "rhel9", "--to", "rhel10", "--fail-on", "never"]


def put(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def get(path):
    with open(path, "rb") as file:
        return file.read()


def make(directory, name):
    shutil.rmtree(directory, ignore_errors=True)
    os.mkdir(directory)
    put(os.path.join(directory, "main.cf"), MAIN.format(name))
    put(os.path.join(directory, "master.cf"), MASTER)
    put(os.path.join(directory, "t"), "a@example.com b@example.com\n")


class Race:
    """One race: what is prepared before a run, what the other process does, what must hold."""

    name = ""
    arguments = []

    def prepare(self):
        raise NotImplementedError

    def disturb(self):
        """Once; it is called again and again by the other process."""
        raise NotImplementedError

    def wrong(self, status, said):
        """What is wrong after a run, or None."""
        raise NotImplementedError


def swap(first, second):
    """Two names change places, by way of a third."""
    os.rename(first, first + ".third")
    os.rename(second, first)
    os.rename(first + ".third", second)


class FlippedDirectory(Race):
    name = "the directory's link is flipped"
    arguments = FIX + ["link"]

    def prepare(self):
        make("ours", "ours")
        make("theirs", "theirs")
        self.replace("ours")

    @staticmethod
    def replace(target):
        os.symlink(target, "link.new")
        os.rename("link.new", "link")

    def disturb(self):
        self.replace("theirs")
        self.replace("ours")

    def wrong(self, status, said):
        for name in ("ours", "theirs"):
            main, master = get(name + "/main.cf").decode(), get(name + "/master.cf").decode()
            if f"# {name}\n" not in main:
                return f"{name}/main.cf is of another directory"
            if ("lmdb:" in main) != ("submissions" in master):
                return f"{name}: a new file beside an old one"
        return None


class SwappedTable(Race):
    name = "a file is swapped for a link that leads out"
    arguments = MOVE + ["--output", "new", "etc"]

    def prepare(self):
        make("etc", "etc")
        shutil.rmtree("new", ignore_errors=True)
        with open("secret", "wb") as file:
            file.write(SECRET)
        os.chmod("secret", 0o600)
        if not os.path.lexists("link"):
            os.symlink("../secret", "link")

    def disturb(self):
        swap("etc/t", "link")
        swap("etc/t", "link")

    def wrong(self, status, said):
        for directory, _, files in os.walk("new"):
            for name in files:
                path = os.path.join(directory, name)
                if not os.path.islink(path) and SECRET in get(path):
                    return f"{path} has what is outside"
        if b"secret" in said.replace(b"../secret", b""):
            return "the report has what is outside"
        return None


class SwappedMain(Race):
    name = "main.cf is swapped for a link that leads out"
    arguments = FIX + ["etc"]

    def prepare(self):
        make("etc", "etc")
        make("outside", "outside")
        if os.path.lexists("link"):
            os.unlink("link")
        os.symlink("../outside/main.cf", "link")

    def disturb(self):
        swap("etc/main.cf", "link")
        swap("etc/main.cf", "link")

    def wrong(self, status, said):
        if get("outside/main.cf").decode() != MAIN.format("outside"):
            return "a file outside was written"
        for name in os.listdir("etc"):
            path = "etc/" + name
            if os.path.isfile(path) and not os.path.islink(path) and b"# outside" in get(path):
                return f"{path} has what is outside"
        return None


class SwappedOutput(Race):
    name = "the new directory is swapped for a link that leads out"
    arguments = MOVE + ["--output", "new", "etc"]

    def prepare(self):
        make("etc", "etc")
        shutil.rmtree("outside", ignore_errors=True)
        os.mkdir("outside")
        for name in ("new", "new.third", "link"):
            if os.path.islink(name):
                os.unlink(name)
            shutil.rmtree(name, ignore_errors=True)
        os.mkdir("new")
        os.symlink("outside", "link")

    def disturb(self):
        try:
            swap("new", "link")
            swap("new", "link")
        except OSError:
            pass  # postmend has just made "new"

    def wrong(self, status, said):
        return "a file outside was written" if os.listdir("outside") else None


class Edited(Race):
    name = "main.cf is edited meanwhile"
    arguments = FIX + ["etc"]

    def prepare(self):
        self.number = getattr(self, "number", 0)
        make("etc", "etc")
        put("edits", "0")

    def disturb(self):
        """An editor that reads the file, adds a line, and renames a new file into its place."""
        number = int(get("edits")) + 1
        text = get("etc/main.cf").decode()
        lines = [line for line in text.splitlines() if not line.startswith("# edit")]
        put("etc/main.cf.swp", "\n".join(lines) + f"\n# edit {number}.\n")
        os.rename("etc/main.cf.swp", "etc/main.cf")
        put("edits", str(number))
        time.sleep(random.uniform(0.001, 0.03))

    def wrong(self, status, said):
        number = int(get("edits"))
        files = ["etc/" + name for name in os.listdir("etc") if os.path.isfile("etc/" + name)]
        if number > 0 and not any(f"# edit {number}.".encode() in get(path) for path in files):
            return f"edit {number} is lost; status {status}: {said.decode()}"
        return None


class EditedInPlace(Edited):
    name = "a line is appended to main.cf meanwhile"

    def disturb(self):
        number = int(get("edits")) + 1
        with open("etc/main.cf", "a", encoding="ascii") as file:
            file.write(f"# edit {number}.\n")
        put("edits", str(number))
        time.sleep(random.uniform(0.001, 0.03))


def disturb_forever(race, stop, count):
    while not stop.is_set():
        race.disturb()
        count.value += 1


def run_once(postmend, race):
    race.prepare()
    stop, count = multiprocessing.Event(), multiprocessing.Value("L", 0)
    other = multiprocessing.Process(target=disturb_forever, args=(race, stop, count))
    other.start()
    while count.value == 0:
        time.sleep(0.0005)
    result = subprocess.run([postmend] + race.arguments, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    stop.set()
    other.join()
    if result.returncode not in (0, 1, 2):
        return result.returncode, f"status {result.returncode}"
    return result.returncode, race.wrong(result.returncode, result.stdout)


def main():
    postmend, work, seconds = os.path.abspath(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    races = [FlippedDirectory(), SwappedTable(), SwappedMain(), SwappedOutput(), Edited(),
             EditedInPlace()]
    failures = 0
    for number, race in enumerate(races):
        place = os.path.join(work, f"race{number}")
        os.mkdir(place)
        os.chdir(place)
        runs, refused, problems = 0, 0, []
        end = time.monotonic() + seconds / len(races)
        while time.monotonic() < end or runs == 0:
            status, problem = run_once(postmend, race)
            runs += 1
            refused += status == 2
            if problem is not None:
                problems.append(problem)
        print(f"{'not ok' if problems else 'ok'} - {race.name}: {runs} runs, {refused} refused, "
              f"{len(problems)} wrong")
        for problem in problems[:3]:
            print("    " + problem)
        failures += bool(problems)
        os.chdir("/")
    print(f"race: {len(races) - failures} passed, {failures} failed")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
