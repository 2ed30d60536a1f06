#!/usr/bin/env python3
"""english.py - unidiomatic English in what users read

Looked at: string literals of the C files outside tests/, the texts of YAML files (not their
comments), README.md and the other documents at the top, docs/.  Prints each place with a phrase of
the list below, with what to write instead, and fails if there is one.
"""
import os
import re
import subprocess
import sys

# what not to write, and what to write
WORDS = [
    (r"nothing to say", "no problems found"),
    (r"in the clear\b", "unencrypted"),
    (r"\bto be had\b", "available"),
    (r"(?<!there\s)\b(?:is|are) no (?:valid )?(?:number|value|name|comment|file|directory|path|address|host|hostname"
     r"|parameter|service|time|list|table|word|letter|mail|client|platform|release|rule|macro|option"
     r"|domain|port|user|text|regular|program|network|type|kind|key|key-value|pattern|word)s?\b",
     "is not a ..."),
    (r"\bwhat is no\b", "what is not a ..."),
    (r"\bcontent with\b", "accepts"),
    (r"\btakes? root\b", "requires root"),
    (r"\bbehind\b(?! (?:(?:a|an|the|this|your|its|another) )?(?:(?:load|reverse|TCP|own|mail|HTTP|web) )*"
     r"(?:firewall|proxy|proxies|balancer|NAT|router|gateway|haproxy|nginx)\b)", "after"),
    (r"\bblanks?\b(?! lines?\b)", "space"),
    (r"(?<![\w-])mend(?:s|ed|ing)?(?![\w-])", "fix"),
    (r"\bis (?:there|here) twice\b", "is defined twice"),
    (r"(?<!as\sit\s)\bstands? (?:in|on|at|beside|behind|above|below|under|there|here|right)\b", "is in, is on line"),
    (r"\bwithout meaning\b", "not applicable"),
    (r"\balready so\b", "already the default"),
    (r"\bin the eyes of\b", "according to"),
    (r"\bmakes? of (?:it|that|them)\b", "turns it into"),
    (r"\bdemands?\b", "requires"),
    (r"\bstops here\b", "does not start, exits"),
    (r"\bends at each connection\b", "exits for each connection"),
    (r"\bfiles? (?:don't|do not|doesn't|does not|can't|cannot) (?:tell|say)\b",
     "cannot be determined from the files"),
    (r"\bsays? nothing (?:that|about|of)\b", "does not say"),
    (r"\bnot as before\b", "changed"),
    (r"\bgives? up root\b", "drops root privileges"),
    (r"\bwho(?:ever)? (?:wants|walks|calls|asks|reads)\b", "the caller, or: to do this, ..."),
    (r"\bnobody(?:'s| may| can| must| knows)\b", "no one ..., or the passive"),
    (r"\bmeans? harm\b", "is hostile"),
]
# a sentence may go on on the next line
PATTERNS = [(re.compile(pattern.replace(" ", r"\s+"), re.I), instead) for pattern, instead in WORDS]

LITERAL = re.compile(r'"(?:\\.|[^"\\\n])*"')
TOKEN = re.compile(r"""
      (?P<comment>/\*.*?\*/|//[^\n]*)
    | (?P<include>^[ ]*\#[ ]*include[^\n]*)
    | (?P<texts>"(?:\\.|[^"\\\n])*"(?:\s*"(?:\\.|[^"\\\n])*")*)
    | '(?:\\.|[^'\\\n])+'
    """, re.X | re.S | re.M)


def texts_of_c(text):
    """(line, text) of each literal; neighbours are one, as for the compiler"""
    for token in TOKEN.finditer(text):
        if token.group("texts"):
            literals = "".join(part[1:-1] for part in LITERAL.findall(token.group("texts")))
            yield text.count("\n", 0, token.start()) + 1, re.sub(r"\\[nt]", " ", literals)


def texts_of(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    if path.endswith((".c", ".h")):
        return texts_of_c(text)
    if path.endswith(".yaml"):
        text = re.sub(r"(?m)(^|\s)#.*", r"\1", text)
    return [(1, text)]


def main():
    names = subprocess.run(["git", "ls-files", "*.c", "*.h", "*.yaml", "*.md", "docs/*"], check=True,
                           stdout=subprocess.PIPE, text=True).stdout.split()
    count = 0
    for path in names:
        if path.startswith(("tests/", "fixtures/")) or not os.path.exists(path):
            continue
        for line, text in texts_of(path):
            for pattern, instead in PATTERNS:
                for match in pattern.finditer(text):
                    count += 1
                    at = line + text.count("\n", 0, match.start())
                    begin, end = max(match.start() - 35, 0), match.end() + 35
                    shown = re.sub(r"\s+", " ", text[begin:end])
                    print("%s:%d: ...%s... (write: %s)" % (path, at, shown, instead))
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
