"""growth_kinds.py - kinds of input for growth.py, each of a given number of bytes"""


class Kind:
    """a kind of input: its files, and the commands that read it"""

    def __init__(self, name, files, commands):
        self.name, self.files, self.commands = name, files, commands


# --- the commands ----------------------------------------------------------------------------------

POSTFIX = [
    ("lint", ["lint", "--platform", "debian13", "."]),
    ("json", ["lint", "--platform", "debian13", "--format", "json", "."]),
    ("upgrade", ["upgrade", "--from", "rhel9", "--to", "rhel10", "."]),
    ("output", ["upgrade", "--from", "rhel9", "--to", "rhel10", "--output", "output", "."]),
    ("trace", ["trace", "--platform", "debian13", "--hostname", "h.example", "--from", "a@a.example",
               "--to", "b@b.example", "."]),
    ("show", ["show", "--platform", "debian13", "."]),
    ("show -x", ["show", "-x", "-n", "--platform", "debian13", "."]),
    ("show -P", ["show", "-P", "--platform", "debian13", "."]),
    ("livetest", ["livetest", "--platform", "debian13", "--hostname", "h.example", "--output",
                  "/dev/null", "."]),
]
SENDMAIL = [
    ("lint", ["lint", "--platform", "rhel10", "sendmail.mc"]),
    ("convert", ["convert", "--to", "rhel10", "--output", "output", "sendmail.mc"]),
]
SENDMAIL_CF = [
    ("lint", ["lint", "--platform", "rhel10", "sendmail.cf"]),
    ("convert", ["convert", "--to", "rhel10", "--output", "output", "sendmail.cf"]),
]
PLAN = [("livetest", ["livetest", "--server", "127.0.0.1", "plan.yaml"])]
SETTINGS = [("lint", ["lint", "."]), ("trace", ["trace", "."])]
PLATFORM = [("lint", ["lint", "--platform", "./platform.yaml", "."])]


# --- text of a given size --------------------------------------------------------------------------

def lines(form, size):
    """lines of a form with the number of the line, up to the size"""
    result, length, number = [], 0, 0
    while length < size:
        line = form(number) if callable(form) else form.replace("@", str(number))
        result.append(line)
        length += len(line)
        number += 1
    return "".join(result)


MAIN_CF = "myhostname = h.example\ncompatibility_level = 3.6\n"
SMTP = "smtp inet n - n - - smtpd\n"
MASTER_CF = (SMTP + "cleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\nrewrite unix - - n"
             " - - trivial-rewrite\nbounce unix - - n - 0 bounce\nsmtp unix - - n - - smtp\nlocal"
             " unix - n n - - local\n")
PRELUDE = "include(`/usr/share/sendmail-cf/m4/cf.m4')dnl\nOSTYPE(`linux')dnl\n"
POSTLUDE = "MAILER(`smtp')dnl\n"


def main_cf(name, form, before="", after="\n"):
    """a main.cf with lines of a form"""
    def files(size):
        return {"main.cf": MAIN_CF + before + lines(form, size) + after, "master.cf": MASTER_CF}
    return Kind(name, files, POSTFIX)


def master_cf(name, form, before=MASTER_CF):
    """a master.cf with lines of a form"""
    def files(size):
        return {"main.cf": MAIN_CF, "master.cf": before + lines(form, size) + "\n"}
    return Kind(name, files, POSTFIX)


def table(name, setting, form, file="table"):
    """a table that a setting of main.cf names"""
    def files(size):
        return {"main.cf": MAIN_CF + setting + "\n", "master.cf": MASTER_CF, file: lines(form, size)}
    return Kind(name, files, POSTFIX)


def macros(name, form):
    """a sendmail.mc with lines of a form"""
    def files(size):
        return {"sendmail.mc": PRELUDE + lines(form, size) + POSTLUDE}
    return Kind(name, files, SENDMAIL)


def macro_table(name, feature, file, form):
    """a table of a sendmail.mc"""
    def files(size):
        return {"sendmail.mc": PRELUDE + f"{feature}dnl\n" + POSTLUDE, file: lines(form, size)}
    return Kind(name, files, SENDMAIL)


