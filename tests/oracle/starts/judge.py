"""judge.py - what postmend says of the rows, against what Postfix made of them; no Postfix is needed

    judge.py [--list] [--jobs N] [--postmend PROGRAM] [--known FILE] [WORD...]

For each row, and each group of releases that agree about it (their newest is asked for):

    lint      has a finding of at least a warning where a user is harmed: a daemon dies, a reply or the
              fate of a message is another than on the sound host; has none where the row is fine; and
              says something where Postfix only warns, or where the row is pointless
    trace     gives the replies that were measured, at ports 25, 587 and 465
    livetest  its plan expects the greetings that were measured, and the reference server, which
              "serve" runs too, answers with them

Where a row's fault is elsewhere, lint is not asked, and what the sound host answers is right too: that
is what the files promise.  A reply that depends on what the files do not
tell is undetermined; it counts as such where it names the measured one among its ways.  --list shows
every disagreement, by kind.  Exit status 0: all agree.

With --known it is a test: it fails where one of the tools disagrees about a row that FILE does not
list, and where all that it lists of a row agrees.  Its last line is
"starts-judge: N passed, N failed"; a row counts once for each tool.  FILE has

    FILE-OF-ROWS: NAME OF THE ROW
        TOOL: why it disagrees
"""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import outside
import questions
import rows

TOP = os.path.dirname(os.path.dirname(os.path.dirname(rows.HERE)))
RECIPIENTS = {"local": questions.LOCAL, "virtual": questions.VIRTUAL, "partner": questions.PARTNER,
              "relay": questions.OUTSIDE}
SERVICES = {"smtp": 25, "submission": 587, "submissions": 465}
STOPS = ("silence", "closed", "no listener", "no TLS")  # nobody asks further
Verdict = collections.namedtuple("Verdict", "tool agrees kind text")


def in_full(answers):
    """with those that are as on the sound host"""
    if answers.get("start"):
        return dict.fromkeys(SERVICES, "no listener")
    return {**rows.SOUND, **answers}


def asked_recipients(service, answers):
    """as far as the session came: the one at port 25 ends where an answer does not come"""
    steps = list(RECIPIENTS) if service == "smtp" else ["relay"]
    ends = [at for at, step in enumerate(steps)
            if answers.get("%s.%s" % (service, step)) in ("closed", "silence")]
    return steps[:ends[0] + 1] if ends else steps


def is_harm(answers):
    return any(name != "says" for name in answers)


