"""sendmail_plan - what a fixture's plan asks of both servers

One question a line; # begins a comment.  The server's address is SERVER_ADDRESS below.

    host NAME...                      the server's own names; the first is its hostname
    users NAME...                     who has an account there
    port NUMBER...                    those that may be open (25, 465 and 587 where none is named)
    certificate CERTIFICATE KEY       made where the files are wanted
    password USER PASSWORD [REALM]    for AUTH
    client NAME ADDRESS HOSTNAME      who asks; "unknown": no PTR; "!name": a PTR that is not confirmed
    dns NAME TYPE VALUE               beside those of sendmail_world.py
    zone NAME                         in which only listed names exist (a blocklist)
    revoked FILE                      a list of certificates (CRL) of the first certificate's, empty
    parameters FILE                   for DH
    program PATH...                   notes how it was called and takes the mail (deliver)
    filter PORT ADDRESS               a milter that takes all and notes what it was told (filtered)
    peer VERSION [CIPHER]             the TLS of those whom the server sends to ("TLSv1.2"); without
                                      such a line they offer none

    ask CLIENT FROM TO...             would it take this mail?  OPTION=VALUE before FROM:
                                      port=, helo=, size=, auth=USER, tls=yes, data=yes
                                      (data=nul: with a NUL, data=eight: in eight bits undeclared)
    greet CLIENT                      who speaks before the greeting, and who waits for it; port=
    crowd CLIENT NUMBER               so many connections side by side, and then one by one
    verify CLIENT ADDRESS             VRFY
    expand CLIENT ADDRESS             EXPN
    route ADDRESS...                  where mail for them goes
    offers CLIENT KEYWORD...          which of them EHLO offers; port=, tls=yes
    handshake CLIENT VERSION [CIPHER] STARTTLS with a client that has no other; port=
    greets CLIENT                     the greeting behind "220 ", without version and time; port=
    deliver CLIENT FROM TO...         which programs ran, with which arguments
    filtered CLIENT FROM TO           what the filter was told at each stage
    send CLIENT FROM TO...            delivered: who it is from and to as it leaves; header= another From:,
                                      to=none: without To:, hops=yes: with 25 headers Received
    usual DOMAIN                      the questions of USUAL below, DOMAIN being one of the server's
"""
import shlex

SERVER_ADDRESS = "192.0.2.25"
USUAL = """
ask stranger who@stranger.example USER@DOMAIN ghost@DOMAIN x@elsewhere.example postmaster@DOMAIN
ask stranger who@stranger.example USER@HOST USER x%elsewhere.example@DOMAIN
ask stranger data=yes who@stranger.example USER@DOMAIN
ask stranger <> USER@DOMAIN x@elsewhere.example
ask stranger USER@DOMAIN USER@DOMAIN x@elsewhere.example
ask stranger who@absent.nowhere.example USER@DOMAIN
ask stranger nodomain USER@DOMAIN
ask stranger helo=none who@stranger.example USER@DOMAIN
ask stranger helo=bad_name who@stranger.example USER@DOMAIN
ask stranger size=9000000 who@stranger.example USER@DOMAIN
ask stranger size=60000000 who@stranger.example USER@DOMAIN
ask nameless who@stranger.example USER@DOMAIN x@elsewhere.example
ask self USER@DOMAIN USER@DOMAIN ghost@DOMAIN x@elsewhere.example
ask self USER x@elsewhere.example
verify stranger USER
verify stranger ghost
route USER USER@DOMAIN USER@HOST ghost@DOMAIN USER+tag@DOMAIN x@elsewhere.example x@sub.elsewhere.example
send self USER@DOMAIN x@elsewhere.example y@other.example
send self USER x@elsewhere.example
send self <> x@elsewhere.example
"""
QUESTIONS = ("ask", "greet", "crowd", "verify", "expand", "route", "send", "offers", "handshake",
             "greets", "deliver", "filtered")
OPTIONS = ("port", "helo", "size", "auth", "tls", "data", "header", "to", "hops")


class Question:
    def __init__(self, kind, words, number):
        self.kind, self.number = kind, number
        self.options = {}
        self.words = []
        for word in words:
            name, found, value = word.partition("=")
            if found and name in OPTIONS and not self.words[1:]:
                self.options[name] = value
            else:
                self.words.append(word)

    def text(self):
        return " ".join([self.kind] + ["%s=%s" % item for item in self.options.items()] + self.words)


class Plan:
    def __init__(self, path):
        self.hosts, self.users, self.ports, self.zones = [], [], [], []
        self.certificates, self.records, self.questions = [], [], []
        self.programs, self.revoked, self.parameters, self.filters = [], [], [], []
        self.realms, self.peer = {}, None
        self.passwords, self.clients = {}, {
            "self": ("127.0.0.1", "unknown"),
            "stranger": ("198.51.100.99", "mail.stranger.example"),
            "nameless": ("198.51.100.98", "unknown")}
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                words = shlex.split(line, comments=True, posix=True)
                if words:
                    self.line(words[0], words[1:], number)
        self.ports = self.ports or [25, 465, 587]

    def line(self, verb, words, number):
        if verb == "host":
            self.hosts += words
        elif verb == "users":
            self.users += words
        elif verb == "port":
            self.ports += [int(word) for word in words]
        elif verb == "certificate":
            self.certificates.append(tuple(words))
        elif verb == "password":
            self.passwords[words[0]] = words[1]
            self.realms[words[0]] = words[2] if len(words) > 2 else None
        elif verb == "client":
            self.clients[words[0]] = (words[1], words[2])
        elif verb == "dns":
            self.records.append((words[0], words[1], " ".join(words[2:])))
        elif verb == "zone":
            self.zones += words
        elif verb in ("program", "revoked", "parameters"):
            {"program": self.programs, "revoked": self.revoked,
             "parameters": self.parameters}[verb].extend(words)
        elif verb == "filter":
            self.filters.append((int(words[0]), words[1]))
        elif verb == "peer":
            self.peer = tuple(words)
        elif verb in QUESTIONS:
            self.questions.append(Question(verb, words, number))
        elif verb == "usual":
            for line in USUAL.strip().splitlines():
                line = line.replace("USER", self.users[0]).replace("DOMAIN", words[0])
                self.line(line.split()[0], line.replace("HOST", self.hosts[0]).split()[1:], number)
        else:
            raise SystemExit("line %d: nothing is called \"%s\"" % (number, verb))
