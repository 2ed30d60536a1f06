"""ask.py - asks the real Postfix what it makes of the rows, and compares that with the table

    ask.py [--all | --record [--new]] [--slice K/N] [--jobs N] [--roots DIRECTORY]
           [--trees "NAME..."] [--show] [WORD...]

WORD: only rows whose name or file contains it.  Of releases that agree about a row one is asked, by
turns; with --all each of them.  --record writes the answers to the table instead of comparing (what one
of them answered for all of its group), with --new only those that are missing; --show prints what was
answered, with the log.  It takes root, and the trees that roots.sh makes.  Its last line is
"starts: N passed, N failed".
"""
import argparse
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import rows

UNSHARE = "unshare --net --mount --pid --fork --mount-proc --kill-child".split()
DEADLINE = 600
# warnings that follow from what others say, and come as they like
FALLOUT = (r"process \S+ pid|: bad command startup|problem talking to|malformed response|"
           r"premature end-of-input|queue file write error|file system clock|time stamps|"
           r"unrecognized protocol header|non-SMTP command")
ORDER = ["dead"] + list(rows.SOUND) + ["says"]


def run_host(job):
    done = subprocess.run(UNSHARE + [sys.executable, rows.HERE + "/host.py"], input=json.dumps(job),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                          timeout=DEADLINE)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip()[-600:] or "status %d" % done.returncode)
    return done.stdout


def make_base(release, roots, place):
    """what makes a sound host of the tree of a release; the directory"""
    directory = os.path.join(place, release)
    os.mkdir(directory)
    with open(rows.HERE + "/base/setup", encoding="utf-8") as file:
        setup = file.read()
    run_host({"root": os.path.join(roots, rows.RELEASES[release]), "base": "", "run": [setup],
              "files": {name: rows.base_text(name, release) for name in rows.BASE_FILES},
              "configuration": {}, "keep": directory})
    return directory


# --- from the log to "dead" and "says" ---------------------------------------------------------

def plain(text):
    """what is of this run alone goes"""
    text = re.sub(r"^((?:warning|fatal|error): )?(?:[0-9A-F]{6,}|NOQUEUE): ", r"\1", text)
    text = re.sub(r"\bmaildrop/[0-9A-F]{5,}(\.\d+)?", "maildrop/ID", text)
    text = re.sub(r"\b\d{10}\.P\d+\.[\w.-]+(?=:)", "UNIQUE", text)
    text = re.sub(r"error:[0-9A-F]+:([^:]*):[^:]*:([^:]*):.*", r"\1: \2", text)  # of OpenSSL
    text = re.sub(r"\d+ bytes <", "N bytes <", text)
    text = re.sub(r"\bpid \d+", "pid N", text)
    text = re.sub(r"(\[[\d.]+\]):\d{5}\b", r"\1:PORT", text)
    return re.sub(r" {2,}", " ", text).strip()


def master_saw(log):
    """programs that master(8) saw fail, without those that said so themselves"""
    spoken = {program.split("/")[-1] for program, text in log if re.match("fatal:|panic:", text)}
    for program, text in log:
        match = re.match(r"warning: process \S*/(\S+) pid \d+ (exit status|killed by signal)", text)
        if program == "master" and match and match[1] not in spoken:
            yield match[1], text


def summary_of(answer, varies=()):
    """the answers that differ from those of the sound host"""
    log = [tuple(line) for line in answer["log"]]
    dead, fatal, warned = set(), {}, {}
    for program, text in log:
        if re.match("fatal:|panic:", text) and "master_spawn: exec" not in text:
            dead.add(program)
            fatal.setdefault(program, plain(text))
        elif re.match("(warning|error):", text) and not re.search(FALLOUT, text):
            warned.setdefault(program, plain(text))
    for program, text in master_saw(log):
        dead.add(program)
        fatal.setdefault(program, "master: " + plain(text))
    found = {"dead": " ".join(sorted(dead))} if dead else {}
    found.update((name, plain(value)) for name, value in answer["answers"].items()
                 if value != rows.SOUND.get(name))
    says = {}  # the text: who says it
    for program, text in sorted({**warned, **fatal}.items(), key=lambda item: item[0] != "smtpd"):
        says.setdefault(text, program.split("/")[-1])
    if says:
        found["says"] = sorted("%s: %s" % (program, text) for text, program in says.items())
    return {name: found[name] for name in sorted(found, key=place_of) if name not in varies}


def place_of(name):
    return ORDER.index(name) if name in ORDER else ORDER.index("smtp.starttls")


def all_said(answer):
    said = {"%s: %s" % (program.split("/")[-1], plain(text)) for program, text in answer["log"]}
    return said | {"%s: master: %s" % (program, plain(text))
                   for program, text in master_saw([tuple(line) for line in answer["log"]])}


