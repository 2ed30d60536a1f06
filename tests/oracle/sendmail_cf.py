"""sendmail_cf - what became of a macro file beside what became of its sendmail.cf

    sendmail_cf.py DIRECTORY POSTMEND

DIRECTORY holds a directory for each macro file: in/ with sendmail.mc and sendmail.cf, mc/ and cf/
with what convert made of them.
"""
import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys

# what may differ: the macro files, the lines, the reason.  "-" is of the macro file alone, "+" of
# sendmail.cf alone
DEFAULT = "the macro file sets what Sendmail's files set anyway, and sendmail.cf cannot tell"
NO_ALIASES = "a host that only relays has no alias file in sendmail.cf; of the macro file it is kept"
BERKELEY = "the DOMAIN of that site sets it, which the macro file does not say"
REVIEWED = [
    ("corpus-m027.mc", r"^- main\.cf: alias_(maps|database) = ", DEFAULT),
    ("corpus-m030.mc", r"^- main\.cf: alias_(maps|database) = ", DEFAULT),
    ("corpus-m003.mc", r"^- main\.cf: milter_mail_macros = ", DEFAULT),
    ("fixture-sendmail-milters", r"^- main\.cf: milter_connect_macros = ", DEFAULT),
    ("fixture-sendmail-strict", r"^- main\.cf: queue_minfree = 409600$", DEFAULT),
    ("fixture-sendmail-msp", r"^- (aliases: |main\.cf: alias_(maps|database) = )", NO_ALIASES),
    ("fixture-sendmail-workstation", r"^- (aliases: |main\.cf: alias_(maps|database) = )", NO_ALIASES),
    ("fixture-sendmail-null-client", r"^- (aliases: |main\.cf: alias_(maps|database) = )", NO_ALIASES),
    ("corpus-m019.mc", r"^[-+] main\.cf: (alias_(maps|database)|local_command_shell) = ",
     "the macro file has names of its own in paths, which m4 expands"),
    ("sendmail-*-s2k-*", r"^\+ (main\.cf: (local_header_rewrite_clients|sender_canonical_(classes|maps)) = |masquerade: )",
     BERKELEY),
    ("sendmail-*-ucb*",
     r"^[-+] (main\.cf: (mydestination|smtpd_relay_restrictions) = |masquerade: |relay_own_names: )", BERKELEY),
    ("sendmail-*-chez.cs.mc", "", BERKELEY + ": it has FEATURE(`stickyhost')"),
    ("sendmail-*-python.cs.mc", "", BERKELEY + ": it has FEATURE(`stickyhost')"),
    ("sendmail-*-osf1.mc", r"^\+ main\.cf: default_privs = daemon$",
     "OSTYPE(`osf1') sets it, which the macro file does not say"),
]
# what people do to a sendmail.cf: a name; a pattern; what stands in its place; what the open points
# must say of it, or the setting that must come out
CHANGES = [
    ("the refusal of relaying is taken away", r'^R\$\*\t+\$#error \$@ 5\.7\.1 \$: "550 Relaying denied.*\n',
     "", r"1 of the rules that Sendmail's own files have in this ruleset was removed"),
    ("a rule lets a network relay", r"^(R127\.0\.0\.1\t.*\n)", r"\1R192.168.$*\t\t$@ RELAY\n",
     r"R192\.168\.\$"),
    ("a check of the site's own", r"^(SLocal_check_mail\n)", r"\1R$* @ evil.example $*\t$#error $: 550 no\n",
     r"evil\.example"),
    ("a rule stands in another ruleset", r"^(Scheck_relay\n)",
     r"\1R$*\t\t\t$: $1 $| $>\"Local_check_rcpt\" $1\n", r"Local\\_check\\_rcpt"),
    ("the limit of messages", r"^#O MaxMessageSize=.*$", "O MaxMessageSize=7654321",
     r"^message_size_limit = 7654321$"),
    ("an option of long ago", r"^(O HoldExpensive=.*|#O HoldExpensive=.*)$", "O AutoRebuildAliases=True",
     r"AutoRebuildAliases"),
    ("a smart host", r"^DS$", "DS[out.example]", r"^relayhost = \[out\.example\]$"),
    ("another name of this host", r"^(Cwlocalhost.*)$", r"\1\nCwother.example",
     r"^mydestination = .*other\.example"),
    ("a map of the site's own", r"^(Cwlocalhost.*)$", r"\1\nKseen hash -o /etc/mail/seen",
     r"^\| \d+ \| `Kseen"),
    ("a mailer of the site's own", r"^(Mprog,)", r"Mgate, P=/opt/gate, F=lsDFM, A=gate $u\n\1",
     r"Mgate|/opt/gate"),
    ("another shell", r"^(Mprog,\s+P=)[^,]*", r"\1/opt/shell", r"/opt/shell"),
    ("rules of a mailer", r"^(Mesmtp,.*)S=EnvFromSMTP/HdrFromSMTP", r"\1S=EnvFromL/HdrFromL", r"Mesmtp"),
]


def logical(path):
    """lines without comments; a continued one is one"""
    lines = []
    with open(path, encoding="latin-1") as file:
        for line in file.read().split("\n"):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            if line[0] in " \t" and lines:
                lines[-1] += " " + line.strip()
            else:
                lines.append(line.strip())
    return [re.sub(r"\s+", " ", line) for line in lines]


