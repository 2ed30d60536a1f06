"""Configurations of restriction lists, and the sessions that each is asked."""

MAIN_CF = """
compatibility_level = 2
queue_directory = {queue}
data_directory = {data}
maillog_file = {log}
maillog_file_prefixes = /tmp
myhostname = mail.example.org
mydomain = example.org
myorigin = example.org
inet_interfaces = 127.0.0.1
inet_protocols = all
mynetworks = 127.0.0.0/8 192.0.2.0/26 [2001:db8:1::]/48
mydestination = example.org, localhost
local_recipient_maps = texthash:$config_directory/users
alias_maps =
virtual_alias_domains = alias.example
virtual_alias_maps = texthash:$config_directory/virtual
virtual_mailbox_domains = boxes.example
virtual_mailbox_maps = texthash:$config_directory/boxes
relay_domains = relay.example
recipient_delimiter = +
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
smtpd_junk_command_limit = 1000
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_discard_ehlo_keywords =
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
smtpd_sender_login_maps = texthash:$config_directory/logins
message_size_limit = 1000000
address_verify_sender_ttl = 0
fast_flush_domains =
"""

TABLES = {
    "users": "alice x\nbob x\ncarol x\n",
    "virtual": "info@alias.example alice\nsales@alias.example bob@example.org\n",
    "boxes": "dora@boxes.example dora/\n",
    "logins": "alice@example.org alice\nbob@example.org bob,robert\n@owned.example owner\n",
    "client": "198.51.100.7 REJECT\n198.51.100 OK\n203.0.113.9 554 5.7.9 not you\n"
              "203.0.113 DEFER later\nfriend.example OK\n.friend.example DUNNO\n"
              "bad.example REJECT bad name\n2001:db8:2 REJECT six\nhold.example HOLD\n",
    "helo": "bad.helo REJECT 5.5.9 your helo\nhelo.example OK\nlocalhost 450 4.1.1 busy\n"
            "example.net DEFER_IF_PERMIT greylisted\nexample.com DEFER_IF_REJECT\n",
    "sender": "evil@example.net REJECT\nexample.net OK\nuser@ 550 5.1.2 no user\n"
              "<> REJECT no bounces\nnews@example.com DISCARD\n.sub.example REJECT sub\n"
              "sub2.example reject_unauth_destination\nplus@example.com REJECT bare\n"
              "plus+tag@example.com OK\nclass@example.com special\nodd@example.com 250 fine\n"
              "num@example.com 20040101\nnotext@example.com 550\nwarn@example.com WARN look\n",
    "recipient": "abuse@example.org OK\nbob@example.org REJECT 5.1.1 gone\n"
                 "other.example OK\nrelay.example DEFER_IF_PERMIT 4.2.0 maybe\n"
                 "alice@ 552 5.2.2 full\nx.example RELAY\nprep@example.org PREPEND X-A: b\n"
                 "filt@example.org FILTER smtp:[127.0.0.1]\nhold@example.org HOLD\n"
                 "redir@example.org REDIRECT alice@example.org\n"
                 "discard@other2.example DISCARD\ntab@example.org check_sender_access hash:/x\n"
                 "unk@example.org nonsense\npermit@other3.example permit\n"
                 "multi@other3.example warn_if_reject reject, reject_unauth_destination\n"
                 "bcc@example.org BCC bob@example.org\ninfo@example.org INFO hello\n",
    "cidr": "198.51.100.0/28 REJECT in the cidr\n192.0.2.64/26 OK\n2001:db8:3::/48 DEFER cidr6\n",
    "pcre": "/^evil@/ REJECT pcre evil\n/example\\.net$/ DEFER_IF_PERMIT\n/^bob/ 550 no bob $0\n",
    "etrn": "relay.example OK\nother.example REJECT no etrn\n",
    "broken": "",
}

_clients = {
    "stranger": "client 198.51.100.200 mail.example.net mail.example.net",
    "seven": "client 198.51.100.7 host.friend.example host.friend.example",
    "nine": "client 203.0.113.9 unknown rev.bad.example",
    "nameless": "client 203.0.113.77 unknown unknown",
    "temporary": "client 203.0.114.1 tempfail tempfail",
    "mine": "client 192.0.2.5 pc.example.org pc.example.org",
    "bad": "client 198.18.0.1 x.bad.example bad.example",
    "friend": "client 198.18.0.2 friend.example friend.example",
    "six": "client 2001:db8:2::25 six.example six.example",
    "six_mine": "client 2001:db8:1::25 unknown six.example",
    "cidr": "client 198.51.100.3 unknown unknown",
    "cidr6": "client 2001:db8:3::1 unknown unknown",
}


