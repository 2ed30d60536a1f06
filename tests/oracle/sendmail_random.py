#!/usr/bin/env python3
"""sendmail_random.py SEED SIZE DIRECTORY - a Sendmail setup nobody wrote by hand, and a plan for it

DIRECTORY gets in/ (sendmail.mc and its tables) and plan (sendmail_plan.py), all of it made of SEED
alone.  SIZE: how many subjects of SUBJECTS the setup has at most beside those it cannot do without.
The plan asks for what stands in the tables and for what nearly stands there: subdomains, other case,
details, trailing dots, percent hacks, source routes, address literals, quotes, bare names.
"""
import hashlib
import os
import sys

OWN, HOST = "firm.example", "mail.firm.example"
USERS = ("alice", "bob", "carol", "dave")
WORLD = ("alpha.example", "sub.alpha.example", "deep.sub.alpha.example", "beta.example",
         "www.beta.example", "gamma.example", "delta.example", "eu.delta.example")
NETWORKS = ("10", "10.7", "10.7.3", "172.16", "172.16.9", "203.0.113", "203.0.113.40",
            "198.51.100.7", "203.0", "192.168.1")
TEXTS = ('ERROR:5.7.1:550 "Not from you"', 'ERROR:"553 Go away"', "550 No, thanks",
         'ERROR:4.7.1:451 Later', 'ERROR:"452 4.2.2 Full"', "ERROR:5.1.1:550 Gone",
         "ERROR:not a number at all", '554 5.7.0 Closed')


class Dice:
    """the same on every release of Python: a chain of digests"""

    def __init__(self, seed):
        self.state = str(seed).encode()

    def below(self, limit):
        self.state = hashlib.sha256(self.state).digest()
        return int.from_bytes(self.state[:6], "big") % limit

    def chance(self, percent):
        return self.below(100) < percent

    def pick(self, things):
        return things[self.below(len(things))]

    def some(self, things, least, most):
        """so many of them, in any order"""
        left, taken = list(things), []
        for _ in range(min(len(left), least + self.below(most - least + 1))):
            taken.append(left.pop(self.below(len(left))))
        return taken


class Setup:
    def __init__(self, seed, size):
        self.dice = Dice(seed)
        self.lines, self.last, self.tables = [], [], {}
        self.local = [OWN]
        self.senders, self.recipients, self.routed, self.sent = [], [], [], []
        self.plan, self.clients, self.keys = [], [], set()
        self.sizes, self.helos = False, False
        names = self.dice.some(sorted(SUBJECTS), 1, size)
        for name in names:
            SUBJECTS[name](self)
        self.names = names

    def say(self, line):
        self.lines.append(line + "dnl")

    def feature(self, *arguments):
        self.say("FEATURE(%s)" % ", ".join("`%s'" % one for one in arguments))

    def define(self, name, value):
        self.say("define(`%s', `%s')" % (name, value))

    def row(self, table, key, value, separator="\t"):
        if (table, key.lower()) not in self.keys:
            self.keys.add((table, key.lower()))
            self.tables.setdefault(table, []).append(key + separator + value)

    def domain(self):
        return self.dice.pick(WORLD)

    def user(self):
        return self.dice.pick(USERS)

    def client(self, address, name):
        self.clients.append(("c%d" % len(self.clients), address, name))


# --- subjects -------------------------------------------------------------------------------------

def address_below(setup, network):
    parts = network.split(".")
    while len(parts) < 4:
        parts.append(str(1 + setup.dice.below(250)))
    return ".".join(parts)


def client_near(setup, network):
    """one in the network, or just beside it"""
    parts = network.split(".")
    if setup.dice.chance(30):
        parts[-1] = str((int(parts[-1]) + 1) % 250)
    if parts[0] == "127":
        parts[0] = "126"
    return address_below(setup, ".".join(parts))


def near(setup, domain):
    """the domain, one below it, one beside it, the one above"""
    if domain == OWN:
        return setup.dice.pick([OWN, OWN, HOST, "x." + OWN])
    return setup.dice.pick([domain] * 4 + ["x." + domain, "x" + domain, domain.upper(),
                                           domain.split(".", 1)[1] if domain.count(".") > 1 else domain])