def differences(wanted, answer, varies):
    """lines; what was said may come in any order, among more"""
    found = summary_of(answer, varies)
    lines = []
    for name in sorted(set(wanted) | set(found), key=place_of):
        if name != "says" and wanted.get(name) != found.get(name):
            lines.append("%s: the table has %s, Postfix %s" % (name, wanted.get(name), found.get(name)))
    said = all_said(answer)
    return lines + ["says: no more: " + text for text in wanted.get("says", []) if text not in said]


# --- asking ------------------------------------------------------------------------------------

class Asking:
    def __init__(self, options, place):
        self.options, self.place = options, place
        self.bases = {}
        self.releases = [release for release, tree in rows.RELEASES.items()
                         if tree in options.trees.split()]
        self.passed = self.failed = 0
        self.groups = {}  # place of a row: lists of releases that agreed before
        self.again = []  # what differed once: on a busy machine a daemon may be slow

    def ask(self, row, release):
        job = {"root": os.path.join(self.options.roots, rows.RELEASES[release]),
               "base": self.bases[release], "files": rows.files_of(row),
               "run": rows.commands_of(row), "configuration": rows.configuration_of(row, release)}
        return json.loads(run_host(job))

    def take(self, row, release, future):
        try:
            answer = future.result()
        except (RuntimeError, ValueError, subprocess.TimeoutExpired) as error:
            if self.again is not None:
                self.again.append((row, release))
                return
            self.failed += 1
            print("FAIL %s, %s: %s" % (row.place, release, error))
            return
        if self.options.show:
            print("%s: %s, %s" % (row.place, row.name, release))
            print(json.dumps(summary_of(answer), indent=4))
            print("\n".join("    %s: %s" % tuple(line) for line in answer["log"]))
        lines = []
        if self.options.record:
            for one in self.group_of(row, release):
                row.answers[one] = summary_of(answer, row.words_of("varies"))
        elif release in row.answers:
            lines = differences(row.answers[release], answer, row.words_of("varies"))
        else:
            lines = ["the table has no answers"]
        if lines and self.again is not None:
            self.again.append((row, release))
            return
        for line in lines:
            print("FAIL %s (%s), %s: %s" % (row.place, row.name, release, line))
        self.failed += bool(lines)
        self.passed += not lines

    def group_of(self, row, release):
        """those for which it speaks"""
        if self.options.all or self.options.new:
            return [release]
        return next(group for group in self.groups[row.place] if release in group)

    def releases_of(self, row, number):
        """those that are asked of it"""
        if self.options.new:
            wanted = [release for release in row.releases() if release not in row.answers]
        elif self.options.all:
            wanted = row.releases()
        else:
            wanted = [group[number % len(group)] for group in rows.groups_of(row)]
        return [release for release in wanted if release in self.releases]

    def run(self, chosen):
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            made = {release: pool.submit(make_base, release, self.options.roots, self.place)
                    for release in self.releases}
            self.bases = {release: future.result() for release, future in made.items()}
            self.groups = {row.place: rows.groups_of(row) for row in chosen}
            futures = [(row, release, pool.submit(self.ask, row, release))
                       for number, row in enumerate(chosen)
                       for release in self.releases_of(row, number)]
            for row, release, future in futures:
                self.take(row, release, future)
        # a difference counts if it is there again, with the machine less busy
        again, self.again = self.again, None
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            futures = [(row, release, pool.submit(self.ask, row, release))
                       for row, release in again]
            for row, release, future in futures:
                self.take(row, release, future)
        if again:
            print("asked again: %d" % len(again))


def choose(table, options):
    number, of = (int(word) for word in options.slice.split("/"))
    chosen = [row for _, file_rows in table.values() for row in file_rows]
    chosen = [row for row in chosen if not options.words or any(
        word in row.name or word in row.place for word in options.words)]
    return chosen[number - 1::of]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--new", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--slice", default="1/1")
    parser.add_argument("--jobs", type=int, default=4 * (os.cpu_count() or 1))
    parser.add_argument("--trees", default=" ".join(rows.RELEASES.values()))
    parser.add_argument("--roots", default=os.environ.get("ORACLE_ROOTS",
                                                          "/var/tmp/postmend-oracle-roots"))
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    table = {path: rows.read_file(path) for path in rows.paths()}
    place = tempfile.mkdtemp(prefix="postmend-starts.")
    asking = Asking(options, place)
    chosen = choose(table, options)
    try:
        asking.run(chosen)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    if options.record:
        for path in {path for path, (_, file_rows) in table.items()
                     if any(row in chosen for row in file_rows)}:
            rows.write_file(path, *table[path])
    print("starts: %d passed, %d failed" % (asking.passed, asking.failed))
    return 0 if asking.failed == 0 and asking.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
