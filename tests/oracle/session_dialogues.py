"""What test-session.sh asks: services with their settings, and dialogues with them.

A dialogue is a list of steps.  A step is a line (sent with CR LF), bytes (sent as they are), a
tuple (bytes, N) that N replies follow, or TLS: the handshake.  The greeting comes first.
"""
import base64

TLS = object()


def b64(text):
    return base64.b64encode(text.encode()).decode()


# name: settings
SERVICES = {
    "plain": {},
    "auth": {"smtpd_sasl_auth_enable": "yes"},
    "authtls": {"smtpd_sasl_auth_enable": "yes", "smtpd_tls_security_level": "may",
                "smtpd_tls_auth_only": "yes"},
    "authmixed": {"smtpd_sasl_auth_enable": "yes", "smtpd_tls_security_level": "may",
                  "broken_sasl_auth_clients": "yes"},
    "encrypt": {"smtpd_sasl_auth_enable": "yes", "smtpd_tls_security_level": "encrypt"},
    "wrapped": {"smtpd_sasl_auth_enable": "yes", "smtpd_tls_wrappermode": "yes"},
    "oldtls": {"smtpd_tls_security_level": "", "smtpd_use_tls": "yes"},
    "oldenforce": {"smtpd_tls_security_level": "", "smtpd_enforce_tls": "yes"},
    "nocert": {"smtpd_tls_security_level": "may", "smtpd_tls_cert_file": "",
               "smtpd_tls_key_file": ""},
    "filter": {"smtpd_sasl_auth_enable": "yes", "smtpd_sasl_mechanism_filter": "!login, static:all"},
    "exception": {"smtpd_sasl_auth_enable": "yes",
                  "smtpd_sasl_exceptions_networks": "127.0.0.0/8"},
    "helo": {"smtpd_helo_required": "yes", "smtpd_sasl_auth_enable": "yes",
             "disable_vrfy_command": "yes"},
    "strict": {"strict_rfc821_envelopes": "yes", "strict_smtputf8": "yes",
               "smtputf8_enable": "yes"},
    "noutf8": {"smtputf8_enable": "no"},
    "discard": {"smtpd_discard_ehlo_keywords":
                "pipelining, dsn, Chunking, silent-discard, etrn,auth,smtputf8 nonsense",
                "smtpd_sasl_auth_enable": "yes"},
    "discardmap": {"smtpd_discard_ehlo_keyword_address_maps":
                   "inline:{127.0.0.1=starttls}", "smtpd_tls_security_level": "may",
                   "smtpd_discard_ehlo_keywords": "vrfy"},
    "small": {"message_size_limit": "2000", "smtpd_recipient_limit": "3",
              "smtpd_recipient_overshoot_limit": "2"},
    "nolimit": {"message_size_limit": "0", "virtual_mailbox_limit": "0", "mailbox_size_limit": "0"},
    "errors": {"smtpd_hard_error_limit": "4", "smtpd_soft_error_limit": "100",
               "smtpd_junk_command_limit": "2"},
    "noop": {"smtpd_noop_commands": "expn, TURN send", "smtpd_forbidden_commands": "evil, POST"},
    "cmdfilter": {"smtpd_command_filter": "regexp:$filter"},
    "footer": {"smtpd_reject_footer": "\\c. Call us\\nfrom $client_address at $server_name"},
    "soft": {"soft_bounce": "yes"},
    "bare": {"smtpd_forbid_bare_newline": "reject", "smtpd_forbid_bare_newline_exclusions": ""},
    "normal": {"smtpd_forbid_bare_newline": "normalize",
               "smtpd_forbid_bare_newline_exclusions": ""},
    "nobare": {"smtpd_forbid_bare_newline": "no"},
    "yesbare": {"smtpd_forbid_bare_newline": "YES"},
    "barecode": {"smtpd_forbid_bare_newline": "Reject",
                 "smtpd_forbid_bare_newline_reject_code": "521"},
    "bareexcluded": {"smtpd_forbid_bare_newline": "normalize",
                     "smtpd_forbid_bare_newline_exclusions": "$mynetworks"},
    "bareothers": {"smtpd_forbid_bare_newline": "normalize",
                   "smtpd_forbid_bare_newline_exclusions": "!127.0.0.1, 127.0.0.0/8"},
    "datapipe": {"smtpd_forbid_bare_newline": "no", "smtpd_forbid_unauth_pipelining": "no",
                 "smtpd_data_restrictions": "reject_unauth_pipelining"},
    "nochunks": {"smtpd_forbid_bare_newline": "no", "smtpd_forbid_unauth_pipelining": "no",
                 "smtpd_data_restrictions": "reject_unauth_pipelining",
                 "smtpd_discard_ehlo_keywords": "chunking, silent-discard"},
    "cutoff": {"smtpd_forbid_bare_newline": "no", "smtpd_forbid_unauth_pipelining": "yes"},
    "pipe": {"smtpd_forbid_unauth_pipelining": "yes"},
    "nopipe": {"smtpd_forbid_unauth_pipelining": "no"},
    "verp": {"smtpd_authorized_verp_clients": "127.0.0.1"},
    "xclient": {"smtpd_authorized_xclient_hosts": "127.0.0.0/8",
                "smtpd_authorized_xforward_hosts": "127.0.0.0/8",
                "smtpd_sasl_auth_enable": "yes"},
    "xclient6": {"smtpd_authorized_xclient_hosts": "127.0.0.0/8", "inet_protocols": "all"},
    "reject": {"smtpd_relay_restrictions": "reject"},
    "rejectclient": {"smtpd_delay_reject": "no", "smtpd_client_restrictions": "reject",
                     "smtpd_client_port_logging": "no"},
    "hangup": {"smtpd_delay_reject": "no",
               "smtpd_client_restrictions": "check_client_access static:{421 4.7.0 go away}"},
    "hangup521": {"smtpd_delay_reject": "no",
                  "smtpd_helo_restrictions": "check_helo_access static:{521 5.7.0 go away}"},
    "rejecthelo": {"smtpd_delay_reject": "no", "smtpd_helo_restrictions": "reject"},
    "rejectmail": {"smtpd_delay_reject": "no", "smtpd_sender_restrictions": "reject"},
    "rejectdata": {"smtpd_data_restrictions": "reject"},
    "rejectend": {"smtpd_end_of_data_restrictions": "reject"},
    "certificate": {"smtpd_tls_security_level": "encrypt", "smtpd_tls_req_ccert": "yes"},
    "wrapcertificate": {"smtpd_tls_wrappermode": "yes", "smtpd_tls_req_ccert": "yes"},
    "banner": {"smtpd_banner": "$myhostname NO UCE", "disable_vrfy_command": "yes",
               "fast_flush_domains": "flush.example, other.example"},
}

