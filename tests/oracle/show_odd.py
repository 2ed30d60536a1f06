"""show_odd.py - postconf and postmend show on odd configurations, the same ones each time

    show_odd.py [--count N] [--slice K/N] [--jobs N] [--words] PLACE RELEASE=PLATFORM...

PLACE is a directory of the same name on this machine and in each tree below ORACLE_ROOTS; POSTMEND is
the program.  Both must print the same in each view and end with the same kind of status, and where
postconf writes a fatal error, ours writes one too.  It takes root.  Its last line is
"odd files: N passed, N failed".
"""
import argparse
import concurrent.futures
import os
import random
import re
import subprocess
import sys

ROOTS = os.environ.get("ORACLE_ROOTS", "/var/tmp/postmend-oracle-roots")
POSTMEND = os.environ.get("POSTMEND", "./postmend")
VIEWS = ("-n", "-n -x", "-M -x", "-F", "-P", "-P -x", "-d -x alias_maps own myorigin virtual_maps")
VIEWS_NEWEST = ("-P -P virtual_maps", "-P -P -x myorigin", "-P -P */*/own")

PARAMETERS = (
    "myorigin", "mydomain", "mydestination", "relayhost", "smtpd_banner", "mynetworks",
    "virtual_alias_maps", "smtpd_restriction_classes", "smtpd_recipient_restrictions",
    "mail_name", "default_process_limit", "debugger_command", "smtpd_reject_footer",
    "bounce_template_file", "local_command_shell", "propagate_unmatched_extensions")
LEGACY = ("virtual_maps", "authorized_verp_clients", "fallback_relay", "smtpd_milters",
          "postscreen_blacklist_action", "smtp_per_record_deadline", "lmtp_per_record_deadline")
OWN = ("own", "class", "other", "acc_server_host", "acc_search_base", "mail_version", "process_name",
       "slow_destination_rate_delay", "xpol_time_limit", "pol_time_limit", "{own", "own-name")
FRAGMENTS = (
    "$", "$$", "${", "}", "{", "$own", "${own}", "$(own)", "$myorigin", "$mydomain", "$virtual_maps",
    "$class", "$other", "${own?yes}", "${own:no}", "${own?{a}:{$other}}", "${mydomain?{$own}:{b}}",
    "${{$own} == {a}?{yes}:{no}}", "${{1} < {2}}", "${{3.6} >=level {3.5}?{x}:{y}}", "${{a} ~ {b}}",
    "${domain_to_ascii{a-b.example.com}}", "${domain_to_utf8{a_b.example.com}}",
    "${domain_to_utf8{ $mydomain }}", "${domain_to_ascii{$own}}", "${domain_to_ascii{}}",
    "${nothing{a}}", "$nothing", "ldap:acc", "proxy:mysql:acc", "hash:/etc/x", "class", "own,", "permit",
    "a.example.com", "a", "b c", "  ", "\t", ",", "=", "#x", "5d", "$mail_name", "$service_name",
    "$process_name", "$config_directory/x", "$debugger_command")
SERVICES = (
    "smtp inet n - n - - smtpd", "smtp inet n - n - - smtpd", "submission inet n - y - - smtpd",
    "slow unix - - n - - smtp", "smtp unix - - n - - smtp", "pol unix - n n - 0 spawn",
    "x unix - n n - - pipe", "qmgr unix n - n 300? 1 qmgr")
ARGUMENTS = (
    "-v", "-vv", "-D", "{ -v }", "--", "user=x", "argv=/a", "{ two words }", "{}", "{{a}}", "a")


