#!/usr/bin/env python3
"""bounds.py - is every bound in the sources listed in tests/bounds, with the test that fills it?

A bound is a constant whose name has MAX, MOST, LIMIT or FEW in it.  A row of tests/bounds has its
file, its name, what it is, and where it is tested:

  said    reaching it is said, with the number: a finding, an error, "not decided"
  shown   it cuts only what is printed, which then ends in "..." or "and N more"
  theirs  the limit of Postfix, Sendmail, a library or an RFC, with what they do about it
  speed   it changes how much time or memory is taken, and nothing else
  never   it cannot be reached; the comment beside it says why

What is said needs a test: FILE:TEXT, where TEXT (the name of a function, or some words) is in FILE.
A row may also name something that is not such a constant.
"""
import os
import re
import subprocess
import sys

ROOMS = ("base", "facts", "parser", "smtp", "convert", "rules", "cmd")
KINDS = ("said", "shown", "theirs", "speed", "never")
SKIPPED = re.compile(r"""/\*.*?\*/|"(?:\\.|[^"\\\n])*\"""", re.DOTALL)
ENUM = re.compile(r"\benum\s*\w*\s*\{([^}]*)\}")
CONSTANT = re.compile(r"\b([A-Z][A-Z0-9_]*)\s*=")
DEFINE = re.compile(r"^\s*#define\s+([A-Z][A-Z0-9_]*)\s+\S", re.MULTILINE)
BOUND = re.compile(r"(?:^|_)(?:MAX|MOST|LIMIT|FEW)(?:_|$)")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def find_bounds():
    """(path, name) of each constant that is a bound"""
    listing = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--",
                              *(f"{room}/*.[ch]" for room in ROOMS)],
                             capture_output=True, text=True, check=True)
    for path in sorted(filter(os.path.exists, set(listing.stdout.split()))):
        code = SKIPPED.sub("", read(path))
        names = DEFINE.findall(code)
        for block in ENUM.findall(code):
            names += CONSTANT.findall(block)
        yield from ((path, name) for name in names if BOUND.search(name))


def find_row_problem(path, name, kind, test):
    """what is wrong with a row, or None"""
    if not os.path.exists(path) or not re.search(rf"\b{re.escape(name)}\b", read(path)):
        return "there is no such bound"
    if kind not in KINDS:
        return f'"{kind}" is not one of {", ".join(KINDS)}'
    if test == "-":
        return "what is said needs a test" if kind == "said" else None
    file, _, text = test.partition(":")
    if not os.path.exists(file) or not text or text not in read(file):
        return f"there is no such test: {test}"
    return None


def main():
    listed = set()
    problems = []
    for number, line in enumerate(read("tests/bounds").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split(None, 3)
        problem = find_row_problem(*fields) if len(fields) == 4 else "expected four fields"
        if problem:
            problems.append(f"tests/bounds:{number}: {' '.join(fields[:2])}: {problem}")
        listed.add(tuple(fields[:2]))
    problems += [f"{path}: {name} is not in tests/bounds: see tests/bounds.py"
                 for path, name in find_bounds() if (path, name) not in listed]
    for problem in problems:
        print(f"bounds: {problem}")
    print(f"bounds: {len(listed)} listed, {len(problems)} wrong")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
