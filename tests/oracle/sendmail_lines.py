"""sendmail_lines - makes facts/sendmail_lines.yaml of the cf directories of several releases

    sendmail_lines.py RELEASE=DIRECTORY... >facts/sendmail_lines.yaml

Each DIRECTORY contains m4/, feature/, mailer/, ostype/; the oldest release comes first.  m4 generates
sendmail.cf some thousand times: without anything, with tables, masquerading or relays, and each of
these with every feature and every form of its arguments.  That shows the origin of each line.  The
output has numbers, not lines.
"""
import array
import collections
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

# arguments that change rules, beside the bare feature: {number: word}
FORMS = {
    "access_db": [{2: "skip"}, {4: "relaytofulladdress"}],
    "delay_checks": [{1: "friend"}, {1: "hater"}, {1: "friend", 2: "n"}, {1: "hater", 2: "n"}],
    "nocanonify": [{1: "canonify_hosts"}],
    "nouucp": [{1: "reject"}, {1: "nospecial"}],
    "nopercenthack": [{1: "reject"}, {1: "nospecial"}],
    "conncontrol": [{1: "nodelay"}, {1: "nodelay", 2: "terminate"}, {1: "delay", 2: "terminate"}],
    "ratecontrol": [{1: "nodelay"}, {1: "nodelay", 2: "terminate"}, {1: "delay", 2: "terminate"}],
    "relay_mail_from": [{1: "domain"}],
    "ldap_routing": [{3: "bounce"}, {3: "sendertoo"},
                     {4: "preserve"}, {4: "strip"}, {5: "nodomain"}, {6: "tempfail"}],
    "bestmx_is_local": [{1: "~~bestmx_is_local 1~~"}],
    "dnsbl": [{1: "~~dnsbl 1~~"}, {1: "~~dnsbl 1~~", 2: "~~dnsbl 2~~"},
              {1: "~~dnsbl 1~~", 3: "t"}, {1: "~~dnsbl 1~~", 2: "~~dnsbl 2~~", 3: "t"},
              {1: "~~dnsbl 1~~", 2: "quarantine"}, {1: "~~dnsbl 1~~", 2: "discard"},
              {1: "~~dnsbl 1~~", 3: "~~dnsbl 3~~"}],
    "enhdnsbl": [{1: "~~enhdnsbl 1~~"}, {1: "~~enhdnsbl 1~~", 2: "~~enhdnsbl 2~~"},
                 {1: "~~enhdnsbl 1~~", 3: "t"}, {1: "~~enhdnsbl 1~~", 2: "quarantine"},
                 {1: "~~enhdnsbl 1~~", 2: "discard"}, {1: "~~enhdnsbl 1~~", 3: "~~enhdnsbl 3~~"}] +
                [dict([(1, "~~enhdnsbl 1~~"), (2, "~~enhdnsbl 2~~")] +
                      [(i, "~~enhdnsbl %d~~" % i) for i in range(4, n)]) for n in (5, 6, 7, 8, 9)],
    "rhsbl": [{1: "~~rhsbl 1~~"}, {1: "~~rhsbl 1~~", 2: "~~rhsbl 2~~"}, {1: "~~rhsbl 1~~", 3: "t"}],
    "greet_pause": [{1: "~~greet_pause 1~~"}],
    "nullclient": [{1: "~~nullclient 1~~"}],
    "msp": [{1: "~~msp 1~~"}, {1: "~~msp 1~~", 2: "MSA"}],
    "mtamark": [{1: "~~mtamark 1~~"}, {1: "~~mtamark 1~~", 2: "t"}, {2: "t"}],
    "compat_check": [{1: "~~compat_check 1~~"}],
    "check_other": [{1: "~~check_other 1~~"}],
    "queuegroup": [{1: "~~queuegroup 1~~"}],
    "badmx": [{1: "~~badmx 1~~"}],
    "smrsh": [{1: "/usr/sbin/smrsh"}, {1: "/usr/libexec/smrsh"}],
    "bcc": [{1: "access"}, {2: "~~bcc 2~~"}, {2: "~~bcc 2~~", 4: "~~bcc 4~~"}],
    "always_add_domain": [{1: "~~always_add_domain 1~~"}],
    "use_cw_file": [], "use_ct_file": [],
}
# whose only argument is the map
for _name in ("access_db", "virtusertable", "mailertable", "genericstable", "domaintable", "bitdomain",
              "uucpdomain", "authinfo"):
    FORMS.setdefault(_name, []).append({1: "~~%s 1~~" % _name})