def files(directory):
    """{"main.cf: name = value", ...}: the order counts in tables of patterns alone"""
    found = set()
    for name in sorted(os.listdir(directory)):
        if name in ("CONVERSION.md", "runbook.sh") or name.startswith("livetest"):
            continue
        lines = logical(os.path.join(directory, name))
        ordered = lines and lines[0].startswith(("/", "!/", "if "))
        for number, line in enumerate(lines):
            found.add("%s: %s%s" % (name, "%d " % number if ordered else "", line))
    return found


def read(path):
    with open(path, encoding="latin-1") as file:
        return file.read()


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, good, *details):
        self.passed += bool(good)
        self.failed += not good
        print("%s - %s" % ("ok" if good else "not ok", name))
        for detail in () if good else details:
            print("    " + detail[:240])


def compare(report, name, directory, used):
    """is it the same but for what is reviewed?  Is every line counted?"""
    said = read(os.path.join(directory, "cf.said"))
    total = re.match(r"(\d+) lines?: (\d+) mapped, (\d+) already the default, (\d+) not applicable, (\d+) open", said)
    text = read(os.path.join(directory, "in", "sendmail.cf"))
    lines = sum(1 for line in text.split("\n") if line.strip() and line[0] not in "# \t")
    tables = read(os.path.join(directory, "cf", "CONVERSION.md")).split("\n## ")[1:]
    own = sum(len(re.findall(r"^\| \d+ \| ", part, re.M)) for part in tables
              if not part.split("\n")[0].endswith("sendmail.cf") and "| Line |" in part)
    numbers = [int(number) for number in total.groups()] if total else [0, 1]
    report.check("%s: every line has one fate" % name,
                 sum(numbers[1:]) == numbers[0] == lines + own, said, "%d lines, %d of tables" % (lines, own))
    of_mc, of_cf = files(os.path.join(directory, "mc")), files(os.path.join(directory, "cf"))
    left, known = [], 0
    for line in ["- " + line for line in sorted(of_mc - of_cf)] + ["+ " + line for line in sorted(of_cf - of_mc)]:
        row = next((row for row in REVIEWED if fnmatch.fnmatch(name, row[0]) and re.search(row[1], line)), None)
        if row is None:
            left.append(line)
        else:
            used.add(row)
            known += 1
    report.check("%s: the same as of its macro file%s" % (name, ", but for %d reviewed" % known if known else ""),
                 not left, *left)
    return not left and not known


def found(postmend, path):
    """the rules of which lint has findings"""
    said = subprocess.run([postmend, "lint", "--format", "json", path], capture_output=True, check=False)
    return {finding["rule"] for one in json.loads(said.stdout)["configurations"] for finding in one["findings"]}


def lint(report, name, directory, postmend):
    """what is right in the macro file is right in what m4 makes of it"""
    more = found(postmend, directory + "/in/sendmail.cf") - found(postmend, directory + "/in/sendmail.mc")
    report.check("%s: lint finds nothing else in it" % name, not more, *sorted(more))


def change(report, directory, postmend):
    """is each change of a sendmail.cf seen?"""
    text = read(os.path.join(directory, "in", "sendmail.cf"))
    base = re.findall(r"^\d+\. .*\n.*$", read(os.path.join(directory, "cf", "CONVERSION.md")), re.M)
    for name, pattern, instead, wanted in CHANGES:
        there = os.path.join(directory, "changed")
        shutil.rmtree(there, ignore_errors=True)
        shutil.copytree(os.path.join(directory, "in"), there + "/in")
        changed, count = re.subn(pattern, instead, text, count=1, flags=re.M)
        with open(there + "/in/sendmail.cf", "w", encoding="latin-1") as file:
            file.write(changed)
        subprocess.run([postmend, "convert", "--to", "debian12", "--output", there + "/out",
                        there + "/in/sendmail.cf"], capture_output=True, check=False)
        said = read(there + "/out/CONVERSION.md")
        settings = "\n".join(logical(there + "/out/main.cf"))
        seen = re.search(wanted, said, re.M) or re.search(wanted, settings, re.M)
        before = any(re.search(wanted, point, re.M) for point in base)
        report.check("changed: %s" % name, count == 1 and seen and not before,
                     "the pattern is in no line" if count == 0 else "it is not seen: " + wanted)


def main():
    work, postmend = sys.argv[1], os.path.abspath(sys.argv[2])
    report, used, same = Report(), set(), 0
    names = sorted(name for name in os.listdir(work) if os.path.isdir(os.path.join(work, name)))
    for name in names:
        if not os.path.isdir(os.path.join(work, name, "cf")) or not os.path.isdir(os.path.join(work, name, "mc")):
            report.check("%s: both convert" % name, False)
            continue
        same += compare(report, name, os.path.join(work, name), used)
        lint(report, name, os.path.join(work, name), postmend)
    whole = any(name.startswith("corpus-") for name in names)
    if not whole:
        print("sendmail-cf: the corpus is not here: rows that only it meets are not asked for")
    for row in REVIEWED if whole else ():
        report.check("reviewed, and still so: %s" % row[2], row in used, row[0], row[1])
    change(report, os.path.join(work, "fixture-sendmail-access"), postmend)
    print("%d of %d sendmail.cf become the very files of their macro files" % (same, len(names)))
    print("sendmail-cf: %d passed, %d failed" % (report.passed, report.failed))
    return report.failed > 0


if __name__ == "__main__":
    sys.exit(main())
