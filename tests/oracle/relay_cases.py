#!/usr/bin/env python3
"""relay_cases.py DIRECTORY - writes 40 configurations, half of which relay for strangers

DIRECTORY/NAME/ gets main.cf, master.cf, tables and plan.yaml, which asks for one relayed mail as the
stranger who gets through (or would, in the look-alike that is no relay).  DIRECTORY/list has a
line "NAME yes|no" for each.
"""
import os
import sys

SMTP = "smtp      inet  n - n - - smtpd\n"
with open(os.path.join(os.path.dirname(__file__), "internal.cf"), encoding="ascii") as file:
    INTERNAL = file.read()

MAIN = """\
compatibility_level = 3.6
myhostname = mail.example.com
mydestination = $myhostname, localhost, example.com
local_recipient_maps =
inet_interfaces = loopback-only
"""

SAFE = "mynetworks = 127.0.0.0/8\n"
EMPTY = SAFE + "smtpd_relay_restrictions =\n"
STRANGER = {"client": "93.5.77.5", "client-name": "", "helo": "client.stranger.example",
            "from": "someone@stranger.example", "to": "anyone@elsewhere.example", "port": 25}


def case(name, relays, main, overrides="", service="", tables=None, **session):
    """one configuration; RELAYS: "sink" takes every domain for its own; OVERRIDES are of the service on port 25, SERVICE is a whole one"""
    return name, relays, MAIN + main, overrides, service, tables or {}, {**STRANGER, **session}


CASES = [
    # --- those that relay ---
    case("whole-world", True, "mynetworks = 127.0.0.0/8, 0.0.0.0/0\n"),
    case("wide-network", True, "mynetworks = 127.0.0.0/8, 64.0.0.0/2\n"),
    case("wide-network-in-a-table", True,
         "mynetworks = 127.0.0.0/8, cidr:/etc/postfix/networks\n",
         tables={"networks": "10.0.0.0/8 ok\n80.0.0.0/4 ok\n"}),
    case("every-client-is-mine", True, "mynetworks = static:all\n"),
    case("own-sender", True, EMPTY +
         "smtpd_recipient_restrictions = permit_mynetworks,\n"
         "  check_sender_access texthash:/etc/postfix/senders, reject_unauth_destination\n",
         tables={"senders": "boss@example.com OK\n"}, **{"from": "boss@example.com"}),
    case("own-domain-as-sender", True,
         SAFE + "smtpd_relay_restrictions = permit_mynetworks\n"
         "  check_sender_access inline:{example.com=permit} defer_unauth_destination\n",
         **{"from": "any@example.com"}),
    case("null-sender", True,
         SAFE + "smtpd_relay_restrictions = permit_mynetworks,\n"
         "  check_sender_access inline:{{<> = OK}}, reject_unauth_destination\n", **{"from": ""}),
    case("helo-name", True, EMPTY +
         "smtpd_recipient_restrictions = permit_mynetworks,\n"
         "  check_helo_access texthash:/etc/postfix/helo, reject_unauth_destination\n",
         tables={"helo": "scanner.example.com OK\n"}, helo="scanner.example.com"),
    case("permit-too-early", True,
         SAFE + "smtpd_relay_restrictions = permit_mynetworks, check_client_access static:permit,\n"
         "  reject_unauth_destination\n"),
    case("recipients-in-a-pattern", True,
         SAFE + "smtpd_relay_restrictions = permit_mynetworks,\n"
         "  check_recipient_access regexp:/etc/postfix/recipients, reject_unauth_destination\n",
         tables={"recipients": "/^[^@]+@[^@]+\\.[a-z]+$/ OK\n"}),
    case("every-client-in-a-pattern", True,
         SAFE + "smtpd_relay_restrictions = permit_mynetworks,\n"
         "  check_client_access regexp:/etc/postfix/clients, defer_unauth_destination\n",
         tables={"clients": "/^10\\./ OK\n/./ OK\n"}),
    case("client-octet", True,
         SAFE + "smtpd_relay_restrictions = permit_mynetworks,\n"
         "  check_client_access texthash:/etc/postfix/clients, reject_unauth_destination\n",
         tables={"clients": "192.168 OK\n93 OK\n"}),
    case("client-top-level-domain", True,
         SAFE + "smtpd_relay_restrictions = permit_mynetworks,\n"
         "  check_client_access texthash:/etc/postfix/clients, reject_unauth_destination\n",
         tables={"clients": "com OK\n"}, **{"client-name": "stranger.com"}),
    case("override-of-the-list", True, SAFE,
         overrides="  -o smtpd_relay_restrictions=check_helo_access,static:OK,reject\n"),
    case("override-on-another-port", True, SAFE,
         service="2525 inet n - n - - smtpd\n  -o mynetworks=0.0.0.0/0\n", port=2525),
    case("class-that-permits", True, EMPTY +
         "smtpd_restriction_classes = partners\n"
         "partners = check_sender_access inline:{partner.example=OK}, reject\n"
         "smtpd_recipient_restrictions = permit_mynetworks,\n"
         "  check_recipient_access regexp:/etc/postfix/recipients, reject_unauth_destination\n",
         tables={"recipients": "/@elsewhere\\.example$/ partners\n/@./ partners\n"},
         **{"from": "x@partner.example"}),
    case("every-domain-is-relayed", True, SAFE + "relay_domains = regexp:/etc/postfix/relay\n",
         tables={"relay": "/./ yes\n"}),
    case("every-domain-is-local", "sink", SAFE + "mydestination = $myhostname, static:all\n"),
    case("every-domain-is-virtual", "sink",
         SAFE + "virtual_mailbox_domains = regexp:/etc/postfix/virtual\n"
         "mydestination =\n", tables={"virtual": "/[a-z]/ yes\n"}),
    case("backup-for-whoever-says-so", True,
         SAFE + "smtpd_relay_restrictions = permit_mynetworks, permit_mx_backup,\n"
         "  reject_unauth_destination\n"),
    # --- those that look as if they did ---
    case("defaults", False, ""),
    case("private-networks", False,
         "mynetworks = 127.0.0.0/8, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16\n"),
    case("one-own-network", False, "mynetworks = 127.0.0.0/8, 203.0.112.0/22\n"),
    case("networks-of-a-table", False, "mynetworks = cidr:/etc/postfix/networks\n",
         tables={"networks": "10.0.0.0/8 ok\n203.0.112.0/22 ok\n"}),
    case("sender-permitted-in-its-own-list", False,
         SAFE + "smtpd_sender_restrictions = check_sender_access inline:{example.com=OK}\n",
         **{"from": "boss@example.com"}),
    case("helo-permitted-in-its-own-list", False,
         SAFE + "smtpd_helo_restrictions = check_helo_access inline:{scanner.example.com=OK}\n",
         helo="scanner.example.com"),
    case("client-permitted-in-its-own-list", False,
         SAFE + "smtpd_client_restrictions = check_client_access regexp:/etc/postfix/clients\n",
         tables={"clients": "/./ OK\n"}),
    case("refused-before-permitted", False, EMPTY +
         "smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination,\n"
         "  check_sender_access inline:{example.com=OK}\n", **{"from": "boss@example.com"}),
    case("permitted-and-then-refused", False,
         SAFE + "smtpd_recipient_restrictions = check_recipient_access static:OK, permit\n"),
    case("backup-behind-the-refusal", False,
         SAFE + "smtpd_recipient_restrictions = permit_mynetworks, permit_mx_backup\n"),
    case("submission-for-users", False, SAFE,
         service="submission inet n - n - - smtpd\n"
         "  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n"
         "  -o smtpd_recipient_restrictions=\n", port=587),
    case("listed-domains-are-relayed", False, SAFE + "relay_domains = partner.example\n"),
    case("parent-domain-is-relayed", False, SAFE + "relay_domains = .partner.example, lan\n"),
    case("untrusted-routing-is-none", False, SAFE + "allow_untrusted_routing = yes\n",
         to="anyone%elsewhere.example@mail.example.com"),
    case("another-one-is-warned", False,
         SAFE + "smtpd_relay_restrictions = permit_mynetworks,\n"
         "  warn_if_reject reject_non_fqdn_sender, reject_unauth_destination\n"),
    case("class-that-says-nothing", False,
         SAFE + "smtpd_restriction_classes = partners\n"
         "partners = check_sender_access inline:{partner.example=DUNNO}\n"
         "smtpd_relay_restrictions = permit_mynetworks, partners, reject_unauth_destination\n",
         **{"from": "x@partner.example"}),
    case("only-own-destinations", False,
         SAFE + "smtpd_relay_restrictions = permit_mynetworks, permit_auth_destination, reject\n"),
    case("data-is-permitted", False,
         SAFE + "smtpd_data_restrictions = permit\n"
         "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated,\n"
         "  defer_unauth_destination\n"),
    case("no-certificates-listed", False,
         SAFE + "smtpd_relay_restrictions = permit_mynetworks, permit_tls_clientcerts,\n"
         "  reject_unauth_destination\n"),
    case("filtered-not-permitted", False,
         SAFE + "smtpd_relay_restrictions = permit_mynetworks,\n"
         "  check_sender_access inline:{{example.com = PREPEND X-Own: yes}},\n"
         "  reject_unauth_destination\n", **{"from": "boss@example.com"}),
]