FORMS["ldap_routing"].append({1: "~~ldap_routing 1~~", 2: "~~ldap_routing 2~~"})
NEEDED = ("nullclient", "dnsbl", "enhdnsbl", "rhsbl")  # there is no bare form
SAME = {"blacklist_recipients": "blocklist_recipients"}
LEFT_OUT = ("vnet", "prefixmod", "local_lmtp", "local_procmail", "sts")
MASQUERADE = "MASQUERADE_AS(`masq.example')\nMASQUERADE_DOMAIN(`a.example')\n"
TABLES = ("virtusertable", "mailertable", "genericstable", "domaintable")
RELAYS = ("define(`SMART_HOST', `s.example')\ndefine(`MAIL_HUB', `h.example')\n"
          "define(`LOCAL_RELAY', `l.example')\ndefine(`LUSER_RELAY', `u.example')\n")
WORDS = ("VIRTUSER_DOMAIN(`v.example')\nGENERICS_DOMAIN(`g.example')\nCANONIFY_DOMAIN(`c.example')\n"
         "LDAPROUTE_DOMAIN(`d.example')\nEXPOSED_USER(`x.example')\n"
         "LOCAL_USER(`u.example')\nMASQUERADE_EXCEPTION(`m.example')\nRELAY_DOMAIN(`r.example')\n"
         "define(`BITNET_RELAY', `b.example')\ndefine(`DECNET_RELAY', `d.example')\n"
         "define(`FAX_RELAY', `f.example')\ndefine(`UUCP_RELAY', `y.example')\n")
# (features, text in front)
CONTEXTS = {
    "nothing": ((), ""),
    "access": (("access_db",), ""),
    "delayed": (("access_db", "delay_checks"), ""),
    "delay": (("delay_checks",), ""),
    "tables": (TABLES, ""),
    "masquerade": ((), MASQUERADE),
    "relays": ((), RELAYS),
    "all": (("access_db",) + TABLES, MASQUERADE + RELAYS + WORDS),
}
# defines that change rules by their value
VALUES = [("confLOCAL_MAILER", value, value) for value in ("cyrus", "cyrusv2")] + \
         [("confSMTP_MAILER", value, "smtp") for value in ("smtp", "smtp8", "dsmtp")] + \
         [("confRELAY_MAILER", value, "smtp") for value in ("smtp", "esmtp", "smtp8")]
# defines whose value stands in a line as it is, and macros that do so
HOLES = ("confREJECT_MSG", "confRELAY_MSG", "confRCPTREJ_MSG", "confCW_FILE", "confCT_FILE",
         "confCR_FILE", "confMAILER_NAME", "confFROM_HEADER", "confRECEIVED_HEADER",
         "confMESSAGEID_HEADER", "confTRUSTED_USERS", "confDEQUOTE_OPTS", "confLDAP_CLUSTER")
# those that are asked alone, for rules depend on them, and all others
GROUPS = [(hole,) for hole in HOLES[:3]] + [HOLES[3:]]
FILES = ("MASQUERADE_DOMAIN_FILE", "MASQUERADE_EXCEPTION_FILE", "EXPOSED_USER_FILE", "RELAY_DOMAIN_FILE",
         "GENERICS_DOMAIN_FILE", "VIRTUSER_DOMAIN_FILE", "LDAPROUTE_DOMAIN_FILE",
         "LDAPROUTE_EQUIVALENT_FILE", "CANONIFY_DOMAIN_FILE", "LOCAL_USER_FILE")
# defines of Sendmail's own submit.mc and of Debian's package, that make rules of a feature others
MARKS = {"_USE_DECNET_SYNTAX_": "msp", "_FFR_MAIL_MACRO": "delay_checks"}
# what packagers put into every configuration: a rule of Red Hat's ("localdomain" among their patches),
# and Debian's greeting
PACKAGED = [("Basic_check_mail", "R<@> < $* @ localhost.localdomain >\t"
             "$: < ? $&{client_name} > < $1 @ localhost.localdomain >"),
            ("", "O SmtpGreetingMessage=$j Sendmail $v/$Z; $b; (No UCE/UBE) "
             "$?{client_addr}logging access from: ${client_name}(${client_resolve})-$_$.")]
