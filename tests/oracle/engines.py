"""engines.py ANSWERS LIST whole|part [LEFT...] - what test-engines.sh asked for, compared

ANSWERS has RELEASE.NAME.ENGINE, the report of livetest in JSON, for each line "NAME RELEASE PLATFORM
DIRECTORY" of LIST; and .err beside it.  "whole": the corpus was asked.  LEFT are the directories that
live tests left behind, each of which is a failure.  Prints the share of equal
replies by kind of question, and every difference with its reason.
"""
import collections
import json
import re
import sys

SHARE = 99  # of 100 determined replies must be equal

# What is known to differ and stays so: (kind of question, step, Postfix, reference server, why), of
# which the first four are patterns for the whole text.  A difference that no line here knows fails;
# so does a line that nothing needs any more, once the corpus was asked.
REASONS = []


class Row:
    """of one kind of question: how many replies"""

    def __init__(self):
        self.asked = self.determined = self.equal = self.possible = self.other = 0

    def add(self, row):
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(row, name))

    def share(self):
        return 100 * self.equal / max(1, self.determined)


def read(name):
    try:
        with open(name) as file:
            return json.load(file)
    except ValueError:
        return None


def last_line(name):
    with open(name, errors="replace") as file:
        lines = [line.strip() for line in file if line.strip()]
    # paths and ids are of this run alone
    return re.sub(r"\S*/postmend-livetest\.\w+|^postmend livetest: [^:]*: |(?<=/)h\d+(?= )", "",
                  lines[-1]).strip() if lines else "no reason is given"


def reason_of(difference):
    for reason in REASONS:
        if all(re.fullmatch(pattern, text) for pattern, text in zip(reason[:4], difference)):
            return reason
    return None


class Comparison:
    def __init__(self):
        self.rows = {}
        self.differences = {}  # (kind, step, Postfix, ours, what Postfix said): places
        self.others = {}  # undetermined, and none of its ways: (step, Postfix, ways, why): places
        self.needed = set()  # reasons
        self.refused = {}
        self.broken = []
        self.compared = collections.Counter()

    def step(self, kind, place, real, ours):
        if "not asked" in (real["verdict"], ours["verdict"]):
            return
        row = self.rows.setdefault(kind, Row())
        row.asked += 1
        if "one_of" in real:
            row.possible += real["answered"] in real["one_of"]
            if real["answered"] not in real["one_of"]:
                row.other += 1
                key = (real["step"], real["answered"], " or ".join(real["one_of"]), real["because"])
                self.others.setdefault(key, []).append(place)
            return
        row.determined += 1
        row.equal += real["answered"] == ours["answered"]
        if real["answered"] != ours["answered"]:
            said = (real["reply"].splitlines() or [""])[0]
            key = (kind, real["step"], real["answered"], ours["answered"], said)
            self.differences.setdefault(key, []).append(place)

    def configuration(self, answers, name, release):
        path = "%s/%s.%s" % (answers, release, name)
        real, ours = read(path + ".postfix"), read(path + ".builtin")
        if real is None:
            reason = last_line(path + ".postfix.err")
            self.refused.setdefault(reason, []).append(release + "/" + name)
        elif ours is None or len(ours["sessions"]) != len(real["sessions"]):
            self.broken.append("%s/%s: %s" % (release, name, last_line(path + ".builtin.err")))
        else:
            self.compared[release] += 1
            for theirs, mine in zip(real["sessions"], ours["sessions"]):
                place = "%s/%s %s, %s" % (release, name, theirs["service"], theirs["ask"])
                for a, b in zip(theirs["steps"], mine["steps"]):
                    self.step(theirs["kind"], place, a, b)

    def print_table(self):
        total = Row()
        print("%-14s %8s %11s %8s %8s" % ("kind", "asked", "determined", "equal", "share"))
        for kind, row in sorted(self.rows.items()):
            total.add(row)
            print("%-14s %8d %11d %8d %7.2f%%" % (
                kind, row.asked, row.determined, row.equal, row.share()))
        print("%-14s %8d %11d %8d %7.2f%%" % (
            "all", total.asked, total.determined, total.equal, total.share()))
        print("undetermined: %d answered as one of the ways that the policy names, %d otherwise" % (
            total.possible, total.other))
        print("configurations compared: " +
              ", ".join("%s %d" % item for item in self.compared.items()))
        return total

    def print_differences(self):
        """returns how many have no reason"""
        unknown = 0
        for key, places in sorted(self.differences.items(), key=lambda item: -len(item[1])):
            kind, step, real, ours, said = key
            reason = reason_of(key)
            unknown += len(places) if reason is None else 0
            self.needed.add(reason)
            print("%s: %s: Postfix %s, reference server %s (%d times; %s)%s%s" % (
                "FAIL no reason is known" if reason is None else "differs", step, real, ours,
                len(places), places[0], ": " + said if said else "",
                "\n    since " + reason[4] if reason is not None else ""))
        for (step, real, ways, why), places in self.others.items():
            print("undetermined: %s: Postfix %s, the policy has %s (%d times; %s), since %s" % (
                step, real, ways, len(places), places[0], why))
        return unknown


def main(answers, list_, whole, *left):
    comparison = Comparison()
    with open(list_) as lines:
        for line in lines:
            name, release, _, _ = line.split()
            comparison.configuration(answers, name, release)
    total = comparison.print_table()
    for why, names in comparison.refused.items():
        print("not started: %s (%d: %s)" % (why, len(names), " ".join(names[:6])))
    for line in comparison.broken:
        print("FAIL the reference server does not start: " + line)
    for directory in left:
        print("FAIL left behind: " + directory)
    failed = comparison.print_differences() + len(comparison.broken) + len(left)
    for reason in REASONS:
        if whole == "whole" and reason not in comparison.needed:
            print("FAIL nothing differs any more for this reason: " + reason[4])
            failed += 1
    if total.share() < SHARE or total.determined == 0:
        print("FAIL less than %d %% of the determined replies are equal" % SHARE)
        failed += 1
    print("engines: %d passed, %d failed" % (total.equal, failed))
    return 0 if failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