GOOD = [b64("\0bob\0secret"), b64("\0bob\0wrong"), b64("x\0bob\0secret")]
ENVELOPE = ["EHLO c.example", "MAIL FROM:<a@s.example>", "RCPT TO:<b@example.com>"]
MESSAGE = (b"Subject: x\r\n\r\nhello\r\n..dot\r\n.\r\n", 1)

# kind: [(service, steps)]
DIALOGUES = {}


def add(kind, services, *dialogues):
    for service in services.split():
        for steps in dialogues:
            DIALOGUES.setdefault(kind, []).append((service, list(steps)))


add("greeting and capabilities", " ".join(s for s in SERVICES if not s.startswith("wrap")),
    ["EHLO c.example", "HELO c.example", "EHLO [127.0.0.1]", "EHLO", "QUIT"])
add("greeting and capabilities", "plain xclient", ["HELO", "HELO a b  c", "helo <x", "ehlo \"x y",
    "EHLO a(b)", "NOOP", "NOOP x y", "RSET", "RSET x", "HELP", "QUIT x"])
add("unknown commands", "plain noop errors helo encrypt pipe",
    ["FOO", "EXPN x", "SEND FROM:<x>", "TURN", "", "  ", "\tNOOP", " EHLO x", "HELP x", "QUIT"],
    ["GET / HTTP/1.0"], ["Subject: x"], ["POST /x"], ["evil"], ["CONNECT x"], ["MAIL: x"],
    ["foo:bar"], ["\x01\x02"], ["BDATX 1"], ["lower case"], ["#x"], ["1x"])