MAILERS = ("uucp", "procmail", "cyrus", "cyrusv2", "fax", "usenet", "mail11", "phquery", "pop", "qpage")
# never of Sendmail's own alone
NOT_LEARNT = re.compile(r"DZ|V\d|O DaemonPortOptions|O ClientPortOptions")


def number(text):
    """FNV-1a of 64 bits"""
    value = 0xcbf29ce484222325
    for byte in text.encode("latin-1"):
        value = ((value ^ byte) * 0x100000001b3) & 0xffffffffffffffff
    return "%016x" % value


def blanks(text):
    return re.sub(r"[ \t\r\n\f\v]+", " ", text).strip(" ")


def lines_of(text):
    """(ruleset, line): runs of blanks are one, rules lose their comment"""
    logical = []
    for line in text.split("\n"):
        if line[:1] in (" ", "\t") and line.strip() and logical:
            logical[-1] += "\n" + line
        elif line and line[0] != "#" and line.strip():
            logical.append(line)
    found, ruleset = set(), ""
    for line in logical:
        if line[0] == "S":
            ruleset = re.split(r"[=\s]", line[1:].strip())[0]
            found.add((ruleset, "S"))
        elif line[0] == "M":
            parts = [blanks(part) for part in line[1:].split(",")]
            found.update(("M" + parts[0], part) for part in parts[1:])
            found.add(("M" + parts[0], "S"))
        elif line[0] == "R":
            parts = re.split(r"\t+", line)
            found.add((ruleset, blanks(parts[0]) + "\t" + blanks(parts[1] if len(parts) > 1 else "")))
        else:
            found.add(("", blanks(line)))
    return frozenset(found)


def key_of(line):
    return line[0] + "\n" + line[1]


def feature_line(name, arguments):
    words = ["`%s'" % arguments.get(i, "") for i in range(1, max(arguments, default=0) + 1)]
    return "FEATURE(%s)\n" % ", ".join(["`%s'" % name] + words)


def facts_of(name, arguments):
    """what holds in a configuration with that feature"""
    name = SAME.get(name, name)
    return {("FEATURE", name)} | {("FEATURE", name, str(i), word) for i, word in arguments.items()
                                  if "~~" not in word}


def toggles_of(directory):
    """the defines of which the files ask whether they are there"""
    names = set()
    for file in ("m4/proto.m4", "mailer/local.m4", "mailer/smtp.m4"):
        with open(directory + "/" + file, encoding="latin-1") as text:
            names |= set(re.findall(r"ifdef\(.((?:conf)?[A-Z][A-Z_0-9]{3,})'", text.read()))
    return sorted(names - {name for name, _, _ in VALUES} - set(HOLES) - {"MASQUERADE_NAME"})