def sendmail_cf(name, form):
    """a sendmail.cf with lines of a form"""
    def files(size):
        return {"sendmail.cf": "V10/Berkeley\nO QueueDirectory=/var/spool/mqueue\nDj$w\n"
                               + lines(form, size)
                               + "Msmtp, P=[IPC], F=mDFMuX, A=TCP $h\nSparse=0\nR$*\t$#smtp $: $1\n"}
    return Kind(name, files, SENDMAIL_CF)


def yaml(name, file, commands, form, before="", after=""):
    """a file of postmend's own, beside a small configuration"""
    def files(size):
        return {"main.cf": MAIN_CF, "master.cf": MASTER_CF, file: before + lines(form, size) + after}
    return Kind(name, files, commands)


def nested(before, middle, after):
    """a form for one line: BEFORE many times, MIDDLE, AFTER as many times"""
    def form(size):
        count = size // (len(before) + len(after))
        return before * count + middle + after * count
    return form


def nested_main_cf(name, start, before, middle, after):
    def files(size):
        return {"main.cf": MAIN_CF + start + nested(before, middle, after)(size) + "\n",
                "master.cf": MASTER_CF}
    return Kind(name, files, POSTFIX)


RESTRICTIONS = "smtpd_recipient_restrictions = permit_mynetworks,\n"
CLASSES = "smtpd_recipient_restrictions = permit_mynetworks, c0, reject_unauth_destination\n"