class Odd:
    """one configuration"""

    def __init__(self, number):
        self.pick = random.Random(7000 + number)

    def value(self):
        pick = self.pick
        many = pick.choice((0, 1, 1, 1, 2, 2, 3))
        # what ends postconf is rare, or it would end nearly all of them
        text = pick.choice(("", " ")).join(
            pick.choice(FRAGMENTS[5:] if pick.random() < 0.9 else FRAGMENTS) for _ in range(many))
        return text + ("$" if pick.random() < 0.03 else "")

    def name(self):
        pick = self.pick
        return pick.choice(pick.choice((PARAMETERS, PARAMETERS, LEGACY, OWN, OWN)))

    def main_cf(self):
        pick = self.pick
        lines = []
        for _ in range(pick.randrange(7)):
            lines.append("%s%s%s" % (self.name(), pick.choice((" = ", "=", " =  ")), self.value()))
            if pick.random() < 0.1:
                lines.append(pick.choice(("", "# comment", "  more $own", "\t# inside")))
        return "\n".join(lines) + "\n"

    def option(self):
        pick = self.pick
        text = "%s=%s" % (self.name(), self.value().replace("\n", " "))
        plain = re.sub(r"\s", "", text)
        return pick.choice((
            "-o " + plain, "-o " + plain, "-o " + plain, "-o { %s }" % text, "-o { %s }" % text,
            "{ -o %s }" % plain, "{-o %s}" % text, "-o" + plain, "-o{%s}" % plain, "-vo " + plain,
            "{-o { %s }}" % plain, "\n  -o " + plain))

    def master_cf(self):
        pick = self.pick
        lines = []
        for _ in range(pick.randrange(4)):
            words = [pick.choice(SERVICES)]
            for _ in range(pick.choice((0, 1, 1, 2, 3))):
                words.append(self.option() if pick.random() < 0.75 else pick.choice(ARGUMENTS))
            lines.append(" ".join(words))
        return "\n".join(lines) + "\n"


def write(directory, texts):
    os.makedirs(directory, exist_ok=True)
    for name, text in texts.items():
        with open("%s/%s" % (directory, name), "w", encoding="utf-8") as out:
            out.write(text)


def run(words):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, timeout=120)
    return done.stdout, done.stderr.decode("utf-8", "replace"), done.returncode


def same_lines(real, ours):
    """postconf's own process id is left out, and config_directory, which it forgets now and then"""
    real = re.sub(rb"(?m)(= postconf|/postconf) \d+", rb"\1 $process_id", real)
    if b"\nconfig_directory = " not in b"\n" + real:
        ours = re.sub(rb"(?m)^config_directory = .*\n", b"", ours)
    return real == ours


def ask(job):
    directory, release, platform, view = job
    letters = [word for word in view.split() if word.startswith("-")]
    names = [word for word in view.split() if not word.startswith("-")]
    real = run(["chroot", "%s/%s" % (ROOTS, release), "postconf", "-c", directory] + letters + names)
    ours = run([POSTMEND, "show", "--platform", platform, "--hostname", os.uname().nodename] +
               [word for word in letters] + [directory] + names)
    fatal = real[2] != 0
    good = same_lines(real[0], ours[0]) and fatal == (ours[2] > 1)
    return good, real, ours


def show_difference(job, real, ours):
    print("FAIL odd file %s on %s: show %s" % (job[0], job[1], job[3]))
    for title, answer in (("postconf", real), ("postmend", ours)):
        print("    %s, status %d: %s" % (title, answer[2], answer[1].strip()[-300:]))
    lines = [answer[0].decode("utf-8", "replace").splitlines() for answer in (real, ours)]
    for line in lines[0]:
        if line not in lines[1]:
            print("    - " + line[:300])
    for line in lines[1]:
        if line not in lines[0]:
            print("    + " + line[:300])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--slice", default="1/1")
    parser.add_argument("--jobs", type=int, default=24)
    parser.add_argument("place")
    parser.add_argument("releases", nargs="+")
    options = parser.parse_args()
    number, of = (int(word) for word in options.slice.split("/"))
    jobs = []
    for i in range(options.count)[number - 1::of]:
        odd = Odd(i)
        texts = {"main.cf": odd.main_cf(), "master.cf": odd.master_cf()}
        directory = "%s/odd-%d" % (options.place, i)
        write(directory, texts)
        for release, platform in (pair.split("=") for pair in options.releases):
            write("%s/%s%s" % (ROOTS, release, directory), texts)
            views = VIEWS + (VIEWS_NEWEST if pair_is_newest(release, options.releases) else ())
            jobs += [(directory, release, platform, view) for view in views]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for job, (good, real, ours) in zip(jobs, pool.map(ask, jobs)):
            failed += not good
            if not good and failed <= 20:
                show_difference(job, real, ours)
    print("odd files: %d passed, %d failed" % (len(jobs) - failed, failed))
    return 0 if jobs and failed == 0 else 1


def pair_is_newest(release, pairs):
    return pairs[-1].startswith(release + "=")


if __name__ == "__main__":
    sys.exit(main())