def runs_of(directory):
    """(what holds, the text for m4)"""
    names = sorted(os.path.splitext(file)[0] for file in os.listdir(directory + "/feature")
                   if file.endswith(".m4"))
    start, end = "OSTYPE(`linux')\n", "MAILER(`local')\nMAILER(`smtp')\n"
    for context, (on, text) in CONTEXTS.items():
        front = start + text + "".join(feature_line(name, {}) for name in on)
        base = set().union(*(facts_of(name, {}) for name in on)) if on else set()
        if text:
            base |= {("context", context)}
        yield base, front + end
        for name in names:
            if name in LEFT_OUT or name in ("nullclient", "msp"):
                continue
            forms = list(FORMS.get(name, [])) + ([] if name in NEEDED else [{}])
            if name in on:
                forms = [form for form in forms if form]
            for form in forms:
                # a feature that is on and gets arguments is called once, with them
                own = front.replace(feature_line(name, {}), "")
                yield base | facts_of(name, form), own + feature_line(name, form) + end
        for define, value, mailer in VALUES:
            yield base | {("define", define, value), ("context", "mailer")}, \
                front + "define(`%s', `%s')\n" % (define, value) + end + "MAILER(`%s')\n" % mailer
        yield base | {("define", "TRUST_AUTH_MECH"), ("context", "words")}, \
            front + "TRUST_AUTH_MECH(`x.example')\n" + end
        # a name would be expanded, so that it is a number
        for group in GROUPS:
            marks = "".join("define(`%s', `~~%d~~')\n" % (hole, HOLES.index(hole)) for hole in group)
            own = {("define", hole) for hole in group}
            if group is GROUPS[-1]:
                marks += "".join("%s(`~~%d~~')\n" % (hole, i + 100) for i, hole in enumerate(FILES))
                yield base | own | {("context", "holes"), ("FEATURE", "use_ct_file")}, \
                    front + "FEATURE(`use_ct_file')\nFEATURE(`use_cw_file')\n" + marks + end
            yield base | own | {("context", "holes")}, front + marks + end
    for name in toggles_of(directory):
        for context in ("nothing", "all"):
            on, text = CONTEXTS[context]
            base = set().union(*(facts_of(one, {}) for one in on)) if on else set()
            yield base | {("define", name), ("context", "toggle")}, start + text + \
                "".join(feature_line(one, {}) for one in on) + \
                "define(`%s', `x.example')\n" % name + end
    for context in ("nothing", "all"):  # a host that sends nothing
        on, text = CONTEXTS[context]
        base = set().union(*(facts_of(one, {}) for one in on)) if on else set()
        yield base | {("context", "mailer")}, start + text + \
            "".join(feature_line(one, {}) for one in on) + "MAILER(`local')\n"
    for mark, name in MARKS.items():
        for context in ("nothing", "access", "all"):
            on, text = CONTEXTS[context]
            base = set().union(*(facts_of(one, {}) for one in on)) if on else set()
            for form in FORMS[name] + [{}]:
                own = start + text + "define(`%s', `1')\n" % mark + feature_line(name, form)
                if name == "msp":
                    yield facts_of(name, form) | {("define", mark), ("context", name)}, own
                else:
                    yield base | facts_of(name, form) | {("define", mark), ("context", "mark")}, \
                        own + "".join(feature_line(one, {}) for one in on) + end
    for mailer in MAILERS:
        for context in ("nothing", "all"):
            on, text = CONTEXTS[context]
            base = set().union(*(facts_of(name, {}) for name in on)) if on else set()
            yield base | {("context", "mailer")}, start + text + \
                "".join(feature_line(name, {}) for name in on) + end + "MAILER(`%s')\n" % mailer
    yield set(), start + "INPUT_MAIL_FILTER(`f.example', `S=local:/f.example')\n" + end
    for file in sorted(os.listdir(directory + "/ostype")):
        yield {("context", "ostype")}, "OSTYPE(`%s')\n" % file[:-len(".m4")] + end
    for name in ("nullclient", "msp"):
        for form in FORMS[name] + ([] if name in NEEDED else [{}]):
            yield facts_of(name, form) | {("context", name)}, start + feature_line(name, form)


def run(directory, text):
    done = subprocess.run(["timeout", "5", "m4", "-D_CF_DIR_=%s/" % directory, directory + "/m4/cf.m4", "-"],
                          input=text.encode(), capture_output=True, check=False)
    return lines_of(done.stdout.decode("latin-1"))


class Run:
    """what m4 made once; the lines are kept as their places in a list that all share"""
    names, places = [], {}

    def __init__(self, release, holds, lines):
        self.release, self.holds = release, holds
        for line in lines:
            if line not in Run.places:
                Run.places[line] = len(Run.names)
                Run.names.append(line)
        self.own = array.array("H", (Run.places[line] for line in lines))

    def __iter__(self):
        return iter((self.release, self.holds, {Run.names[place] for place in self.own}))


def read_all(releases):
    jobs = [(release, frozenset(holds), directory, text)
            for release, directory in releases for holds, text in runs_of(directory)]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda job: Run(job[0], job[1], run(job[2], job[3])), jobs))


def causes(runs):
    """line -> what holds in every configuration that has it; lines of one without words of its own"""
    common, bare = {}, set()
    # a configuration of nothing but a relay takes parts of other features
    for whole in (True, False):
        known = set(common) if not whole else set()
        for _, holds, lines in runs:
            if whole == (("FEATURE", "nullclient") in holds or ("FEATURE", "msp") in holds):
                continue
            own = frozenset(fact for fact in holds if fact[0] in ("FEATURE", "define"))
            for line in lines - known:
                common[line] = common.get(line, own) & own
            if not any(fact[0] == "context" for fact in holds):
                bare |= lines
    return common, bare