def _session(client, helo, sender, *recipients, more=(), login=None):
    steps = [_clients[client]]
    if login:
        steps.append("login " + login)
    if helo:
        steps.append("helo " + helo)
    if sender is not None:
        steps.append("mail " + sender)
        steps += ["rcpt <%s>" % recipient for recipient in recipients]
    return steps + list(more)


_end = ("data", "end", "rset")

SESSIONS = [
    _session("stranger", "mail.example.net", "<evil@example.net>", "alice@example.org",
             "bob@example.org", "nobody@example.org", "x@elsewhere.example", more=_end),
    _session("stranger", "mail.example.net", "<ann@example.net>", "x@elsewhere.example",
             "alice+tag@example.org", "abuse@example.org", more=_end),
    _session("stranger", None, "<ann@example.com>", "info@alias.example", "no@alias.example",
             "dora@boxes.example", "no@boxes.example", "any@relay.example", more=_end),
    _session("seven", "helo.example", "<>", "alice@example.org", more=_end),
    _session("seven", "bad.helo", "<>", "alice@example.org", "carol@example.org", more=_end),
    _session("seven", "sub.bad.helo", "<news@example.com>", "other@other.example", more=_end),
    _session("nine", "localhost", "<user@where.example>", "alice@example.org", more=_end),
    _session("nine", "[203.0.113.9]", "<a@sub.example>", "x@x.example", more=_end),
    _session("nine", "[203.0.113.999]", "<a@deep.sub.example>", "x@x.example", more=_end),
    _session("nameless", "nodots", "<plus+tag@example.com>", "discard@other2.example", more=_end),
    _session("nameless", "under_score.example", "<plus+other@example.com>", "alice@example.org"),
    _session("nameless", "-bad-.example", "<nodomain>", "alice", "postmaster", "carol@sub"),
    _session("temporary", "example.net", "<a@example.org>", "alice@example.org", more=_end),
    _session("temporary", "example.com", "<nobody@example.org>", "x@elsewhere.example",
             "nobody@example.org"),
    _session("mine", "pc", "<alice@example.org>", "x@elsewhere.example", "nobody@example.org",
             more=_end),
    _session("mine", "pc.example.org", "<owner@owned.example>", "x@x.example", "a@b.example",
             more=_end),
    _session("bad", "1.2.3.4", "<class@example.com>", "alice@example.org", "x@e.example", more=_end),
    _session("friend", "friend.example.", "<odd@example.com>", "carol@example.org", "y@y.example",
             more=_end),
    _session("six", "[IPv6:2001:db8:2::25]", "<num@example.com>", "alice@example.org", more=_end),
    _session("six_mine", "[IPv6:2001:db8::zz]", "<notext@example.com>", "z@z.example", more=_end),
    _session("cidr", "12345", "<warn@example.com>", "prep@example.org", "filt@example.org",
             "redir@example.org", "hold@example.org", "bcc@example.org", "info@example.org"),
    _session("cidr6", "a.b.c", "<a@sub2.example>", "tab@example.org", "unk@example.org",
             "permit@other3.example", "multi@other3.example"),
    _session("stranger", "pw.example", "<alice@example.org>", "x@elsewhere.example", login="alice",
             more=_end),
    _session("stranger", "pw.example", "<bob@example.org>", "x@elsewhere.example", login="alice"),
    _session("stranger", "pw.example", "<bob@example.org>", "x@elsewhere.example", login="robert"),
    _session("stranger", "pw.example", "<any@owned.example>", "alice@example.org", login="mallory"),
    _session("stranger", "pw.example", "<free@where.example>", "alice@example.org", login="alice"),
    _session("stranger", "routes.example", "<a@where.example>", "x%elsewhere.example@example.org",
             "@relay.example:x@elsewhere.example", "elsewhere.example!x@example.org",
             "\"x@elsewhere.example\"@example.org", "x@elsewhere.example@relay.example",
             "x@[127.0.0.1]", "x@[192.0.2.77]", "alice@[mail.example.org]"),
    _session("stranger", "verbs.example", None, more=("etrn relay.example", "etrn other.example",
                                                     "etrn x.relay.example", "vrfy alice@example.org",
                                                     "vrfy x@elsewhere.example", "vrfy nobody")),
    _session("nine", "size.example", "<a@b.example> 1000001", "alice@example.org",
             more=("mail <a@b.example> 1000000", "rcpt <alice@example.org>", "rset",
                   "mail <>", "rcpt <alice@example.org>", "rcpt <carol@example.org>", "data", "end",
                   "rset")),
    _session("friend", "x.example.com", "<a@EXAMPLE.NET>", "ALICE@Example.ORG", "Bob@EXAMPLE.org",
             "alice+ext@relay.example", more=("rset", "helo again.example", "mail <b@b.example>",
                                              "rcpt <carol+x@example.org>")),
]

