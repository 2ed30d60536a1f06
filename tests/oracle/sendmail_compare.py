#!/usr/bin/env python3
"""sendmail_compare.py ANSWERS [FIXTURE...] - the table by kind, and what differs

ANSWERS/NAME.sendmail and ANSWERS/NAME.postfix are of sendmail.py; ANSWERS/NAME/CONVERSION.md what
postmend wrote.  A difference is explained where fixtures/NAME/explained has a line "KIND | ASK | TEXT"
and CONVERSION.md holds TEXT; ASK may have a "*", and behind it " => " what Sendmail and what Postfix
answered, "2 discarded" for mail that is thrown away.  Exit status 0: every difference is explained,
and over all fixtures WANTED of 100 answers are the same; a slice of them (ORACLE_SLICE) may hold just
those that differ most, so it is not held to that.
"""
import collections
import fnmatch
import json
import os
import sys

WANTED = 98.0
FIXTURES = os.environ.get("SENDMAIL_FIXTURES", "fixtures")


def read(path):
    with open(path, encoding="utf-8") as file:
        return {(row["kind"], row["ask"]): row for row in json.load(file)["answers"]}


def explanations(name):
    path = os.path.join(FIXTURES, name, "explained")
    rows = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            rows = [[part.strip() for part in line.split(" | ", 2)] for line in file
                    if line.strip() and not line.startswith("#")]
    return rows


def words_of(text):
    """as CONVERSION.md may break its lines where it likes"""
    return " ".join(text.split())


def explained(rows, conversion, kind, ask, answers):
    for row in rows:
        asked = "%s => %s %s" % (ask, *answers) if "=>" in row[1] else ask
        if row[0] == kind and fnmatch.fnmatchcase(asked, row[1].replace("[", "[[]")):
            if words_of(row[2]) in conversion:
                return row[2]
    return None


def last_line(text):
    return text.splitlines()[-1] if text else ""


def compare(top, name, kinds, verbose):
    real, ours = read(os.path.join(top, name + ".sendmail")), read(os.path.join(top, name + ".postfix"))
    with open(os.path.join(top, name, "CONVERSION.md"), encoding="utf-8") as file:
        conversion = words_of(file.read())
    rows, different, failures = explanations(name), 0, 0
    for key in list(real) + [key for key in ours if key not in real]:
        kind, ask = key
        theirs, mine = real.get(key, {}), ours.get(key, {})
        kinds[kind][0] += 1
        if theirs.get("answer") == mine.get("answer"):
            kinds[kind][1] += 1
            continue
        different += 1
        answer = "%s%s" % (mine.get("answer"), " discarded" * ("(discarded)" in mine.get("said", "")))
        why = explained(rows, conversion, kind, ask, (theirs.get("answer"), answer))
        failures += why is None
        print("%s %s: %s: %s: Sendmail %s, Postfix %s%s" % (
            "differs" if why else "FAIL", name, kind, ask, json.dumps(theirs.get("answer")),
            json.dumps(mine.get("answer")), " (CONVERSION.md: %s)" % why if why else ""))
        if verbose:
            print("    S: %s\n    P: %s" % (theirs.get("said", "").replace("\n", " / ")[-200:],
                                      mine.get("said", "").replace("\n", " / ")[-200:]))
    return len(real), different, failures


def main():
    verbose = sys.argv[1] == "-v"
    top, *names = sys.argv[2 if verbose else 1:]
    names = names or sorted(name[:-9] for name in os.listdir(top) if name.endswith(".sendmail"))
    kinds, failures = collections.defaultdict(lambda: [0, 0]), 0
    for name in names:
        failures += compare(top, name, kinds, verbose)[2]
    print("%-12s %7s %7s %8s" % ("kind", "asked", "same", "share"))
    asked, same = (sum(row[i] for row in kinds.values()) for i in (0, 1))
    for kind, row in sorted(kinds.items()) + [("all", [asked, same])]:
        print("%-12s %7d %7d %7.2f%%" % (kind, *row, 100 * row[1] / max(1, row[0])))
    share = 100 * same / max(1, asked)
    enough = share >= WANTED or os.environ.get("ORACLE_SLICE", "1/1") != "1/1"
    if share < WANTED and enough:
        print("a slice: its share is not held to the %.0f%% of all fixtures" % WANTED)
    if not enough:
        print("FAIL %.2f%% are the same, %.0f%% are wanted" % (share, WANTED))
    print("sendmail: %d passed, %d failed" % (asked - failures, failures))
    sys.exit(0 if asked and enough and not failures else 1)


main()