add("unknown commands", "cmdfilter", ["EHLO c", "PING x", "  ping", "MAIL FROM: a@b.example",
    "QUIT"])
add("limits on errors", "errors", ["FOO", "FOO", "FOO", "FOO"], ["MAIL", "RCPT", "DATA", "VRFY"],
    ["NOOP", "NOOP", "NOOP", "NOOP", "NOOP", "NOOP", "NOOP", "NOOP"],
    ["RSET", "RSET", "RSET", "RSET", "FOO", "FOO", "FOO"],
    ["FOO", "FOO", "FOO"] + ENVELOPE + ["DATA", MESSAGE, "FOO", "FOO", "FOO", "FOO"],
    ["EHLO a", "EHLO a", "EHLO a", "EHLO a", "EHLO a", "EHLO a", "EHLO a", "EHLO a"],
    ["FOO", "FOO", "FOO", "QUIT"])
add("limits on errors", "small", ENVELOPE + ["RCPT TO:<b2@example.com>", "RCPT TO:<b3@example.com>",
    "RCPT TO:<b4@example.com>", "RCPT TO:<b5@example.com>", "RCPT TO:<b6@example.com>",
    "RCPT TO:<b7@example.com>", "DATA", MESSAGE, "QUIT"])
for parameter in ["SIZE=100", "SIZE=2001", "SIZE=0", "SIZE=", "SIZE=x", "SIZE=-1",
                  "SIZE=99999999999999999999", "BODY=8BITMIME", "BODY=7bit", "BODY=BINARYMIME",
                  "SMTPUTF8", "AUTH=<>", "AUTH=a@b", "AUTH=a AUTH=b", "RET=FULL", "RET=hdrs",
                  "RET=x", "RET=FULL RET=FULL", "ENVID=abc", "ENVID=a+20b", "ENVID=+zz", "ENVID=",
                  "ENVID=a ENVID=b", "ENVID=+01", "XVERP", "XVERP=+=", "XVERP=ab", "XVERP=+",
                  "FOO", "FOO=BAR", "SIZE=10 BODY=8BITMIME RET=HDRS", "REQUIRETLS", "size=5",
                  "SIZE=3000 FOO"]:
    add("MAIL parameters", "plain small discard verp noutf8",
        ["EHLO c.example", "MAIL FROM:<a@s.example> " + parameter, "MAIL FROM:<b@s.example>",
         "QUIT"])
add("MAIL parameters", "verp", ["EHLO x", "MAIL FROM:<> XVERP", "MAIL FROM:<> XVERP=+="])
for path in ["<a@s.example>", "a@s.example", "<>", "<a>", "<@x.example:a@s.example>", "<a@>",
             "<@s.example>", "\"a b\"@s.example", "<\"a b\"@s.example>", "<a b@s.example>",
             "<a@s.example", "a@s.example>", "<<a@s.example>>", "<a@s.example> x",
             "Fred <a@s.example>", "<a@s.example>,<b@s.example>", "<a@[127.0.0.1]>",
             "<a@[ipv6:::1]>", "<a@-s.example>", "<a@s..example>", "<.a@s.example>",
             "<a..b@s.example>", "<a@127.0.0.1>", "(c) <a@s.example>", "", "<", "\"", "<a\\>b@x>",
             "<\xfc@s.example>", "<a@\xfc.example>", "< a@s.example >", "<a@s.example>SIZE=1",
             "<a%b@s.example>", "<a!b@s.example>", "<a@b@s.example>", "<" + "a" * 70 + "@s.example>",
             "<a@" + "b" * 64 + ".example>", "<a;b@s.example>", "<a:b@s.example>"]:
    add("paths", "plain strict noutf8",
        ["EHLO c.example", "MAIL FROM:" + path, "RSET", "MAIL FROM: " + path, "QUIT"],
        ["EHLO c.example", "MAIL FROM:<>", "RCPT TO:" + path, "QUIT"],
        ["EHLO c.example", "VRFY " + path, "QUIT"])
    add("paths", "strict", ["EHLO c.example", "MAIL FROM:" + path + " SMTPUTF8", "RCPT TO:" + path])
