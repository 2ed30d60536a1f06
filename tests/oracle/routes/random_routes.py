"""random_routes.py - configurations made at random, for test-routes.sh

    random_routes.py OUTPUT COUNT SEED

Prints lines "NAME DIRECTORY".  The same seed makes the same files.
"""
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
USERS = ["root", "news", "games", "bob", "list", "owner-list", "info", "sales", "postmaster", "x-request"]
LOCAL = ["mail.example.com", "local.example", "other.example", "localhost"]
FAR = ["far.example", "sub.far.example", "relay.example", "deep.sub.relay.example", "net.example"]
VIRTUAL = ["virtual.example", "alias.example", "box.example"]
EVERY = LOCAL + FAR + VIRTUAL
TRANSPORTS = ["smtp", "relay", "slow", "lmtp", "virtual", "error", "discard", "mailman", "local", "retry"]
HOPS = ["", "[mx.example.net]", "[192.0.2.9]:587", "mx.example.net", "hub.example:26"]

MASTER = """pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
slow unix - - n - - smtp
lmtp unix - - n - - lmtp
showq unix n - n - - showq
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
mailman unix - n n - - pipe
  user=nobody argv=/bin/cat ${recipient}
"""


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.main, self.files = [], {}

    def maybe(self, chance):
        return self.random.random() < chance

    def choose(self, items):
        return self.random.choice(items)

    def address(self, domains=None):
        user = self.choose(USERS)
        if self.maybe(0.15):
            user += self.choose(["+ext", "-ext", "+a+b"])
        return "%s@%s" % (user, self.choose(domains or EVERY))

    def some(self, items, most):
        return self.random.sample(items, self.random.randint(0, min(most, len(items))))

    def set(self, name, value):
        self.main.append("%s = %s" % (name, value))

    def key(self):
        kind = self.random.random()
        if kind < 0.5:
            return self.address()
        if kind < 0.75:
            return "@" + self.choose(EVERY)
        return self.choose(USERS)

    def table(self, name, rows):
        """a texthash or pcre table, for the value of a parameter"""
        unique = dict(reversed(rows))
        self.files[name] = "".join("%s %s\n" % row for row in unique.items())
        return "texthash:/etc/postfix/" + name

    def pattern_table(self, name, rows):
        self.files[name] = "".join("/%s/ %s\n" % row for row in rows)
        return "regexp:/etc/postfix/" + name

    def maps(self, name, result, chance=0.4, rows=6):
        if not self.maybe(chance):
            return
        rows = [(self.key(), result()) for _ in range(self.random.randint(1, rows))]
        value = self.table(name, rows)
        if self.maybe(0.15):
            value += " " + self.pattern_table(
                name + ".re", [("^%s@(.*)$" % self.choose(USERS), result())])
        self.set(name, value)

    def one(self):
        return self.choose([self.address(), self.choose(USERS), "@" + self.choose(EVERY)])

    def several(self):
        return ", ".join(self.one() for _ in range(self.choose([1, 1, 1, 2, 3])))

    def transport_result(self):
        kind = self.random.random()
        if kind < 0.1:
            return ":"
        if kind < 0.25:
            return ":" + self.choose(HOPS[1:])
        transport = self.choose(TRANSPORTS)
        if transport in ("error", "retry"):
            return transport + ":" + self.choose(["", "5.7.1 no mail here", "go away"])
        return transport + ":" + self.choose(HOPS)

    # --- parts -----------------------------------------------------------------------------------

    def make_domains(self):
        self.set("mydestination", ", ".join(["$myhostname"] + self.some(LOCAL[1:], 3)))
        if self.maybe(0.5):
            self.set("virtual_alias_domains", " ".join(self.some(["alias.example"], 1)))
        if self.maybe(0.5):
            self.set("virtual_mailbox_domains", "box.example")
        if self.maybe(0.5):
            self.set("relay_domains", " ".join(self.some(["relay.example", "net.example"], 2)))
        if self.maybe(0.2):
            self.set("parent_domain_matches_subdomains", self.choose(["", "transport_maps, relay_domains"]))
        for name, values in (("append_dot_mydomain", ["yes", "no"]), ("swap_bangpath", ["no"]),
                             ("allow_percent_hack", ["no"]), ("owner_request_special", ["no"]),
                             ("myorigin", ["local.example", "$mydomain", "far.example"]),
                             ("recipient_delimiter", ["+", "+-", "-"]),
                             ("propagate_unmatched_extensions", ["", "canonical", "canonical, virtual, alias"]),
                             ("enable_original_recipient", ["no"]),
                             ("expand_owner_alias", ["yes"])):
            if self.maybe(0.3):
                self.set(name, self.choose(values))

    def make_mappings(self):
        self.maps("canonical_maps", self.one, 0.25, 3)
        self.maps("recipient_canonical_maps", self.one, 0.25, 3)
        self.maps("sender_canonical_maps", self.one, 0.2, 3)
        self.maps("virtual_alias_maps", self.several, 0.6)
        if self.maybe(0.2):
            self.set("masquerade_domains", self.choose(["far.example", "!sub.far.example far.example"]))
            self.set("masquerade_classes", "envelope_sender, envelope_recipient")
            if self.maybe(0.5):
                self.set("masquerade_exceptions", "root, bob")
        if self.maybe(0.15):
            self.set("always_bcc", self.address())
        self.maps("recipient_bcc_maps", self.address, 0.2, 3)
        self.maps("sender_bcc_maps", self.address, 0.2, 3)

    def make_routes(self):
        if self.maybe(0.5):
            keys = [self.choose([self.choose(EVERY), "." + self.choose(FAR), self.address(), "*"])
                    for _ in range(5)]
            self.set("transport_maps", self.table("transport",
                                                  [(key, self.transport_result()) for key in keys]))
        if self.maybe(0.3):
            self.set("relayhost", self.choose(HOPS[1:]))
        self.maps("relocated_maps", lambda: self.choose(["him@new.example", "the moon"]), 0.2, 3)
        if self.maybe(0.25):
            self.set("sender_dependent_relayhost_maps", self.table(
                "sdr", [(self.key(), self.choose(HOPS[1:] + ["DUNNO"])) for _ in range(3)]))
        if self.maybe(0.25):
            self.set("sender_dependent_default_transport_maps", self.table(
                "sdt", [(self.key(), self.choose(["slow:", "relay:[x.example]", "DUNNO", "smtp"]))
                        for _ in range(3)]))
        for name, values in (("default_transport", ["slow", "smtp:[all.example]"]),
                             ("relay_transport", ["slow", "smtp:[all.example]:26"]),
                             ("virtual_transport", ["lmtp:unix:private/lmtp", "virtual", "mailman"]),
                             ("local_transport", ["local:$myhostname", "lmtp:[127.0.0.1]:24",
                                                  "error:no local mail"]),
                             ("content_filter", ["slow:[127.0.0.1]:10026", "mailman:dummy", "slow"]),
                             ("default_filter_nexthop", ["[127.0.0.1]:10099"]),
                             ("defer_transports", ["slow", "relay, lmtp"])):
            if self.maybe(0.15):
                self.set(name, self.choose(values))

    def make_local(self):
        lines = []
        for name in self.random.sample(USERS + ["a", "b"], 6):
            lines.append("%s: %s" % (name, ", ".join(self.alias_item() for _ in range(self.choose([1, 1, 2])))))
        self.files["aliases"] = "\n".join(lines) + "\n"
        self.files["list"] = "# a list\nnews, games\n" + self.address() + "\n"
        self.set("alias_maps", self.choose(["hash:/etc/postfix/aliases"] * 4 + [""]))
        self.set("alias_database", "hash:/etc/postfix/aliases")
        for name, values in (("luser_relay", ["root", "info@far.example", "$user@far.example", "a+$local"]),
                             ("mailbox_transport", ["lmtp:unix:/x/lmtp", "slow:[box.example]"]),
                             ("fallback_transport", ["slow:[fall.example]", "lmtp"]),
                             ("allow_mail_to_commands", ["alias, forward, include", ""]),
                             ("allow_mail_to_files", ["alias, include", ""]),
                             ("forward_path", [""])):
            if self.maybe(0.2):
                self.set(name, self.choose(values))
        if self.maybe(0.15):
            self.set("mailbox_transport_maps",
                     self.table("mtm", [("news", "slow:[m.example]"), ("bob", "relay:")]))
        if self.maybe(0.15):
            self.set("fallback_transport_maps", self.table("ftm", [("bob", "slow:"), ("a", "relay:x.example")]))

    def make_actions(self):
        """an access table of the smtpd that gets the mail (ask.py)"""
        if self.maybe(0.35):
            self.table("actions", [(self.choose([self.address(), self.choose(EVERY)]), self.choose(
                ["FILTER slow:[f.example]:26", "FILTER mailman:dummy", "REDIRECT " + self.address(),
                 "REDIRECT " + self.choose(USERS), "DUNNO"])) for _ in range(4)])

    def alias_item(self):
        kind = self.random.random()
        if kind < 0.45:
            return self.choose(USERS + ["a", "b"])
        if kind < 0.75:
            return self.address()
        return self.choose(['"|/bin/cat >/dev/null"', "/tmp/some-file", ":include:/etc/postfix/list",
                            "\\\\root", ":include:/etc/postfix/none"])

    def make(self, directory):
        self.set("compatibility_level", "2")
        self.set("mydomain", "example.com")
        for part in (self.make_domains, self.make_mappings, self.make_routes, self.make_local,
                     self.make_actions):
            part()
        os.makedirs(directory)
        self.files["main.cf"] = "\n".join(self.main) + "\n"
        self.files["master.cf"] = MASTER
        senders = ["<>", self.address(), self.address(LOCAL), self.address(FAR)]
        asked = {self.address() for _ in range(22)} | {user for user in self.random.sample(USERS, 3)}
        asked |= {"x%y.example@mail.example.com", "nobody@outside.invalid", "b@sub.far.example"}
        self.files["addresses"] = "".join("%s %s\n" % (self.choose(senders), one) for one in sorted(asked))
        for name, text in self.files.items():
            with open(os.path.join(directory, name), "w", encoding="utf-8") as out:
                out.write(text)


def main():
    output, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for number in range(count):
        name = "random-%d-%d" % (seed, number)
        Maker("%d %d" % (seed, number)).make(os.path.join(output, name))
        print(name, os.path.join(output, name))


main()