def classes(form):
    """restriction classes, each defined by a form"""
    def files(size):
        count = max(1, size // (len(form.replace("@", "10000").replace("%", "10000")) + 8))
        names = "".join(f" c{i}" for i in range(count))
        defined = "".join(form.replace("@", str(i)).replace("%", str(i + 1)) for i in range(count))
        return {"main.cf": MAIN_CF + "smtpd_restriction_classes =" + names + "\n" + CLASSES + defined,
                "master.cf": MASTER_CF}
    return files


LDAP = "define(`confLDAP_DEFAULT_SPEC', `-h ldap.example -b dc=example')dnl\n"

# --- the kinds -------------------------------------------------------------------------------------

KINDS = [
    # main.cf
    main_cf("comments", "# a comment @\n"),
    main_cf("empty lines", "\n"),
    main_cf("ignore comments", "# postmend: ignore ca-file\n"),
    main_cf("own parameters", "a@ = b\n"),
    main_cf("one parameter", "relayhost = h@.example\n"),
    main_cf("chain", lambda i: f"a{i} = $a{i - 1}\n" if i else "a0 = x\n"),
    main_cf("chain backwards", "a@ = $a@0 $relayhost\n"),
    main_cf("references", " $relayhost", "a = "),
    main_cf("conditionals", " ${relayhost?{a}:{b@}}", "a ="),
    nested_main_cf("nested conditionals", "a = ", "${relayhost?{", "x", "}}"),
    nested_main_cf("nested braces", RESTRICTIONS + " ", "{ ", "permit", " }"),
    main_cf("one word", "x", "relayhost = "),
    main_cf("continuation", "  h@.example\n", "mydestination =\n"),
    main_cf("commas", ",", "mydestination ="),
    main_cf("networks", " 10.@.0.0/16", "mynetworks ="),
    main_cf("destinations", " d@.example", "mydestination ="),
    main_cf("relay domains", " d@.example", "relay_domains ="),
    main_cf("maps", " hash:/etc/postfix/m@", "virtual_alias_maps ="),
    main_cf("inline maps", " inline:{a@=b@}", "virtual_alias_maps ="),
    main_cf("inline map", " {a@=b}", "virtual_alias_maps = inline:{", "}\n"),
    main_cf("read maps", " hash:/etc/postfix/m@", "proxy_read_maps ="),
    main_cf("milters", " inet:m@.example:10", "smtpd_milters ="),
    main_cf("name lists", " w@", "smtpd_tls_mandatory_protocols ="),
    main_cf("block lists", " reject_rbl_client b@.example,\n", RESTRICTIONS, " permit\n"),
    main_cf("restrictions", " reject_unknown_sender_domain\n", RESTRICTIONS),
    main_cf("unknown restrictions", " reject_x@\n", RESTRICTIONS),
    main_cf("access maps", " check_client_access hash:/etc/postfix/m@\n", RESTRICTIONS),
    main_cf("braced restrictions", " { check_client_access hash:/etc/postfix/m@ }\n", RESTRICTIONS),
    main_cf("policy services", " check_policy_service inet:h@.example:10\n", RESTRICTIONS),
    Kind("restriction classes", classes("c@ = reject_unknown_sender_domain\n"), POSTFIX),
    Kind("chain of classes", classes("c@ = c%\n"), POSTFIX),
    Kind("classes of classes", classes("c@ = c% c%\n"), POSTFIX),
    # master.cf
    master_cf("services", "s@ unix - - n - - smtp\n"),
    master_cf("inet services", lambda i: f"127.0.{i // 60000}.1:{i % 60000 + 1} inet n - n - - smtpd\n"),
    master_cf("one service", "smtp inet n - n - - smtpd\n"),
    master_cf("services with options",
              lambda i: f"127.0.{i // 60000}.1:{i % 60000 + 1} inet n - n - - smtpd\n"
                        "  -o smtpd_tls_security_level=may\n"),
    master_cf("pipes", "p@ unix - n n - - pipe flags=R user=a argv=/bin/x ${recipient}\n"),
    master_cf("options", "  -o a@=b\n", MASTER_CF + SMTP.replace("smtp ", "26 ", 1)),
    master_cf("one option", "  -o relayhost=@\n", MASTER_CF + SMTP.replace("smtp ", "26 ", 1)),
    master_cf("arguments", " x@", MASTER_CF + "p unix - n n - - pipe"),
    master_cf("wrong lines", "s@ x\n"),
    # tables
    table("access table", "smtpd_client_restrictions = check_client_access texthash:/etc/postfix/table",
          "h@.example REJECT\n"),
    table("access table of one key", "smtpd_client_restrictions = check_client_access texthash:/etc/postfix/table",
          "h.example REJECT\n"),
    table("regexp table", "smtpd_client_restrictions = check_client_access regexp:/etc/postfix/table",
          "/^h@/ REJECT\n"),
    table("pcre table", "smtpd_client_restrictions = check_client_access pcre:/etc/postfix/table",
          "/^h@/ REJECT\n"),
    table("nested if", "smtpd_client_restrictions = check_client_access pcre:/etc/postfix/table", "if /@/\n"),
    table("cidr table", "smtpd_client_restrictions = check_client_access cidr:/etc/postfix/table",
          lambda i: f"10.{i // 65536 % 256}.{i // 256 % 256}.{i % 256} REJECT\n"),
    table("virtual aliases", "virtual_alias_maps = texthash:/etc/postfix/table", 
          lambda i: f"a{i}@h.example b{i}@h.example\n"),
    table("chain of aliases", "alias_maps = texthash:/etc/postfix/table", lambda i: f"a{i}: a{i + 1}\n"),
    table("one alias", "alias_maps = texthash:/etc/postfix/table",
          lambda i: f" a{i}@h.example," if i else "a:"),
    table("transport table", "transport_maps = texthash:/etc/postfix/table", "d@.example smtp:[h@.example]\n"),
    # Sendmail
    macros("macro comments", "dnl a comment @\n"),
    macros("text", "# text @\n"),
    macros("defines", "define(`x@', `y')dnl\n"),
    macros("one define", "define(`confMAX_MESSAGE_SIZE', `@')dnl\n"),
    macros("block lists of macros", "FEATURE(`dnsbl', `b@.example')dnl\n"),
    macros("one block list", "FEATURE(`dnsbl', `b.example')dnl\n"),
    macros("unknown features", "FEATURE(`x@')dnl\n"),
    macros("mail filters", 
           lambda i: f"INPUT_MAIL_FILTER(`f{i}', `S=inet:10@h{i}.example')dnl\n"),
    macros("daemons", "DAEMON_OPTIONS(`Port=smtp, Name=d@')dnl\n"),
    macros("relay domains of macros", "RELAY_DOMAIN(`d@.example')dnl\n"),
    macros("masqueraded domains", "MASQUERADE_DOMAIN(`d@.example')dnl\n"),
    macros("exposed users", "EXPOSED_USER(`u@')dnl\n"),
    macros("classes of macros", "LOCAL_DOMAIN(`d@.example')dnl\n"),
    macros("own configuration", lambda i: "LOCAL_CONFIG\n" if i == 0 else f"Kx{i} hash /etc/mail/x{i}\n"),
    macros("own rules", lambda i: "LOCAL_RULESETS\nSLocal_check_mail\n" if i == 0
           else f"R$* x{i}\t$#error $@ 5.7.1 $: \"550 no\"\n"),
    macros("expanded macros", lambda i: "define(`m', `x')dnl\n" if i == 0 else "m "),
    macro_table("access", "FEATURE(`access_db')", "access", "Connect:h@.example\tREJECT\n"),
    macro_table("access by sender", "FEATURE(`access_db')", "access", "From:a@.example\tREJECT\n"),
    macro_table("access without tag", "FEATURE(`access_db')", "access",
                lambda i: f"10.{i // 65536 % 256}.{i // 256 % 256}.{i % 256}\tRELAY\n"),
    macro_table("access of one key", "FEATURE(`access_db')", "access", "Connect:h.example\tOK\n"),
    macro_table("access of odd lines", "FEATURE(`access_db')", "access", "Spam:h@.example\tXYZ\n"),
    macro_table("mailertable", "FEATURE(`mailertable')", "mailertable",
                "d@.example\tsmtp:[h@.example]\n"),
    macro_table("virtusertable", "FEATURE(`virtusertable')", "virtusertable",
                lambda i: f"a{i}@h.example\tb{i}@h.example\n"),
    macro_table("virtual domains", "FEATURE(`virtusertable')", "virtusertable",
                lambda i: f"@h{i}.example\t%1@h.example\n"),
    macro_table("genericstable", "FEATURE(`genericstable')", "genericstable",
                lambda i: f"u{i}\tn{i}@h.example\n"),
    macro_table("domaintable", "FEATURE(`domaintable')", "domaintable", "o@.example\tn@.example\n"),
    macro_table("local-host-names", "FEATURE(`use_cw_file')", "local-host-names", "d@.example\n"),
    macro_table("aliases", "define(`ALIAS_FILE', `aliases')", "aliases", "a@: b@\n"),
    macro_table("relay-domains", "FEATURE(`access_db')", "relay-domains", "d@.example\n"),
    sendmail_cf("classes of sendmail.cf", "Cwd@.example\n"),
    sendmail_cf("maps of sendmail.cf", "Kx@ hash /etc/mail/x@\n"),
    sendmail_cf("options of sendmail.cf", "O MaxMessageSize=@\n"),
    sendmail_cf("rules of sendmail.cf", lambda i: "Sx\n" if i == 0 else f"R$* x{i}\t$@ y\n"),
    sendmail_cf("rule sets of sendmail.cf", "Sx@\n"),
    sendmail_cf("mailers of sendmail.cf", "Mm@, P=/bin/x, F=lsDF, A=x\n"),
    sendmail_cf("headers of sendmail.cf", "HX-@: y\n"),
    # postmend's own files
    yaml("settings", ".postmend.yaml", SETTINGS, "x@: y\n", "platform: debian13\n"),
    yaml("list of settings", ".postmend.yaml", SETTINGS, " - 10.0.0.@\n",
         "platform: debian13\ninterfaces:\n"),
    yaml("platform", "platform.yaml", PLATFORM, "    - t@\n",
         "own:\n  name: Own\n  postfix: \"3.8\"\n  tables:\n"),
    yaml("nested settings", ".postmend.yaml", SETTINGS, "[", "platform: "),
    yaml("plan", "plan.yaml", PLAN, "  - x@: y\n", "plan:\n"),
]