for parameter in ["NOTIFY=NEVER", "NOTIFY=SUCCESS,FAILURE,DELAY", "NOTIFY=NEVER,DELAY", "NOTIFY=",
                  "NOTIFY=X", "NOTIFY=delay NOTIFY=delay", "ORCPT=rfc822;a@b", "ORCPT=rfc822",
                  "ORCPT=;a", "ORCPT=rfc822;a+20b", "ORCPT=rfc822;a+2", "ORCPT=utf-8;a\\x{20}b",
                  "ORCPT=utf-8;a\\x{2", "ORCPT=rfc822;", "ORCPT=a;b ORCPT=a;b", "FOO", "SIZE=1"]:
    add("RCPT parameters", "plain discard", ENVELOPE[:2] +
        ["RCPT TO:<b@example.com> " + parameter, "RCPT TO:<c@example.com>", "QUIT"])
add("order of commands", "plain helo auth",
    ["MAIL FROM:<a@s.example>", "RCPT TO:<b@example.com>", "DATA", MESSAGE, "QUIT"],
    ["RCPT TO:<b@example.com>", "DATA", (b"BDAT 3\r\nabc", 1), "QUIT"], ["DATA", "DATA x", "QUIT"],
    ENVELOPE[:2] + ["MAIL FROM:<b@s.example>", "DATA", "DATA x", "QUIT"],
    ENVELOPE + ["DATA x", "DATA", MESSAGE, "DATA", "RCPT TO:<x@example.com>", "QUIT"],
    ENVELOPE + ["RSET", "RCPT TO:<b@example.com>", "DATA", "MAIL FROM:<c@s.example>", "QUIT"],
    ENVELOPE + ["EHLO again", "RCPT TO:<b@example.com>", "HELO", "DATA", "QUIT"],
    ENVELOPE + ["VRFY x@example.com", "ETRN example.com", "NOOP", "AUTH PLAIN", "STARTTLS",
                "DATA", MESSAGE, "QUIT"],
    ["MAIL", "MAIL FROM", "MAIL FROM:", "MAIL TO:<x>", "MAIL FROM <x>", "RCPT", "QUIT"],
    ENVELOPE[:2] + ["RCPT", "RCPT TO", "RCPT TO:", "RCPT FROM:<x>", "RCPT TO <x>", "QUIT"],
    ["HELO c.example", "MAIL FROM:<a@s.example>", "RCPT TO:<b@example.com>", "DATA", MESSAGE,
     "QUIT"])
add("VRFY and ETRN", "plain banner noutf8 helo",
    ["VRFY", "VRFY SMTPUTF8", "VRFY a", "VRFY <a@example.com>", "VRFY a b@example.com",
     "VRFY a@example.com SMTPUTF8", "QUIT"],
    ["ETRN", "ETRN a b", "ETRN -x", "ETRN @flush.example", "ETRN flush.example", "ETRN #x", "ETRN other.example", "ETRN a.flush.example",
     "ETRN [127.0.0.1]", "ETRN [1.2.3]", "ETRN x_y.example", "ETRN 12", "ETRN a..b", "QUIT"])
add("AUTH", "auth authmixed filter exception helo discard plain",
    ["EHLO c", "AUTH PLAIN " + GOOD[0], "AUTH PLAIN " + GOOD[0], "QUIT"],
    ["EHLO c", "AUTH PLAIN " + GOOD[1], "AUTH PLAIN " + GOOD[0], "QUIT"],
    ["EHLO c", "AUTH PLAIN " + b64("root\0bob\0secret"), "AUTH PLAIN " + b64("bob\0bob\0secret"), "QUIT"],
    ["EHLO c", "AUTH plain", GOOD[0], "MAIL FROM:<a@s.example>", "AUTH PLAIN", "QUIT"],
    ["AUTH PLAIN " + GOOD[2], "QUIT"],
    ["EHLO c", "AUTH LOGIN", b64("bob"), b64("secret"), "QUIT"],
    ["EHLO c", "AUTH LOGIN", b64("bob"), b64("wrong"), "QUIT"],
    ["EHLO c", "AUTH LOGIN " + b64("bob"), b64("secret"), "QUIT"],
    ["EHLO c", "AUTH", "AUTH A B C", "AUTH FOO", "AUTH CRAM-MD5", "AUTH PLAIN x y z", "QUIT"],
    ["EHLO c", "AUTH PLAIN !!!", "AUTH PLAIN =", "AUTH PLAIN YQ", "QUIT"],
    ["EHLO c", "AUTH PLAIN", "*", "NOOP", "QUIT"], ["EHLO c", "AUTH LOGIN", "!!", "NOOP", "QUIT"],
    ["EHLO c", "AUTH LOGIN", b64("bob"), "*", "NOOP", "QUIT"],
    ["EHLO c", "AUTH LOGIN", "", "*", "QUIT"],
    ["EHLO c", "MAIL FROM:<a@s.example>", "AUTH PLAIN " + GOOD[0], "QUIT"])