_classes = {
    "smtpd_restriction_classes": "special, outer, inner",
    "special": "reject_unauth_destination, check_recipient_access texthash:$config_directory/recipient",
}
_t = "texthash:$config_directory/"

CONFIGURATIONS = [
    ("defaults", {}),
    ("not delayed", {"smtpd_delay_reject": "no",
                     "client": "check_client_access %sclient" % _t,
                     "helo": "check_helo_access %shelo, reject_non_fqdn_helo_hostname" % _t,
                     "sender": "check_sender_access %ssender" % _t}),
    ("client table", {"client": "check_client_access %sclient" % _t}),
    ("client table, bare", {"client": "%sclient permit" % _t}),
    ("client cidr", {"client": "permit_mynetworks, check_client_access cidr:$config_directory/cidr"}),
    ("helo table", {"helo": "check_helo_access %shelo" % _t}),
    ("helo names", {"helo": "reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname"}),
    ("helo names, old", {"helo": "permit_mynetworks reject_invalid_hostname reject_non_fqdn_hostname"}),
    ("sender table", {"sender": "check_sender_access %ssender" % _t}),
    ("sender pcre", {"sender": "check_sender_access pcre:$config_directory/pcre"}),
    ("recipient table first", {"recipient": "check_recipient_access %srecipient, permit_mynetworks, "
                               "reject_unauth_destination" % _t}),
    ("recipient table relays", {"relay": "", "recipient": "check_recipient_access %srecipient, "
                                "permit_mynetworks, reject_unauth_destination" % _t}),
    ("recipient pcre", {"recipient": "reject_unauth_destination check_recipient_access "
                        "pcre:$config_directory/pcre"}),
    ("relay and recipient", {"relay": "permit_mynetworks defer_unauth_destination",
                             "recipient": "permit_sasl_authenticated, reject_non_fqdn_recipient, "
                             "reject_unlisted_recipient"}),
    ("relay first", {"smtpd_relay_before_recipient_restrictions": "yes",
                     "relay": "permit_mynetworks, reject_unauth_destination",
                     "recipient": "check_recipient_access %srecipient, defer" % _t}),
    ("recipient first", {"smtpd_relay_before_recipient_restrictions": "no",
                         "relay": "permit_mynetworks, reject_unauth_destination",
                         "recipient": "check_recipient_access %srecipient, reject" % _t}),
    ("fqdn", {"sender": "reject_non_fqdn_sender", "recipient": "reject_non_fqdn_recipient, "
              "reject_unauth_destination"}),
    ("unlisted sender", {"smtpd_reject_unlisted_sender": "yes"}),
    ("unlisted sender, listed early", {"sender": "warn_if_reject reject_unlisted_sender",
                                       "smtpd_reject_unlisted_sender": "yes"}),
    ("no unlisted recipients", {"smtpd_reject_unlisted_recipient": "no"}),
    ("no unlisted, override", {"receive_override_options": "no_unknown_recipient_checks"}),
    ("no table names", {"show_user_unknown_table_name": "no",
                        "unknown_local_recipient_reject_code": "450"}),
    ("warn_if_reject", {"client": "warn_if_reject check_client_access %sclient" % _t,
                        "sender": "warn_if_reject check_sender_access %ssender, "
                        "warn_if_reject reject_non_fqdn_sender" % _t,
                        "recipient": "warn_if_reject reject_unauth_destination, "
                        "reject_unlisted_recipient"}),
    ("warn_if_reject at the end", {"client": "warn_if_reject", "helo": "warn_if_reject "
                                   "warn_if_reject reject", "recipient": "warn_if_reject, defer"}),
    ("warn_if_reject and a lookup failure", {
        "client": "warn_if_reject check_client_access texthash:$config_directory/nonexistent"}),
    ("defer_if_permit", {"helo": "defer_if_permit"}),
    ("defer_if_permit, late", {"sender": "check_sender_access pcre:$config_directory/pcre",
                               "recipient": "reject_unauth_destination, permit"}),
    ("defer_if_reject", {"sender": "check_sender_access %ssender" % _t,
                         "recipient": "defer_if_reject, reject_unlisted_recipient, "
                         "reject_unauth_destination"}),
    ("both defer_if", {"recipient": "defer_if_reject, defer_if_permit, reject"}),
    ("defer_if by tables", {"helo": "check_helo_access %shelo" % _t,
                            "recipient": "check_recipient_access %srecipient, reject_non_fqdn_sender, "
                            "permit" % _t}),
    ("defer_if_permit, then warn", {"recipient": "warn_if_reject defer_if_permit, permit"}),
    ("classes", dict(_classes, sender="check_sender_access %ssender" % _t,
                     outer="inner, reject_non_fqdn_sender", inner="permit_mynetworks, special")),
    ("classes in classes", dict(_classes, recipient="outer, permit",
                                outer="warn_if_reject inner, reject_non_fqdn_sender",
                                inner="reject_non_fqdn_recipient, special")),
    ("unknown restriction", {"sender": "permit_mynetworks, no_such_restriction"}),
    ("unknown, behind a permit", {"sender": "permit, no_such_restriction"}),
    ("table without a type", {"client": "check_client_access /etc/postfix/x"}),
    ("argument missing", {"sender": "permit_mynetworks, check_sender_access"}),
    ("policy without a server", {"data": "check_policy_service"}),
    ("sleep without a number", {"data": "sleep soon"}),
    ("domain missing", {"recipient": "reject_unauth_destination, reject_rhsbl_sender"}),
    ("no such table file", {"recipient": "reject_unauth_destination, check_recipient_access "
                            "texthash:$config_directory/nonexistent"}),
    ("no such table type", {"sender": "check_sender_access nosuch:/x"}),
    ("braces where none belong", {"sender": "check_sender_access {%ssender}" % _t}),
    ("bare table at DATA", {"data": "%ssender" % _t}),
    ("DATA", {"data": "reject_multi_recipient_bounce, check_sender_access %ssender" % _t}),
    ("END", {"end": "check_sender_access %ssender, reject_multi_recipient_bounce" % _t}),
    ("DATA by recipient", {"data": "check_recipient_access %srecipient" % _t}),
    ("DATA deferred", {"data": "defer_if_permit, permit", "end": "reject"}),
    ("ETRN", {"etrn": "check_etrn_access %setrn, reject" % _t}),
    ("ETRN, bare", {"etrn": "permit_mynetworks %setrn" % _t}),
    ("logins", {"sender": "reject_sender_login_mismatch"}),
    ("logins, authenticated", {"sender": "reject_authenticated_sender_login_mismatch"}),
    ("logins, known", {"sender": "reject_known_sender_login_mismatch"}),
    ("logins, unauthenticated", {"sender": "reject_unauthenticated_sender_login_mismatch"}),
    ("check_sasl_access", {"client": "check_sasl_access inline:{{alice = REJECT not alice}, "
                           "{robert = OK}, {mallory = 450 4.5.6 wait}}"}),
    ("plaintext", {"recipient": "permit_mynetworks, reject_plaintext_session"}),
    ("plaintext, other code", {"helo": "reject_plaintext_session", "plaintext_reject_code": "530"}),
    ("unknown clients", {"client": "reject_unknown_client_hostname"}),
    ("unknown reverse clients", {"client": "reject_unknown_reverse_client_hostname, "
                                 "reject_unknown_client", "unknown_client_reject_code": "554"}),
    ("reverse table", {"client": "check_reverse_client_hostname_access %sclient" % _t}),
    # not permit_inet_interfaces: XCLIENT leaves it the real client's address
    ("nobody but us", {"client": "permit_mynetworks, permit_sasl_authenticated, reject"}),
    ("permit_auth_destination", {"client": "permit_auth_destination, reject"}),
    ("checks across stages", {"client": "check_recipient_access %srecipient" % _t,
                              "helo": "check_sender_access %ssender" % _t,
                              "sender": "check_helo_access %shelo, check_client_access %sclient"
                              % (_t, _t)}),
    ("soft_bounce", {"soft_bounce": "yes", "client": "check_client_access %sclient" % _t,
                     "sender": "check_sender_access %ssender" % _t}),
    ("other codes", {"reject_code": "521", "defer_code": "421", "access_map_reject_code": "599",
                     "access_map_defer_code": "499", "relay_domains_reject_code": "550",
                     "sender": "check_sender_access %ssender" % _t,
                     "client": "check_client_access %sclient" % _t}),
    ("untrusted routing", {"allow_untrusted_routing": "yes",
                           "recipient": "check_recipient_access %srecipient, reject_unauth_destination"
                           % _t}),
    ("null key", {"smtpd_null_access_lookup_key": "nobody@sender",
                  "sender": "check_sender_access inline:{nobody@sender=REJECT null key, <>=OK}"}),
    ("static", {"sender": "check_sender_access static:{REJECT all of you}"}),
    ("static OK", {"relay": "check_recipient_access static:OK, reject_unauth_destination"}),
    ("two tables", {"sender": "check_sender_access %ssender, check_sender_access "
                    "pcre:$config_directory/pcre" % _t}),
    ("commas and lines", {"sender": "check_sender_access,%ssender,,reject_non_fqdn_sender ,"
                          "permit_mynetworks" % _t}),
    ("capitals", {"sender": "PERMIT_MYNETWORKS, Check_Sender_Access %ssender, REJECT_non_fqdn_SENDER"
                  % _t}),
    ("proxy filter", {"smtpd_proxy_filter": "127.0.0.1:PROXY", "sender": "check_sender_access %ssender"
                      % _t}),
    ("relay by old name", {"recipient": "check_relay_domains"}),
    ("naked addresses", {"helo": "permit_naked_ip_address, reject_non_fqdn_helo_hostname"}),
    ("recipient maps", {"recipient": "reject_unauth_destination, check_recipient_maps"}),
    ("nothing but relay", {"relay": "reject_unauth_destination", "recipient": "permit"}),
    ("reject all", {"recipient": "permit_mynetworks, permit_sasl_authenticated, reject"}),
    ("defer all", {"relay": "permit_mynetworks, defer", "recipient": ""}),
    ("parents match", {"parent_domain_matches_subdomains": "",
                       "sender": "check_sender_access %ssender" % _t,
                       "client": "check_client_access %sclient" % _t}),
    ("mynetworks with a table that fails", {"mynetworks": "127.0.0.0/8 "
                                            "texthash:$config_directory/nonexistent",
                                            "client": "permit_mynetworks, reject"}),
    ("mynetworks fails behind warn_if_reject", {
        "mynetworks": "texthash:$config_directory/nonexistent",
        "client": "warn_if_reject permit_mynetworks, reject_unknown_client_hostname"}),
    ("a table fails for logins", {"smtpd_sender_login_maps": "texthash:$config_directory/nonexistent",
                                  "sender": "reject_sender_login_mismatch"}),
    ("a table fails for rewriting", {
        "local_header_rewrite_clients": "texthash:$config_directory/nonexistent, permit_mynetworks"}),
    ("rewriting", {"local_header_rewrite_clients": "static:all"}),
    ("deferred by tables, soft", {
        "client": "check_client_access inline:{{198.51.100.200=DEFER_IF_REJECT 4.3.3 later}, "
                  "{203.0.113=DEFER_IF_PERMIT}, {203.0.114=DUNNO x}, {198.51.100=defer_if_reject}}",
        "recipient": "reject_unauth_destination, check_recipient_access %srecipient" % _t}),
    ("reject in HELO, not delayed", {"smtpd_delay_reject": "no", "helo": "permit_mynetworks, reject",
                                     "client": "defer_if_permit", "data": "defer_if_reject, reject"}),
    ("a class in a table by class", dict(_classes, outer="permit", inner="reject",
        recipient="check_recipient_access inline:{{alice@example.org=outer}, {bob@example.org=inner}, "
                  "{x@elsewhere.example=warn_if_reject inner outer}, {info@alias.example=special permit}}, "
                  "reject_unauth_destination")),
    ("unusual texts", {"sender": "check_sender_access inline:{{evil@example.net = 554 5.1.8 domain}, "
                       "{ann@example.net = 550 5.1.1 mapped}, {a@where.example = REJECT 4.1.2 soft}, "
                       "{user@where.example = 450 5.7.1 wrong class}, {a@b.example = 554 2.0.0 two}, "
                       "{ann@example.com = REJECT   5.9.999   blanks  }, {<> = 600 what}, "
                       "{class@example.com = defer_if_permit 4.1.1 x}, {odd@example.com = reject_x}}"}),
]