def write_directory(place, row, release):
    directory = tempfile.mkdtemp(dir=place)
    files = dict(rows.files_of(row), **rows.configuration_of(row, release))
    files.setdefault("vmailbox", rows.base_text("vmailbox", release))
    for name, text in files.items():
        path = os.path.join(directory, os.path.relpath("/" + name, "/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as out:
            out.write(text)
    return directory


class Judge:
    def __init__(self, program, place):
        self.program, self.place = program, place
        self.sound = {}  # release: what lint says of the sound host

    def run(self, *words):
        done = subprocess.run([self.program, *words], stdout=subprocess.PIPE, text=True, check=False,
                              stderr=subprocess.PIPE, timeout=60, stdin=subprocess.DEVNULL)
        try:
            return json.loads(done.stdout)
        except ValueError:
            return None

    def findings(self, release, directory):
        found = self.run("lint", "--format", "json", "--platform", "postfix-" + release, directory)
        if not found:
            return []
        return [(one["severity"], one["rule"], os.path.basename(one.get("file", "")),
                 one.get("message", ""))
                for configuration in found["configurations"] for one in configuration["findings"]]

    def lint(self, row, release, directory, answers):
        if row.has("elsewhere"):
            return []
        findings = self.findings(release, directory)
        known = {finding[1:] for finding in self.sound[release]}
        findings = [finding for finding in findings if finding[1:] not in known]
        loud = [finding for finding in findings if finding[0] in ("error", "warning")]
        said = "; ".join("%s %s: %s" % (finding[0], finding[1], finding[3]) for finding in findings)
        if row.has("fine"):
            return [Verdict("lint", not loud, "complains of what is fine", said)]
        if not answers and not row.has("pointless"):
            return []  # other releases have the fault
        if row.has("pointless"):
            return [Verdict("lint", bool(findings), "silent about what is pointless", "")]
        if not is_harm(answers):
            return [Verdict("lint", bool(findings), "silent about what Postfix warns of",
                            " | ".join(answers.get("says", ["nothing"])))]
        kind = "silent: Postfix does not start" if answers.get("start") else \
            "silent: %s stops" % re.sub(r"submissions?/", "", answers["dead"].split()[0]) \
            if "dead" in answers else "silent: " + next(iter(answers)).split(".")[0] + " is not as before"
        harm = " | ".join("%s: %s" % item for item in answers.items() if item[0] != "says")
        unsure = any("was not checked" in finding[3] for finding in findings)
        return [Verdict("lint", bool(loud) or unsure, kind, harm if not said else harm + " (" + said + ")")]

    # --- the sessions ----------------------------------------------------------------------

    def trace(self, row, release, directory, answers):
        full = in_full(answers)
        verdicts = []
        for service, port in SERVICES.items():
            for step in asked_recipients(service, answers):
                # without a greeting, nobody came so far as STARTTLS
                more = ["--tls"] if service == "submissions" or full[service] == "220" and \
                    full.get(service + ".starttls", "ok") == "ok" else []
                if port == 25:
                    more += ["--client", outside.STRANGER, "--client-name", "client.stranger.example",
                             "--from", "someone@stranger.example"]
                else:
                    more += ["--client", outside.STRANGER, "--auth", "bob", "--from", "bob@example.com"]
                walks = self.run("trace", "--format", "json", "--platform", "postfix-" + release,
                                 "--port", str(port), "--to", RECIPIENTS[step], *more, directory)
                verdicts += self.compare(service, step, walks, full, answers)
        return list(dict.fromkeys(verdicts))

    def compare(self, service, step, walks, full, answers):
        """the greeting, the reply to MAIL, and that to RCPT, as far as the real session came"""
        for name, word in ((service, ""), (service + ".ehlo", "EHLO"), (service + ".mail", "MAIL"),
                           ("%s.%s" % (service, step), "RCPT")):
            real = full.get(name, "250")
            if word == "MAIL" and (answers.get(service + ".auth", "235")[:3] != "235" or
                                   answers.get(service + ".starttls") == "failed"):
                return []  # nobody is logged in, or there is no session any more
            ours = replies(walks, word)
            text = "%s: Postfix %s, trace %s" % (name, real, " or ".join(sorted(ours)) or "nothing")
            if real in STOPS or (word == "" and real != "220"):
                known = len(ours) <= 1 or (word == "EHLO" and "0" not in ours)
                good = not ours & {"220", "250", "250 2.1.0", "250 2.1.5"} if known else \
                    ("0" if real in STOPS else real) in {r.split()[0] for r in ours} | ours
                return [Verdict("trace", good, self.kind_of(name, real, ours), text)]
            if real not in ours and not (word in ("", "EHLO") and real[:3] in {r[:3] for r in ours}):
                return [Verdict("trace", False, self.kind_of(name, real, ours), text)]
            if real[:1] != "2":
                break
        return [Verdict("trace", True, "", "")]

    @staticmethod
    def kind_of(name, real, ours):
        return "%s: Postfix %s, trace %s" % (name, real, " or ".join(sorted(ours)) or "nothing")

    def run_livetest(self, release, directory):
        """only what is about greetings: the other sessions take longer than all else here"""
        path = os.path.join(directory, "livetest.yaml")
        self.run("livetest", "--output", path, "--platform", "postfix-" + release, directory)
        try:
            with open(path, encoding="utf-8") as file:
                head, *sessions = re.split(r"(?m)^(?=  - ask: )", file.read())
        except FileNotFoundError:
            return None
        with open(path, "w", encoding="utf-8") as out:
            out.write(head + "".join(session for session in sessions if
                                     re.search("(?m)^    kind: (banner|implicit)$", session)))
        return self.run("livetest", "--format", "json", path)

    def livetest(self, _, release, directory, answers):
        report = self.run_livetest(release, directory)
        full = in_full(answers)
        verdicts = []
        for service, port in SERVICES.items():
            # whatever the service at this port is called; one with an address is another
            sessions = [session for session in (report or {}).get("sessions", [])
                        if session["port"] == port and ":" not in session["service"] and
                        session["kind"] in ("banner", "implicit")]
            alike = [session for session in sessions
                     if (session["tls"] == "implicit") == (service == "submissions")]
            steps = [step for session in alike or sessions for step in session["steps"]
                     if step["step"] in ("the greeting", "the handshake")]
            ours = {step.get("answered") for step in steps} | {
                way for step in steps for way in step.get("one_of", [])}
            if full[service] == "no listener" and not answers.get("start"):
                ours.discard("220")  # the live test is a client on the host itself
            real = "220" if full[service] == "220" else "none"
            kind = "%s: Postfix %s, reference server %s" % (
                service, full[service], " or ".join(sorted(map(str, ours))) or "nothing")
            agrees = ("220" in ours) == (real == "220") or (len(ours) > 1 and "nothing" in ours)
            verdicts.append(Verdict("livetest", agrees, kind, kind))
        return verdicts

    def judge(self, row, release, answers):
        directory = write_directory(self.place, row, release)
        verdicts = []
        for tool in (self.lint, self.trace, self.livetest):
            found = tool(row, release, directory, answers)
            if row.has("elsewhere") and not all(verdict.agrees for verdict in found):
                promised = tool(row, release, directory, {})
                found = promised if all(verdict.agrees for verdict in promised) else found
            verdicts += found
        return verdicts


def replies(walks, word):
    """codes of all walks to the command that begins with the word; the greeting where it is empty"""
    found = set()
    for walk in walks or []:
        for exchange in walk["exchanges"]:
            if exchange["command"].startswith(word) if word else exchange["command"] == "":
                found.add(" ".join(filter(None, (str(exchange["code"]), exchange["enhanced"]))))
    return found


# --- the report --------------------------------------------------------------------------------

class Report:
    def __init__(self):
        self.counts = collections.defaultdict(collections.Counter)
        self.kinds = collections.defaultdict(list)

    def add(self, row, releases, verdicts):
        file = row.place.split(".")[0]
        for verdict in verdicts:
            self.counts[verdict.tool, file]["agree" if verdict.agrees else "disagree"] += 1
            if not verdict.agrees:
                self.kinds[verdict.tool, verdict.kind].append((row, releases, verdict.text))

    def table(self):
        files = sorted({file for _, file in self.counts})
        print("%-14s %18s %18s %18s" % ("agree/disagree", "lint", "trace", "livetest"))
        for file in files + ["all"]:
            cells = []
            for tool in ("lint", "trace", "livetest"):
                counts = sum((self.counts[tool, name] for name in (files if file == "all" else [file])),
                             collections.Counter())
                cells.append("%d/%d" % (counts["agree"], counts["disagree"]))
            print("%-14s %18s %18s %18s" % (file, *cells))

    def disagreements(self, all_of_them):
        for tool in ("lint", "trace", "livetest"):
            kinds = [(kind, rows_) for (name, kind), rows_ in self.kinds.items() if name == tool]
            for kind, found in sorted(kinds, key=lambda item: -len(item[1])):
                print("%s: %s (%d)" % (tool, kind, len(found)))
                for row, releases, text in found if all_of_them else []:
                    print("    %s %s [%s]%s" % (row.place, row.name, " ".join(releases),
                                                ": " + text if tool == "lint" and text else ""))


# --- the test ----------------------------------------------------------------------------------

def read_known(path):
    """{(file of rows, name of the row, tool): reason}"""
    known, place = {}, None
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            head, _, text = line.partition(": ")
            if line.startswith("    "):
                known[place + (head.strip(),)] = text
            elif line and not line.startswith("#"):
                place = (head, text)
    return known


def check_known(asked, known):
    """the closing line; ASKED has (row, verdicts) for each group of releases"""
    agrees = collections.defaultdict(lambda: True)
    for row, verdicts in asked:
        for verdict in verdicts:
            key = (row.place.split(".")[0], row.name, verdict.tool)
            agrees[key] = agrees[key] and verdict.agrees
            if not verdict.agrees and key not in known:
                print("FAIL %s (%s): %s: %s" % (row.place, row.name, verdict.tool,
                                                verdict.text or verdict.kind))
    failed = {key for key in agrees if agrees[key] == (key in known)}
    for key in sorted(key for key in known if agrees[key]):
        print("FAIL %s: %s: %s agrees, or is not asked: take it off the list" % key)
        failed.add(key)
    print("starts-judge: %d passed, %d failed" % (len(agrees) - len(failed), len(failed)))
    return 0 if agrees and not failed else 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--postmend", default=TOP + "/postmend")
    parser.add_argument("--known")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    table = [row for path in rows.paths() for row in rows.read_file(path)[1]]
    report = Report()
    with tempfile.TemporaryDirectory() as place, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        judge = Judge(options.postmend, place)
        sound = rows.Row("", "the sound host", [])
        for release in rows.RELEASES:
            judge.sound[release] = judge.findings(release, write_directory(place, sound, release))
        asked = [(row, group, pool.submit(judge.judge, row, group[-1], row.answers[group[-1]]))
                 for row in table for group in rows.groups_of(row) if group[0] in row.answers
                 if not options.words or any(word in row.name or word in row.place
                                             for word in options.words)]
        for row, group, future in asked:
            report.add(row, group, future.result())
    if options.known:
        return check_known([(row, future.result()) for row, _, future in asked],
                           read_known(options.known))
    report.table()
    report.disagreements(options.list)
    return 0 if not report.kinds else 1


if __name__ == "__main__":
    sys.exit(main())