add("AUTH", "auth", ["EHLO c", "AUTH PLAIN", "A" * 13000, "NOOP", "QUIT"],
    ["EHLO c", "AUTH PLAIN " + GOOD[0], "EHLO d", "AUTH PLAIN " + GOOD[0], "RSET", "QUIT"])
add("STARTTLS", "authtls authmixed encrypt oldtls oldenforce discardmap nocert plain",
    ["EHLO c", "AUTH PLAIN " + GOOD[0], "MAIL FROM:<a@s.example>", "VRFY a", "ETRN a", "RSET",
     "NOOP", "HELP", "RCPT", "BDAT", "XCLIENT a=b", "XFORWARD a=b", "DATA", "QUIT"],
    ["EHLO c", "STARTTLS x", "FOO", "QUIT"], ["HELO c", "MAIL FROM:<>", "QUIT"])
add("STARTTLS", "authtls authmixed encrypt oldtls oldenforce",
    ["EHLO c", "STARTTLS", TLS, "MAIL FROM:<a@s.example>", "EHLO c", "STARTTLS",
     "AUTH PLAIN " + GOOD[0], "MAIL FROM:<a@s.example>", "RCPT TO:<b@example.com>", "DATA",
     MESSAGE, "QUIT"],
    ["EHLO c", "MAIL FROM:<a@s.example>", "STARTTLS", TLS, "RCPT TO:<b@example.com>", "QUIT"],
    ["EHLO c", "AUTH PLAIN " + GOOD[0], "STARTTLS", TLS, "EHLO c", "AUTH PLAIN " + GOOD[0],
     "QUIT"], ["STARTTLS", TLS, "AUTH LOGIN", b64("bob"), b64("secret"), "NOOP", "QUIT"],
    ["EHLO c", (b"STARTTLS\r\nNOOP\r\nNOOP\r\n", 1), TLS, "EHLO d", "QUIT"])
add("STARTTLS", "nocert", ["EHLO c", "STARTTLS", "NOOP", "QUIT"])
add("STARTTLS", "wrapped", [TLS, "EHLO c", "STARTTLS", "AUTH PLAIN " + GOOD[0],
    "MAIL FROM:<a@s.example>", "RCPT TO:<b@example.com>", "DATA", MESSAGE, "QUIT"])
for chunk in ["BDAT", "BDAT x", "BDAT 1 2", "BDAT 1 LAST x", "BDAT -1", "BDAT 0",
              "BDAT 99999999999999999999"]:
    add("BDAT", "plain discard", ENVELOPE + [chunk, "QUIT"])