def makers(runs, common, bare):
    """line -> the one thing without which it never stands there, or "plain" """
    often = collections.Counter(fact for run in runs for fact in run.holds)
    result = {}
    for line, facts in common.items():
        if "~~" in line[1] or (not line[0] and not facts and NOT_LEARNT.match(line[1])):
            continue
        # the words of a configuration are the site's own, and so is what is set
        if line[0] == "" and not facts and line not in bare and \
                ("example" in line[1] or line[1][0] in "ODCF"):
            continue
        # of several that must all be there, the rarest
        result[line] = " ".join(min(facts, key=lambda fact: (often[fact], fact))) if facts else "plain"
    # where a feature makes rules, no other line alone tells that it is there
    rules = {what.split(" ")[1] for line, what in result.items()
             if line[0] and line[1][0] == "R" and what.startswith("FEATURE ")}
    for line, what in result.items():
        if not (line[0] and line[1][0] in "RS") and what.split(" ")[1:2] and \
                what.startswith("FEATURE ") and what.split(" ")[1] in rules:
            result[line] = what.replace("FEATURE", "WITH", 1)
    return result


def holes(common, made):
    """(the text before, the text behind) -> all that may stand between"""
    result = collections.defaultdict(set)
    rules = {what.split(" ")[1] for line, what in made.items() if line[0] and what.startswith("FEATURE ")}
    for line in common:
        match = re.match(r"(.*?)~~([^~]+)~~(.*)$", line[1], re.S)
        if not match or "~~" in match.group(3):  # two of them: told by the other lines
            continue
        what = match.group(2).replace(" -T<TMPF> ", " ")  # access_db puts it in
        if what.isdigit():
            what = "define " + HOLES[int(what)] if int(what) < 100 else "MACRO " + FILES[int(what) - 100]
        else:
            fact = ("FEATURE", what.split(" ")[0])
            what = ("FEATURE " if line[0] or fact[1] not in rules else "WITH ") + what
            # what others fill as well says nothing of the feature
            if not line[0] and any(
                    not other[0] and fact not in facts and len(other[1]) > len(line[1]) - len(what) and
                    other[1].startswith(match.group(1)) and other[1].endswith(match.group(3))
                    for other, facts in common.items()):
                continue
        result[line[0] + "\n" + match.group(1), match.group(3)].add(what)
    return result


def taken(runs, told, filled, rows):
    """feature -> (lines that it takes away, lines that show it could): those that add none"""
    adding = {("FEATURE", what.split(" ")[1]) for what in told
              if what.startswith("FEATURE ") and (len(what.split(" ")) == 2 or what in filled)}
    names = {fact for _, holds, _ in runs for fact in holds if fact[0] == "FEATURE" and len(fact) == 2}
    result = {}
    for fact in sorted(names - adding):
        ever, others = set(), set()
        for _, holds, lines in runs:
            (ever if fact in holds else others).update(lines)
        # those that nothing else takes away, if there are some; in all releases
        alone = set().union(*(rows[row] for row in rows if row[1] == {fact})) - ever
        gone = collections.defaultdict(set)
        for line in alone or others - ever:
            if line[0] and line[1][0] == "R":
                gone[line[0]].add(line)
        beside = {name: {line for line in ever if line[0] == name} for name in gone}
        for _, holds, lines in runs:  # beside none of the lines it says nothing
            for name in gone if fact not in holds else ():
                if not lines & gone[name]:
                    beside[name] -= lines
        shown = {name: sum(1 for _, holds, lines in runs if fact in holds and lines & beside[name])
                 for name in gone}
        best = max(sorted(gone), key=lambda name: shown[name], default=None)
        if best is not None and shown[best]:
            result[fact[1]] = (gone[best], beside[best])
    return result