def plan_of(session):
    """a plan of one session, up to the answer to RCPT"""
    quote = '"%s"'.__mod__
    lines = ["postmend plan: 1", "sessions:", "  - ask: does it relay for a stranger",
             "    kind: relay",
             "    service: %s" % quote({25: "smtp", 587: "submission"}.get(session["port"],
                                                                           str(session["port"]))),
             "    port: %d" % session["port"], "    client: %s" % session["client"]]
    if session["client-name"]:
        lines.append("    client-name: %s" % session["client-name"])
    lines.append("    steps:")
    lines.append("      - {do: greeting}")
    for text in ("EHLO " + session["helo"], "MAIL FROM:<%s>" % session["from"],
                 "RCPT TO:<%s>" % session["to"]):
        lines.append("      - {send: %s}" % quote(text))
    return "\n".join(lines) + "\n"


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def main():
    top = sys.argv[1]
    listing = []
    for name, relays, main_cf, overrides, service, tables, session in CASES:
        place = os.path.join(top, name)
        os.makedirs(place)
        write(os.path.join(place, "main.cf"), main_cf)
        write(os.path.join(place, "master.cf"), SMTP + overrides + service + INTERNAL)
        for table, text in tables.items():
            write(os.path.join(place, table), text)
        write(os.path.join(place, "plan.yaml"), plan_of(session))
        listing.append("%s %s\n" % (name, relays if relays == "sink" else "yes" if relays else "no"))
    write(os.path.join(top, "list"), "".join(listing))


main()