add("BDAT", "plain discard small nolimit normal",
    ENVELOPE + [(b"BDAT 5\r\nabc\r\n", 1), (b"BDAT 6 LAST\r\nabcd\r\n", 1), "NOOP", "QUIT"],
    ENVELOPE + [(b"BDAT 0 LAST\r\n", 1), "QUIT"], ENVELOPE + [(b"BDAT 3 last\r\nabc", 1), "QUIT"],
    ENVELOPE + [(b"BDAT 3\r\nabc", 1), "MAIL FROM:<x@s.example>", "RCPT TO:<x@example.com>",
                "DATA", (b"BDAT 0\r\n", 1), (b"BDAT 3\r\nabc", 1), (b"BDAT 3 LAST\r\nabc", 1),
                "QUIT"],
    ENVELOPE[:2] + [(b"BDAT 3\r\nabc", 1), (b"BDAT 3\r\nabc", 1), (b"BDAT 3 LAST\r\nabc", 1),
                    "NOOP", "QUIT"],
    [(b"BDAT 3\r\nabc", 1), "MAIL FROM:<a@s.example>", "RSET", "MAIL FROM:<a@s.example>", "QUIT"],
    ENVELOPE + [(b"BDAT 1500\r\n" + b"x" * 1498 + b"\r\n", 1),
                (b"BDAT 1500 LAST\r\n" + b"x" * 1498 + b"\r\n", 1), "NOOP", "QUIT"],
    ENVELOPE + [(b"BDAT 3\r\nabc", 1), "RSET", "QUIT"],
    ENVELOPE + [(b"BDAT 3\r\nabc", 1), "EHLO x", "MAIL FROM:<a@s.example>", "QUIT"])
add("message", "plain small nolimit soft footer",
    ENVELOPE + ["DATA", MESSAGE, "MAIL FROM:<a@s.example>", "RCPT TO:<b@example.com>", "DATA",
                (b".\r\n", 1), "QUIT"],
    ENVELOPE + ["DATA", (b"y: z\r\n\r\n" + b"x" * 900 + b"\r\n" + b"x" * 900 + b"\r\n.\r\n", 1),
                "QUIT"],
    ENVELOPE + ["DATA", (b"y: z\r\n\r\n" + (b"x" * 70 + b"\r\n") * 40 + b".\r\n", 1), "NOOP",
                "MAIL FROM:<a@s.example>", "QUIT"],
    ENVELOPE + ["DATA", (b"a: b\r\n\r\n" + b"x" * 5000 + b"\r\n.\r\n", 1), "QUIT"])
add("rejects by restrictions", "reject rejectclient hangup hangup521 rejecthelo rejectmail rejectdata "
    "rejectend",
    ENVELOPE + ["RCPT TO:<c@example.com>", "DATA", "MAIL FROM:<x@s.example>", "RSET", "NOOP",
                "FOO", "VRFY x@example.com", "ETRN x.example", "QUIT"],
    ["HELO x", "MAIL FROM:<a@s.example>", "MAIL FROM:<b@s.example>", "RCPT TO:<b@example.com>",
     (b"BDAT 3\r\nabc", 1), (b"BDAT 3 LAST\r\nabc", 1), "MAIL FROM:<b@s.example>", "QUIT"],
    ["FOO", "GET / HTTP/1.0"], ["QUIT"])
add("rejects by restrictions", "rejectend", ENVELOPE + ["DATA", MESSAGE, "MAIL FROM:<c@s.example>",
    "RCPT TO:<b@example.com>", "DATA", MESSAGE, "RSET", "MAIL FROM:<d@s.example>", "QUIT"],
    ENVELOPE + [(b"BDAT 3 LAST\r\nabc", 1), "MAIL FROM:<c@s.example>", "QUIT"])
add("STARTTLS", "certificate", ["EHLO c", "STARTTLS", TLS, "EHLO c", "NOOP"])
add("STARTTLS", "wrapcertificate", [TLS, (b"", 1), (b"EHLO c\r\n", 1)])
add("rejects with a footer and soft", "soft footer",
    ["FOO", "MAIL", "AUTH x", "EHLO", "BDAT x"], ["RCPT TO:<x>", "DATA", "ETRN -", "VRFY",
     "STARTTLS", "QUIT"], ENVELOPE + ["MAIL FROM:<x>", "DATA x", "BDAT", "QUIT"])
add("long lines", "plain auth",
    ["NOOP " + "x" * 2040, "NOOP " + "x" * 2050, "EHLO " + "h" * 3000, "QUIT"],
    ["F" * 2047, "F" * 2048, "F" * 2049, "VRFY " + "a" * 2100 + "@example.com", "QUIT"],
    ["MAIL FROM:<" + "a" * 2100 + "@s.example>", "QUIT"],
    ["EHLO c", "MAIL FROM:<a@s.example> " + "SIZE=1 " * 300, "QUIT"])
