#!/usr/bin/env python3
"""names.py - do names in the C sources lead where they say?

A tag of a struct, enum or union is defined once in the tree: whoever reads "struct use" finds one
place that says what it is, even where two of them would never meet in one program.  A comment
"name - what it does" stands above the function, type or object of that name.  (The comment at the
start of a file names its module.)
"""
import collections
import os
import re
import subprocess
import sys

TAG = re.compile(r"\b(?:struct|enum|union)\s+(\w+)\s*\{")
COMMENT = r"/\*.*?\*/"
LITERAL = r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'"""
SKIPPED = re.compile(COMMENT + "|" + LITERAL, re.DOTALL)
NAMING = re.compile(r"^/\* (\w+(?:, \w+)*) - .*?\*/", re.DOTALL | re.MULTILINE)
DECLARED = re.compile(r"[^;{=]*")


def blank(match):
    """what stands for a comment or a literal: its line ends, so that lines keep their numbers"""
    return "\n" * match.group().count("\n")


def read_sources():
    """(path, text) of each C source and header that git knows, and of new ones"""
    listing = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard",
                              "--", "*.c", "*.h"], capture_output=True, text=True, check=True)
    for path in sorted(filter(os.path.exists, listing.stdout.split())):
        with open(path, encoding="utf-8") as source:
            yield path, source.read()


def find_line(text, offset):
    return text.count("\n", 0, offset) + 1


def find_tags(path, text, places):
    """adds the place of each definition to {tag: places}"""
    code = SKIPPED.sub(blank, text)
    for found in TAG.finditer(code):
        places[found.group(1)].append(f"{path}:{find_line(code, found.start())}")


def find_strays(path, text):
    """the comments that name something else than what stands below them"""
    for comment in NAMING.finditer(text):
        if comment.start() == 0:
            continue
        below = SKIPPED.sub(blank, text[comment.end():])
        declared = re.findall(r"\w+", DECLARED.match(below).group())
        for name in comment.group(1).split(", "):
            if name not in declared:
                yield f"{path}:{find_line(text, comment.start())}: {name} is not what is below"


def main():
    places = collections.defaultdict(list)
    wrong = []
    for path, text in read_sources():
        find_tags(path, text, places)
        wrong.extend(find_strays(path, text))
    for tag, found in sorted(places.items()):
        if len(found) > 1:
            wrong.append(f"{found[0]}: {tag} is defined more than once: {', '.join(found[1:])}")
    for line in wrong:
        print(f"names: {line}")
    sys.exit(1 if wrong else 0)


main()