def access_value(setup, tag):
    dice = setup.dice
    values = ["REJECT"] * 4 + ["OK"] * 3 + ["RELAY"] * 3 + [dice.pick(TEXTS)] * 3
    # behind a recipient for whom mail is thrown away Postfix asks no more
    if tag in ("Connect:", "From:") and not setup.delayed:
        values.append("DISCARD")
    if setup.skips:
        values += ["SKIP"] * 2
    return dice.pick(values)


def access_line(setup):
    dice = setup.dice
    tag = dice.pick(["Connect:", "Connect:", "From:", "To:", "", ""])
    kinds = {"Connect:": "nnd", "From:": "daau", "To:": "dlau", "": "nddau"}[tag]
    kind = dice.pick(kinds)
    if kind == "n":
        key = dice.pick(NETWORKS)
        setup.client(client_near(setup, key), "unknown" if dice.chance(40) else
                     "h%d.%s" % (len(setup.clients), setup.domain()))
    elif kind == "d":
        key = setup.domain()
        if setup.dots and dice.chance(30):
            key = "." + key
        name = near(setup, key.lstrip("."))
        if tag in ("Connect:", "") and dice.chance(70):
            number = len(setup.clients)
            setup.client("198.51.%d.%d" % (101 + number // 200, 1 + number % 200),
                         ("!" if dice.chance(20) else "") + dice.pick(["h%d." % number, ""]) +
                         name.lower())
        setup.senders.append("who@" + name)
        setup.recipients.append("x@" + name)
    elif kind == "l":
        key = dice.pick([OWN, HOST])
    elif kind == "a":
        domain = dice.pick([setup.domain(), OWN]) if tag != "From:" or dice.chance(20) else setup.domain()
        who = setup.user() if domain == OWN else dice.pick(["evil", "good", "news"])
        key = who + "@" + domain
        both = [key, who + "@" + near(setup, domain), who + "+tag@" + domain, "x" + key]
        (setup.recipients if tag == "To:" or (tag == "" and dice.chance(50)) else
         setup.senders).extend(dice.some(both, 1, 2))
    else:
        who = dice.pick(list(USERS) + ["evil", "news"])
        key = who + "@"
        setup.senders.append(who + "@" + setup.domain())
        setup.recipients.append(who + "@" + dice.pick([OWN, OWN, setup.domain()]))
    value = access_value(setup, tag)
    # nobody refuses all mail to his own domain
    setup.row("access", tag + key, "OK" if kind == "l" and value not in ("RELAY", "OK") else value)


def with_access(setup):
    dice = setup.dice
    setup.skips, setup.dots = dice.chance(30), dice.chance(25)
    arguments = ["access_db"]
    if setup.skips or dice.chance(30):
        arguments.append(dice.pick(["hash -T<TMPF> /etc/mail/access", "hash -o /etc/mail/access", ""]))
    if setup.skips:
        arguments.append("skip")
    setup.feature(*arguments)
    after = []
    if setup.dots:
        after.append(("lookupdotdomain",))
    if dice.chance(60):
        after.append((dice.pick(["blocklist_recipients", "blacklist_recipients"]),))
    setup.delayed = dice.chance(40)
    if setup.delayed:
        kind = dice.pick(["", "friend", "hater"])
        after.append(("delay_checks", kind) if kind else ("delay_checks",))
        for _ in range(dice.below(3) if kind else 0):
            who = dice.pick([setup.user() + "@" + OWN, setup.user() + "@", OWN])
            setup.row("access", "Spam:" + who, kind.upper() if dice.chance(85) else "REJECT")
            setup.recipients.append(who + OWN if who[-1] == "@" else
                                    who if "@" in who else "carol@" + who)
    for one in dice.some(after, len(after), len(after)):
        setup.feature(*one)
    if dice.chance(15):
        setup.define("confREJECT_MSG", "550 5.7.1 Refused here")
    if dice.chance(15):
        setup.define("confRCPTREJ_MSG", "550 Not taken here")
    for _ in range(2 + dice.below(8)):
        access_line(setup)


def with_local_names(setup):
    dice = setup.dice
    more = dice.some(["old-firm.example", "shop.firm.example", "alpha.example", "beta.example"], 1, 2)
    setup.local += more
    if dice.chance(40):
        setup.define("confDOMAIN_NAME", HOST)
    for name in more:
        if dice.chance(50):
            setup.say("LOCAL_DOMAIN(`%s')" % name)
        else:
            setup.tables.setdefault("local-host-names", []).append(name)
        setup.recipients += [setup.user() + "@" + name, "ghost@" + name, setup.user() + "@x." + name]
        setup.routed += [setup.user() + "@" + name, setup.user() + "@" + name.upper()]


def with_relay_names(setup):
    dice = setup.dice
    for name in dice.some(WORLD, 1, 3):
        if dice.chance(50):
            setup.say("RELAY_DOMAIN(`%s')" % name)
        else:
            setup.tables.setdefault("relay-domains", []).append(name)
        setup.recipients += ["x@" + name, "x@y." + name, "x@" + near(setup, name)]
        setup.client("198.51.99.%d" % (1 + len(setup.clients)), dice.pick(["", "h.", "!"]) + name)
    if dice.chance(40):
        network = dice.pick(NETWORKS)
        setup.tables.setdefault("relay-domains", []).append(network)
        setup.client(client_near(setup, network), "unknown")


VIRTUAL = ("virt.example", "shop.example", "cust.virt.example", "club.example")


def with_virtual(setup):
    dice = setup.dice
    setup.feature("virtusertable", "hash -o /etc/mail/virtusertable")
    if dice.chance(25):
        setup.feature("virtuser_entire_domain")
    domains = dice.some(VIRTUAL, 1, 3)
    for domain in domains:
        where = dice.below(4)
        if where == 0:
            setup.say("LOCAL_DOMAIN(`%s')" % domain)
        elif where == 1:
            setup.tables.setdefault("local-host-names", []).append(domain)
        else:
            setup.say("VIRTUSER_DOMAIN(`%s')" % domain)
        if dice.chance(30) and "access_db" in "".join(setup.lines):
            setup.row("access", domain, "RELAY")
    for _ in range(1 + dice.below(6)):
        domain = dice.pick(domains)
        who = dice.pick(["info", "sales", "alice", "info+news", "sales+*", ""])
        value = dice.pick([setup.user(), setup.user(), setup.user() + "@" + OWN, "%1@" + OWN, "%1",
                           "%1@else.example", "who@else.example", "error:nouser No such user",
                           "error:5.7.0:550 Closed", "error:nouser 550 5.1.1 Not here",
                           setup.user() + "+%2", "staff"])
        if value == "staff":
            setup.row("aliases", "staff", setup.user(), ":\t")
        if value in ("%1", "%1@" + OWN) and who.split("+")[0] not in ("alice", ""):
            value = setup.user()  # where it leads to nobody Postfix sends mail back
        setup.row("virtusertable", who + "@" + domain, value)
        plain = who.replace("*", "any")
        asked = [(plain or "any") + "@" + domain, "ghost@" + domain, plain.split("+")[0] + "+d@" + domain,
                 (plain or "any") + "@x." + domain, (plain or "any").upper() + "@" + domain]
        setup.recipients += dice.some(asked, 1, 3)
        setup.routed += dice.some(asked, 1, 3)


def with_mailers(setup):
    dice = setup.dice
    setup.feature("mailertable", "hash -o /etc/mail/mailertable")
    for _ in range(1 + dice.below(5)):
        domain = dice.pick(list(WORLD) + ["inside." + OWN])
        value = dice.pick(["smtp:[hub.inner.example]", "esmtp:hub.inner.example", "relay:inner.example",
                           "smtp:[192.0.2.77]", "error:nouser No such host", "error:5.7.0:550 Closed",
                           "relay:[a.inner.example]", "esmtp:[b.inner.example]", "local:" + setup.user(),
                           "smtp:%1.inner.example", "error:5.1.2 Not this one"])
        if "%1" in value or dice.chance(30):
            domain = "." + domain
        setup.row("mailertable", domain, value)
        plain = domain.lstrip(".")
        setup.routed += dice.some(["x@" + plain, "x@y." + plain, "x@z.y." + plain, "x@" + near(setup, plain)],
                                  1, 3)
        if dice.chance(40):
            setup.tables.setdefault("relay-domains", []).append(plain)
            setup.recipients += ["x@" + plain, "x@y." + plain]


def with_domains(setup):
    dice = setup.dice
    setup.feature("domaintable", "hash -o /etc/mail/domaintable")
    for _ in range(1 + dice.below(2)):
        old = dice.pick(["was.example", "before.example"])
        setup.row("domaintable", old, dice.pick([OWN, "new.example"]))
        setup.recipients += ["alice@" + old, "ghost@" + old]
        setup.routed += ["alice@" + old, "alice@x." + old]
        setup.sent.append("alice@" + old)


def with_generics(setup):
    dice = setup.dice
    setup.feature("genericstable", "hash -o /etc/mail/genericstable")
    if dice.chance(80):
        setup.say("GENERICS_DOMAIN(`%s')" % OWN)
    if dice.chance(30):
        setup.feature("generics_entire_domain")
    for _ in range(1 + dice.below(4)):
        who = setup.user()
        key = dice.pick([who, who, who + "@" + OWN, who + "@x." + OWN])
        setup.row("genericstable", key, dice.pick([who + ".long@" + OWN, who + "@public.example"]))
        setup.sent += [who, dice.pick([who + "@" + OWN, who + "@x." + OWN, who + "+d@" + OWN])]


def with_masquerade(setup):
    dice = setup.dice
    setup.say("MASQUERADE_AS(`%s')" % dice.pick([OWN, OWN, "public.example"]))
    for feature, percent in (("masquerade_envelope", 60), ("masquerade_entire_domain", 40),
                             ("allmasquerade", 30), ("local_no_masquerade", 10)):
        if dice.chance(percent):
            setup.feature(feature)
    if dice.chance(40):
        setup.say("MASQUERADE_DOMAIN(`%s')" % dice.pick([OWN, "lab.example", "lab.example gamma.example"]))
        setup.sent += ["bob@lab.example", "bob@x.lab.example"]
    if dice.chance(25):
        setup.say("MASQUERADE_EXCEPTION(`%s')" % dice.pick(["x.lab.example", "x." + OWN]))
        setup.sent += ["bob@x." + OWN]
    if dice.chance(50):
        setup.say("EXPOSED_USER(`%s')" % dice.pick(["root", "dave root", "bob"]))
        setup.sent += ["dave", "bob@" + HOST]
    setup.sent += ["alice", "alice@" + HOST, "alice@" + OWN]


def with_smart_host(setup):
    setup.define("SMART_HOST", setup.dice.pick(["out.provider.example", "[out.provider.example]",
                                                "relay:[out.provider.example]", "esmtp:out.provider.example",
                                                "[192.0.2.88]", "smtp:[192.0.2.88]"]))
    setup.routed += ["x@" + setup.domain(), "x@nowhere.example", "alice@" + OWN]


def with_blocklists(setup):
    dice = setup.dice
    for kind in dice.some(["dnsbl", "enhdnsbl", "rhsbl"], 1, 2):
        zone = kind + ".lists.example"
        text = dice.pick(['"550 Mail from " $&{client_addr} " refused"', "", ""])
        if kind == "rhsbl":
            text = ""
        if kind == "enhdnsbl" and dice.chance(50):
            setup.feature(kind, zone, text, "t", "127.0.0.2.")
        else:
            setup.feature(*[kind, zone] + [text] * bool(text))
        setup.plan.append("zone " + zone)
        for last in ("2", "9"):
            if kind == "rhsbl":
                domain = setup.domain()
                setup.plan.append("dns %s.%s A 127.0.0.%s" % (domain, zone, last))
                setup.senders += ["who@" + domain, "who@x." + domain]
                break
            address = "203.0.113.%d" % (50 + dice.below(100))
            setup.plan.append("dns %s.%s A 127.0.0.%s" % (".".join(address.split(".")[::-1]), zone, last))
            setup.client(address, "unknown" if dice.chance(30) else "p%s.%s" % (last, setup.domain()))


def with_names_asked(setup):
    for feature in setup.dice.some(["accept_unresolvable_domains", "accept_unqualified_senders",
                                    "require_rdns", "block_bad_helo", "badmx", "use_client_ptr"], 1, 3):
        setup.feature(feature)
    setup.senders += ["who@absent.nowhere.example", "nodomain", "who@tempfail.example", "alice"]
    setup.client("203.0.113.201", "unknown")
    setup.client("203.0.113.202", "!liar." + setup.domain())
    setup.helos = True


def with_small_features(setup):
    dice = setup.dice
    small = [("always_add_domain",), ("nocanonify",), ("redirect",), ("preserve_local_plus_detail",),
             ("nouucp", "reject"), ("nouucp", "nospecial"), ("nopercenthack",), ("smrsh", "/usr/sbin/smrsh")]
    for one in dice.some(small, 1, 4):
        if one[0] != "nouucp" or "nouucp" not in "".join(setup.lines):
            setup.feature(*one)


def with_limits(setup):
    dice = setup.dice
    limits = [("confMAX_MESSAGE_SIZE", ["1000000", "20000000", "0"]),
              ("confMAX_RCPTS_PER_MESSAGE", ["2", "50"]),
              ("confPRIVACY_FLAGS", ["goaway", "authwarnings,novrfy,noexpn", "needmailhelo", "noetrn",
                                     "authwarnings,needmailhelo,novrfy"]),
              ("confTO_IDENT", ["0"]), ("confALLOW_BOGUS_HELO", ["True"]),
              ("confMAX_HOP", ["30"]), ("confSMTP_LOGIN_MSG", ["$j ready"]),
              ("confTO_QUEUERETURN", ["3d"]), ("confDELIVERY_MODE", ["background"])]
    for name, values in dice.some(limits, 1, 4):
        setup.define(name, dice.pick(values))
    setup.sizes = True


def with_daemons(setup):
    dice = setup.dice
    setup.ports = [(25, "Port=smtp, Name=MTA")]
    setup.ports.append(dice.pick([
        (587, "Port=submission, Name=MSA, M=E"), (587, "Name=MSA, Port=587, M=Ea"),
        (465, "Port=465, Name=Other"), (587, "Port=submission, Name=MSA"),
        (587, "Family=inet, Port=587, Addr=127.0.0.1, Name=Inner")]))
    if "M=Ea" in setup.ports[1][1]:
        setup.plan.append("password alice secret")


def with_aliases(setup):
    dice = setup.dice
    for _ in range(1 + dice.below(6)):
        name = dice.pick(["info", "team", "staff", "robot", "archive", "chain", "Sales", "list"])
        setup.row("aliases", name, dice.pick([
            setup.user(), "alice, bob", "who@else.example", "/var/mail/archive", '"|/usr/local/bin/robot"',
            ":include:/etc/mail/members", "team", "staff, dave", "alice+box", "/dev/null",
            "carol@" + OWN, "\\dave"]), ":\t")
        setup.recipients += [name + "@" + OWN, name.upper() + "@" + OWN, name + "+x@" + OWN]
        setup.routed += [name + "@" + OWN, name]
    setup.row("aliases", "list", ":include:/etc/mail/members", ":\t")
    setup.row("aliases", "owner-list", "bob", ":\t")
    setup.tables["members"] = ["alice", "carol@" + OWN, "who@else.example"]


SUBJECTS = {
    "access": with_access,
    "aliases": with_aliases,
    "blocklists": with_blocklists,
    "daemons": with_daemons,
    "domains": with_domains,
    "features": with_small_features,
    "generics": with_generics,
    "limits": with_limits,
    "local names": with_local_names,
    "mailers": with_mailers,
    "masquerade": with_masquerade,
    "names asked": with_names_asked,
    "relay names": with_relay_names,
    "smart host": with_smart_host,
    "virtual": with_virtual,
}


# --- the files ------------------------------------------------------------------------------------

def odd_recipients(setup):
    domain = setup.dice.pick(setup.local)
    user = setup.user()
    forms = [user + "@" + domain, user.upper() + "@" + domain.upper(), user + "+tag@" + domain,
             "ghost@" + domain, user + "@[192.0.2.25]", user + "%else.example@" + domain,
             "@" + domain + ":x@else.example", "@else.example:" + user + "@" + domain,
             "else.example!x@" + domain, '"' + user + '"@' + domain, user + "@" + domain + ".",
             user, "postmaster", '"x@else.example"@' + domain, user + "@x." + domain,
             "x@else.example", user + "@" + HOST, "x@[203.0.113.99]", user + "%" + domain,
             "x@nowhere.example", user + "@localhost", "x%else.example", "else.example!x"]
    return setup.dice.some(forms, 3, 5)


def odd_senders(setup):
    user = setup.user()
    return setup.dice.some(["<>", "who@stranger.example", user + "@" + OWN, "who@STRANGER.example",
                            "who@stranger.example.", "who@[203.0.113.5]", user, "who%else.example@" + OWN,
                            "@else.example:who@stranger.example", '"odd user"@stranger.example',
                            "who+tag@stranger.example", "who@absent.nowhere.example", user + "@" + HOST], 2, 4)


def unique(words):
    return list(dict.fromkeys(words))


def quoted(word):
    return "'%s'" % word if '"' in word else word.replace("\\", "\\\\")


def questions(setup):
    dice, asked = setup.dice, []
    clients = ["stranger", "nameless", "self"] + [name for name, _, _ in setup.clients]
    ports = [port for port, _ in getattr(setup, "ports", [])] or [25]

    def ask(client, sender, recipients, options=""):
        if not options and len(ports) > 1 and dice.chance(25):
            options = "port=%d " % dice.pick(ports)
        asked.append("ask %s %s%s %s" % (client, options, quoted(sender), " ".join(
            quoted(one) for one in recipients)))
    local = setup.user() + "@" + OWN
    for client in clients:
        ask(client, "who@stranger.example", [local, "x@else.example"])
    for sender in unique(setup.senders)[:14]:
        ask(dice.pick(clients), sender, [setup.user() + "@" + OWN] +
            ["x@else.example"] * ("tempfail" not in sender))
    for sender in odd_senders(setup):
        ask(dice.pick(clients), sender, [local, "x@else.example"])
    recipients = unique(setup.recipients)[:24]
    while recipients:
        ask(dice.pick(["stranger", "stranger"] + clients), "who@stranger.example", recipients[:4])
        recipients = recipients[4:]
    for client in ["stranger"] + dice.some(clients, 1, 2):
        ask(client, "who@stranger.example", odd_recipients(setup))
    ask("stranger", "who@stranger.example", [local], "data=yes ")
    if setup.sizes:
        ask("stranger", "who@stranger.example", [local], "size=1500000 ")
        ask("stranger", "who@stranger.example", [local] * 3)
        asked += ["verify stranger alice", "expand stranger alice"]
        ask("stranger", "who@stranger.example", [local], "helo=none ")
    if setup.helos:
        for helo in ("nodot", "bad_name.example", HOST, "[203.0.113.201]"):
            ask(dice.pick(clients), "who@stranger.example", [local, "x@else.example"], "helo=%s " % helo)
    return asked


def plan_text(setup):
    lines = ["host " + HOST, "users " + " ".join(USERS)]
    lines += ["client %s %s %s" % row for row in setup.clients] + setup.plan + questions(setup)
    routed = unique(setup.routed)[:14] + setup.dice.some(
        ["alice", "bob@" + OWN, "x@else.example", "ghost@" + OWN, "alice+d@" + OWN, "alice@" + HOST,
         "x@sub.else.example", "alice@x." + OWN], 2, 4)
    lines += ["route " + " ".join(unique(routed))]
    for sender in unique(setup.sent)[:6]:
        lines.append("send self %s x@else.example" % sender)
    return "\n".join(lines) + "\n"


def mc_text(setup):
    lines = ["divert(-1)dnl", "include(`/usr/share/sendmail-cf/m4/cf.m4')dnl", "OSTYPE(`linux')dnl",
             "FEATURE(`no_default_msa')dnl", "LOCAL_DOMAIN(`%s')dnl" % OWN]
    if "local-host-names" in setup.tables:
        lines.append("FEATURE(`use_cw_file')dnl")
    for _, options in getattr(setup, "ports", [(25, "Port=smtp, Name=MTA")]):
        lines.append("DAEMON_OPTIONS(`%s')dnl" % options)
    return "\n".join(lines + setup.lines + ["MAILER(local)dnl", "MAILER(smtp)dnl"]) + "\n"


def main():
    seed, size, directory = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    setup = Setup(seed, size)
    for name in ("postmaster", "root"):
        setup.row("aliases", name, "root" if name == "postmaster" else "alice", ":\t")
    plan = plan_text(setup)
    os.makedirs(os.path.join(directory, "in"), exist_ok=True)
    files = {"in/" + name: "\n".join(rows) + "\n" for name, rows in setup.tables.items()}
    files.update({"plan": plan, "in/sendmail.mc": mc_text(setup)})
    for table in ("access", "virtusertable", "mailertable", "domaintable", "genericstable"):
        if "/etc/mail/" + table in files["in/sendmail.mc"] or table == "access":
            files.setdefault("in/" + table, "")
    for name, text in files.items():
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(text)


main()