add("odd bytes", "plain noutf8 strict",
    [(b"NOOP \xff\xfe\r\n", 1), (b"NOOP \xc3\xbc\r\n", 1), (b"EHLO \xc3\xbc\r\n", 1),
     (b"NOOP a\0b\r\n", 1), (b"NO\0OP\r\n", 1), (b"\0\r\n", 1), "QUIT"],
    [(b"NOOP \xc0\x80\r\n", 1), (b"NOOP \xed\xa0\x80\r\n", 1), (b"NOOP \xf4\x90\x80\x80\r\n", 1),
     (b"NOOP \xf0\x9f\x98\x80\r\n", 1), (b"\xe2\x82\r\n", 1), "QUIT"],
    [(b"NOOP\r\r\n", 1), (b"NOOP\rx\r\n", 1), (b"RSET\r\r\r\n", 1), (b"\rNOOP\r\n", 1), "QUIT"],
    [(b"EHLO a\tb\r\n", 1), (b"MAIL\tFROM:<a@s.example>\r\n", 1), (b"RCPT  TO:\t<b@example.com>\r\n",
     1), "QUIT"])
add("bare line feeds", "plain bare normal nobare",
    [(b"NOOP\n", 1), (b"EHLO c\n", 1), "NOOP", "QUIT"], [(b"NOOP\r\r\n", 1), "QUIT"],
    ENVELOPE + ["DATA", (b"a: b\n\nx\r\n.\r\n", 1), "NOOP", "QUIT"],
    ENVELOPE + ["DATA", (b"a: b\r\n\r\nx\r\n.\nNOOP\r\n.\r\n", 1), (b"", 0), "QUIT"],
    ENVELOPE + ["DATA", (b"a: b\r\n\r\nx\n.\r\nNOOP\r\n.\r\n", 1), (b"", 0), "QUIT"],
    ENVELOPE + ["DATA", (b"a: b\r\n\r\nx\n.\nNOOP\r\n.\r\n", 1), (b"", 0), "QUIT"],
    ENVELOPE + [(b"BDAT 8 LAST\r\na: b\n\nx\n", 1), "NOOP", "QUIT"])
# a second message within the first: what ends the first one, and whether the commands behind it are
# taken for pipelining
SMUGGLED = (b"EHLO evil\r\nMAIL FROM:<evil@s.example>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n"
            b"a: b\r\n\r\nsecond\r\n.\r\n")
PATIENT = SMUGGLED.replace(b"EHLO evil\r\n", b"")
for start, line_end in [(b"\n", b"\n"), (b"\n", b"\r\n"), (b"\r\n", b"\n"), (b"\r", b"\r\n"),
                        (b"\r\n", b"\r\r\n"), (b"\r\r\n", b"\r\n"), (b"\r", b"\r"),
                        (b"\r\n", b"\0\r\n"), (b"\n", b"\r\r\n")]:
    for smuggled in (SMUGGLED, PATIENT):
        add("smuggling", "plain bare normal nobare yesbare barecode bareexcluded bareothers datapipe nochunks "
            "cutoff", ENVELOPE + ["DATA", (b"a: b\r\n\r\nfirst" + start + b"." + line_end + smuggled +
                                         b"QUIT\r\n", 1), (b"", 1), (b"", 1), (b"", 1), (b"", 1),
                                 (b"", 1), (b"", 1)],
            ["HELO c"] + ENVELOPE[1:] + ["DATA", (b"a: b\r\n\r\nfirst" + start + b"." + line_end +
                                                 smuggled + b"QUIT\r\n", 1), (b"", 1), (b"", 1),
                                         (b"", 1), (b"", 1), (b"", 1), (b"", 1)])
CHUNKED = b"MAIL FROM:<evil@s.example>\r\nRCPT TO:<b@example.com>\r\nBDAT 6 LAST\r\na: b\r\nQUIT\r\n"
add("smuggling", "plain bare normal nobare yesbare bareexcluded datapipe nochunks cutoff",
    ENVELOPE + ["DATA", (b"a: b\r\n\r\nfirst\n.\n" + CHUNKED, 1), (b"", 1), (b"", 1), (b"", 1), (b"", 1)],
    ENVELOPE + [(b"BDAT 30 LAST\r\na: b\r\n\r\nfirst\n.\r\nsecond\r\n.\r\n", 1), "QUIT"],
    ENVELOPE + ["DATA", (b"a: b\r\n\r\nfirst\n.\n", 1), "MAIL FROM:<evil@s.example>",
                "RCPT TO:<b@example.com>", "DATA", (b"a: b\r\n\r\nx\r\n.\r\n", 1), "QUIT"])