def expected(runs, releases):
    """(with, without, first release, last) -> lines of rulesets that must be there then"""
    order = [release for release, _ in releases]
    by_release = collections.defaultdict(list)
    for release, holds, lines in runs:
        by_release[release].append((frozenset(f for f in holds if f[0] != "context"), lines,
                                    {line[0] for line in lines if line[1] == "S"}))
    conditions = collections.defaultdict(dict)
    for release, own in by_release.items():
        for line in frozenset().union(*(lines for _, lines, _ in own)):
            if not line[0] or line[1][0] != "R" or "~~" in line[1]:
                continue
            there = [holds for holds, lines, _ in own if line in lines]
            away = [holds for holds, lines, sets in own if line not in lines and line[0] in sets]
            need = frozenset.intersection(*there)
            never = frozenset().union(*away) - frozenset().union(*there) if away else frozenset()
            if all(not need <= holds or holds & never for holds in away):
                # no more than it takes
                seen = [holds & never for holds in away if need <= holds]
                least = frozenset().union(*(facts for facts in seen if len(facts) == 1))
                if all(facts & least for facts in seen):
                    never = least
                conditions[line][release] = (need, never)
    result = collections.defaultdict(set)
    for line, found in conditions.items():
        for condition in set(found.values()):
            at = sorted(order.index(release) for release, own in found.items() if own == condition)
            first = at[0]
            for i, place in enumerate(at):
                if i + 1 == len(at) or at[i + 1] != place + 1:
                    result[condition + (order[first], order[place])].add(line)
                    first = at[i + 1] if i + 1 < len(at) else first
    return result


def wrap(numbers, indent):
    numbers = sorted(numbers)
    rows = [" ".join(numbers[i:i + 5]) for i in range(0, len(numbers), 5)]
    return "".join("\n" + " " * indent + row for row in rows)


def words_of(facts):
    return ", ".join(sorted(" ".join(fact) for fact in facts))


HEAD = """\
# The lines that Sendmail's own m4 files write to sendmail.cf, by which its features are recognized.
# Generated by tests/oracle/sendmail_lines.py, which explains how.  It has numbers, not lines.
#
# A number is the 64-bit FNV-1a hash of the ruleset, a line end, and the logical line with each run of
# white space as one space.  Of a rule: left-hand side, tab, right-hand side; of the line that starts a
# ruleset: S.  A mailer is treated as a ruleset with the name after M, and each equate as a line.
#
# lines:    the origin of a line, and the numbers.  plain: a configuration without features, or with
#           any of several; otherwise the feature without which no configuration has the line, with the
#           number and word of an argument if it depends on that; or a define and its value.  WITH: the
#           same, but the line is no evidence without rules of the feature
# holes:    lines with an argument of a feature or the value of a define: the numbers of the text before
#           and after it; 0 if nothing follows
# taken:    features that only remove lines: on if one of "beside" exists and none of "lines"
# expected: rules that the ruleset has in these releases if all of "with" are on and none of "without"
"""


def main():
    releases = [tuple(word.split("=", 1)) for word in sys.argv[1:]]
    runs = read_all(releases)
    print(HEAD)
    print("source: >-\n  cf/ of Sendmail %s; sendmail.cf of Red Hat's and Debian's packages for two lines\n" % ", ".join(release for release, _ in releases))
    print("releases: [%s]\n" % ", ".join('"%s"' % release for release, _ in releases))
    common, bare = causes(runs)
    made = makers(runs, common, bare)
    open_lines = holes(common, made)
    groups = collections.defaultdict(set)
    for line, maker in made.items():
        groups[maker].add(number(key_of(line)))
    groups["plain"].update(number(key_of(line)) for line in PACKAGED)
    print("lines:")
    for maker in sorted(groups, key=lambda name: (name != "plain", name)):
        print("  %s: >-%s" % (maker, wrap(groups[maker], 4)))
    groups = collections.defaultdict(set)
    for (before, behind), causes_of in open_lines.items():
        for what in causes_of:
            groups[what].add(number(before) + " " + (number(behind) if behind else "0" * 16))
    print("\nholes:")
    for what in sorted(groups):
        print("  %s: >-%s" % (what, wrap(groups[what], 4)))
    print("\ntaken:")
    rows = expected(runs, releases)
    filled = set().union(*open_lines.values())
    told = set(made.values()) | filled
    for name, (lines, beside) in sorted(taken(runs, told, filled, rows).items()):
        print("  %s:\n    lines: >-%s\n    beside: >-%s" % (
            name, wrap(map(number, map(key_of, lines)), 6), wrap(map(number, map(key_of, beside)), 6)))
    print("\nexpected:")
    for row in sorted(rows, key=lambda row: (words_of(row[0]), words_of(row[1]), row[2], row[3])):
        print("  - with: \"%s\"\n    without: \"%s\"\n    first: \"%s\"\n    last: \"%s\"\n    lines: >-%s" % (
            words_of(row[0]), words_of(row[1]), row[2], row[3],
            wrap({number(key_of(("", line[0]))) + " " + number(key_of(line)) for line in rows[row]}, 6)))


if __name__ == "__main__":
    main()