add("pipelining", "plain pipe nopipe",
    ["EHLO c", (b"MAIL FROM:<a@s.example>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n", 3), MESSAGE,
     (b"RSET\r\nNOOP\r\n", 2), "QUIT"],
    [(b"EHLO c\r\nNOOP\r\n", 1)], [(b"NOOP\r\nNOOP\r\n", 1)],
    ["HELO c", (b"MAIL FROM:<a@s.example>\r\nRCPT TO:<b@example.com>\r\n", 1)],
    ["EHLO c", (b"VRFY a\r\nNOOP\r\n", 1)], ["EHLO c", (b"NOOP\r\nNOOP\r\nQUIT\r\n", 1)],
    ["EHLO c", (b"MAIL FROM:<a@s.example>\r\nRCPT TO:<b@example.com>\r\nBDAT 3 LAST\r\nabc"
                b"QUIT\r\n", 4)],
    ["EHLO c", (b"ETRN a..b\r\nRSET\r\nQUIT\r\n", 3)],
    ENVELOPE + [(b"DATA\r\nx\r\n.\r\n", 1)], ENVELOPE + ["DATA", (b"x\r\n.\r\nRSET\r\n", 2), "QUIT"])
add("XCLIENT and XFORWARD", "xclient plain xclient6",
    ["EHLO c", "XCLIENT NAME=client.example ADDR=192.0.2.7", "EHLO c", "XCLIENT NAME=x", "QUIT"],
    ["XCLIENT", "XCLIENT FOO=BAR", "XCLIENT NAME", "XCLIENT NAME=", "XCLIENT ADDR=x", "QUIT"],
    ["XCLIENT NAME=-x", "XCLIENT NAME=[UNAVAILABLE]", "XCLIENT NAME=[tempunavail]", "QUIT"],
    ["XCLIENT PORT=99999", "XCLIENT PORT=123456", "XCLIENT PORT=x", "XCLIENT PROTO=HTTP", "QUIT"],
    ["XCLIENT PROTO=esmtp HELO=x", "EHLO c", "QUIT"],
    ["XCLIENT LOGIN=bob", "EHLO c", "AUTH PLAIN " + GOOD[0], "QUIT"],
    ["XCLIENT DESTADDR=192.0.2.1 DESTPORT=25", "XCLIENT DESTADDR=x", "XCLIENT DESTPORT=x", "QUIT"],
    ["XCLIENT ADDR=ipv6:2001:db8::1", "NOOP", "QUIT"], ["XCLIENT ADDR=::ffff:192.0.2.1"],
    ["XCLIENT ADDR=ipv6:::ffff:192.0.2.1"], ["XCLIENT DESTADDR=ipv6:fe80::1"], ["XCLIENT ADDR=192.0.2"], ["XCLIENT ADDR=ipv6:1.2.3.4"], ["XCLIENT ADDR=2001:db8::1", "QUIT"],
    ["XCLIENT REVERSE_NAME=r.example", "XCLIENT REVERSE_NAME=a+20b", "XCLIENT HELO=" + "x" * 256,
     "QUIT"], ENVELOPE[:2] + ["XCLIENT NAME=x.example", "XFORWARD NAME=x", "QUIT"],
    ["XFORWARD", "XFORWARD NAME=x.example ADDR=192.0.2.1 PORT=25 PROTO=ESMTP HELO=y IDENT=z "
     "SOURCE=LOCAL", "XFORWARD NAME=[UNAVAILABLE]", "XFORWARD NAME=-", "XFORWARD ADDR=x",
     "XFORWARD PORT=x", "XFORWARD SOURCE=x", "XFORWARD FOO=x", "XFORWARD PROTO=" + "p" * 65,
     "QUIT"])
