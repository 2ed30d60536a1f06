#include "rules/names/value_report.h"
#include "rules/names/written.h"

static void check_setting(struct check *check, const struct written *written, void *context)
{
    const struct config *config = check->config;
    const struct parameter *parameter = written_parameter(config, written);
    struct value_fault fault;
    int flags = 0;

    (void)context;
    if (parameter == NULL || written_is_never_read(written, parameter))
        return;
    struct str value = parameter->type == PARAMETER_RAW
                           ? written->value
                           : config_expand(config, written->service, written->value, &flags, NULL);
    if (value.at == NULL || flags != 0 ||
        value_valid(check->arena, config, parameter, value, &fault))
        return;
    value_report(check, line_span(written->line, written->value), written->name, &fault);
}

static void check_bad_value(struct check *check)
{
    written_each(check, check_setting, NULL);
}

static const struct example examples[] = {
    {.title = "a size is a plain number",
     .platform = "rhel10",
     .main_cf = "message_size_limit = 50M\n",
     .findings = {{1, "50M"}}},
    {.title = "numbers that are out of range, empty, or followed by a comment",
     .platform = "rhel10",
     .main_cf = "default_process_limit = 99999999999\n"
                "smtpd_error_sleep_time = -1s\n"
                "bounce_size_limit = -5\n"
                "hopcount_limit =\n"
                "mailbox_size_limit = 0 # no limit\n",
     .findings = {{1, "99999999999"}, {2, "-1s"}, {3, "-5"}, {4, ""}, {5, "0 # no limit"}}},
    {.title = "yes and no, in upper or lower case",
     .platform = "rhel10",
     .main_cf = "biff = No\n"
                "soft_bounce = YES\n"
                "smtpd_helo_required = true\n"
                "disable_vrfy_command = $soft_bounce\n"
                "strict_rfc821_envelopes = $message_size_limit\n",
     .findings = {{3, "true"}, {5, "$message_size_limit"}}},
    {.title = "a time has one unit directly after the number, or none",
     .platform = "rhel10",
     .main_cf = "queue_run_delay = 300\n"
                "maximal_queue_lifetime = 5d\n"
                "delay_warning_time = 4hours\n"
                "minimal_backoff_time = 5 min\n"
                "maximal_backoff_time = 1y\n",
     .findings = {{4, "5 min"}, {5, "1y"}}},
    {.title = "a value that must not be empty",
     .platform = "rhel10",
     .main_cf = "default_privs =\n"
                "relayhost =\n"
                "mail_owner = postfix\n",
     .findings = {{1, ""}}},
    {.title = "in a service's -o, and in a parameter named after a service",
     .platform = "rhel10",
     .main_cf = "slow_destination_rate_delay = 2x\n"
                "slow_destination_concurrency_limit = 2\n",
     .master_cf = "slow unix - - n - 1 smtp\n"
                  "smtps inet n - n - - smtpd\n"
                  "  -o smtpd_tls_wrappermode=1\n"
                  "  -o { smtpd_recipient_limit = 20 }\n",
     .findings = {{1, "2x"}, {3, "1"}}},
    {.title = "security levels: a server supports three of them",
     .platform = "rhel10",
     .main_cf = "smtpd_tls_security_level = verify\n"
                "smtp_tls_security_level = opportunistic\n"
                "inet_protocols = ipv4, ipv5\n",
     .findings = {{1, "verify"}, {2, "opportunistic"}, {3, "ipv4, ipv5"}}},
    {.title = "valid security levels",
     .platform = "rhel10",
     .main_cf = "smtpd_tls_security_level = may\n"
                "smtp_tls_security_level = dane-only\n"
                "lmtp_tls_security_level =\n"
                "inet_protocols = ipv4,ipv6\n"
                "compatibility_level = 3.8\n"},
    {.title = "words of a fixed set, most of which have to be in lower case",
     .platform = "debian12",
     .main_cf = "inet_protocols = IPv4\n"
                "notify_classes = bounce, resourse\n"
                "masquerade_classes = envelope_sender header_sender\n"
                "smtp_address_preference = IPv6\n"
                "smtpd_tls_protocols = !SSLv2, !SSLv4\n",
     .findings = {{1, "IPv4"}, {2, "bounce, resourse"}, {5, "!SSLv2, !SSLv4"}}},
    {.title = "host names: quotes and a dot at the end are not part of a name",
     .platform = "debian12",
     .main_cf = "myhostname = \"mail.example.com\"\n"
                "mydomain = example.com.\n",
     .findings = {{1, "\"mail.example.com\""}, {2, "example.com."}}},
    {.title = "headers, and texts that a program expands: warnings in the log when it needs them",
     .platform = "debian12",
     .main_cf = "undisclosed_recipients_header = undisclosed\n"
                "forward_path = ${home/.forward\n"
                "luser_relay = $(local@example.com\n"
                "smtpd_reject_footer = 5 $ each\n",
     .findings =
         {{1, "undisclosed"}, {2, "${home/.forward"}, {3, "$(local@example.com"}, {4, "5 $ each"}}},
    {.title = "valid headers and texts",
     .platform = "debian12",
     .main_cf = "undisclosed_recipients_header = To : undisclosed-recipients:;\n"
                "forward_path = $home/.forward${extension?{${recipient_delimiter}}}, $(home)/.f\n"
                "luser_relay = $user@example.com\n"
                "smtpd_reject_footer = 5 $$ each from ${client_address}:$client_port\n"},
    {.title = "destinations of smtp(8) are hosts with ports: no URLs, no transports",
     .platform = "debian12",
     .main_cf = "relayhost = smtps://mx.example.com:465\n"
                "smtp_fallback_relay = [mx.example.com:25]\n"
                "lmtp_fallback_relay = [mx.example.com\n"
                "address_verify_relayhost = smtp:[mx.example.com]\n",
     .findings = {{1, "smtps://mx.example.com:465"},
                  {2, "[mx.example.com:25]"},
                  {3, "[mx.example.com"},
                  {4, "smtp:[mx.example.com]"}}},
    {.title = "valid destinations: a domain, a host, an address, a list; ports by number and name",
     .platform = "debian12",
     .main_cf = "relayhost = [mx.example.com]:submission, example.com, [2001:db8::25]:587\n"
                "smtp_fallback_relay = 192.0.2.25:2525 [ipv6:2001:db8::1]\n"},
    {.title = "the next hop of a transport is as its program reads it",
     .platform = "debian12",
     .main_cf = "virtual_transport = lmtp:/var/run/dovecot/lmtp\n"
                "mailbox_transport = lmtp:unix:private/dovecot-lmtp\n"
                "local_transport = error:no mail here\n"
                "default_transport = smtp:[mx.example.com]:0\n",
     .master_cf = "smtp unix - - y - - smtp\n"
                  "lmtp unix - - y - - lmtp\n"
                  "error unix - - y - - error\n",
     .findings = {{1, "lmtp:/var/run/dovecot/lmtp"}, {4, "smtp:[mx.example.com]:0"}}},
    {.title = "names that only exist in OpenSSL, and not all do",
     .platform = "debian13",
     .main_cf = "smtpd_tls_exclude_ciphers = aNULL, NONSENSE, kEDH+DSS, ECDHE-RSA-RC4-SHA\n"
                "tls_eecdh_auto_curves = X25519, P-9999\n"
                "tls_ssl_options = NO_COMPRESION\n"
                "smtpd_tls_cert_file = \"/etc/ssl/mail.pem\"\n"
                "smtpd_tls_key_file = mail.key\n",
     .findings = {{1, "aNULL, NONSENSE, kEDH+DSS, ECDHE-RSA-RC4-SHA"},
                  {2, "X25519, P-9999"},
                  {3, "NO_COMPRESION"},
                  {4, "\"/etc/ssl/mail.pem\""},
                  {5, "mail.key"}}},
    {.title = "lists and words of postscreen(8), also by their old names",
     .platform = "debian13",
     .main_cf = "postscreen_dnsbl_sites = dnsbl.example*two\n"
                "postscreen_access_list = permit_mynetwork, cidr:/etc/postfix/clients\n"
                "postscreen_blacklist_action = block\n"
                "postscreen_upstream_proxy_protocol = ha-proxy\n",
     .findings = {{1, "dnsbl.example*two"},
                  {2, "permit_mynetwork, cidr:/etc/postfix/clients"},
                  {3, "block"},
                  {4, "ha-proxy"}}},
    {.title = "valid lists of blocked clients",
     .platform = "debian13",
     .main_cf = "postscreen_dnsbl_sites = a.example=127.0.0.[2;4..11]*2 b.example=[127.0.0.2]*-1\n"
                "  c.example\n"
                "postscreen_access_list = permit_mynetworks, cidr:/etc/postfix/clients, reject\n"},
    {.title = "an environment has names, and settings with a name",
     .platform = "debian13",
     .main_cf = "import_environment = MAIL_CONFIG LANG =C\n"
                "export_environment = TZ { PATH OF = /bin }\n",
     .findings = {{1, "MAIL_CONFIG LANG =C"}, {2, "TZ { PATH OF = /bin }"}}},
    {.title = "valid settings of the environment",
     .platform = "debian13",
     .main_cf = "import_environment = MAIL_CONFIG TZ=\n"
                "export_environment = TZ, { LANG = C }, LC_ALL=C, { A B }\n"},
    {.title = "codes, sizes and sources that are none",
     .platform = "debian13",
     .main_cf = "relay_domains_reject_code = 250\n"
                "unknown_local_recipient_reject_code = 5550\n"
                "message_size_limit = -1\n"
                "tls_random_source = urandom\n"
                "smtpd_tls_protocols = >= TLSv1.2\n",
     .findings = {{1, "250"}, {2, "5550"}, {3, "-1"}, {4, "urandom"}, {5, ">= TLSv1.2"}}},
    {.title = "milters are named by transport and address",
     .platform = "debian12",
     .main_cf = "smtpd_milters = tcp:127.0.0.1:5000\n"
                "non_smtpd_milters = inet:8891@localhost\n",
     .findings = {{1, "tcp:127.0.0.1:5000"}, {2, "inet:8891@localhost"}}},
    {.title = "settings of a milter are in braces",
     .platform = "debian12",
     .main_cf = "smtpd_milters = { inet:127.0.0.1:8891, timeout=5s }\n"
                "non_smtpd_milters = { unix:/run/opendkim.sock, connect_timeout=5s\n",
     .findings = {{1, "{ inet:127.0.0.1:8891, timeout=5s }"},
                  {2, "{ unix:/run/opendkim.sock, connect_timeout=5s"}}},
    {.title = "valid endpoints: a port alone is one of this host",
     .platform = "debian12",
     .main_cf = "smtpd_milters = inet:8891, inet:[::1]:8892, unix:/run/clamav/milter.sock\n"
                "non_smtpd_milters = { local:/run/x, default_action=accept }\n"
                "smtpd_proxy_filter = :10024\n"
                "smtpd_sender_restrictions = check_policy_service { inet:localhost:10023, "
                "timeout=10s, default_action=DUNNO }, check_policy_service unix:private/policy\n"},
    {.title = "a policy server without transport, or with its port before its host",
     .platform = "debian12",
     .main_cf = "smtpd_sender_restrictions = check_policy_service 127.0.0.1:10023\n"
                "smtpd_data_restrictions = check_policy_service inet:10023:localhost\n"
                "smtpd_proxy_filter = smtp://127.0.0.1:10025\n",
     .findings = {{1, "check_policy_service 127.0.0.1:10023"},
                  {2, "check_policy_service inet:10023:localhost"},
                  {3, "smtp://127.0.0.1:10025"}}},
    {.title = "accounts are named, and are not root; virtual(8) wants IDs",
     .platform = "debian12",
     .main_cf = "mail_owner = 101\n"
                "default_privs = root\n"
                "virtual_uid_maps = static:vmail\n"
                "virtual_gid_maps = static:0\n",
     .findings = {{1, "101"}, {2, "root"}, {3, "static:vmail"}, {4, "static:0"}}},
    {.title = "IDs that virtual(8) does not read",
     .platform = "debian12",
     .main_cf = "virtual_transport = lmtp:unix:private/lmtp\n"
                "virtual_uid_maps = static:vmail\n"},
    {.title = "a log file outside of the allowed directories",
     .platform = "debian12",
     .main_cf = "maillog_file = /srv/mail.log\n",
     .findings = {{1, "/srv/mail.log"}}},
    {.title = "quotes and semicolons are part of the items of a list",
     .platform = "debian12",
     .main_cf = "mydestination = \"example.com, localhost\"\n"
                "relay_domains = example.org; example.net\n"
                "virtual_mailbox_domains = @example.com\n"
                "myorigin = \"example.com\"\n"
                "smtpd_discard_ehlo_keywords = startls\n",
     .findings = {{1, "\"example.com, localhost\""},
                  {2, "example.org; example.net"},
                  {3, "@example.com"},
                  {4, "\"example.com\""},
                  {5, "startls"}}},
    {.title = "addresses, paths and delimiters",
     .platform = "debian12",
     .main_cf = "smtp_bind_address = eth0\n"
                "smtp_bind_address6 = [2001:db8::1]\n"
                "home_mailbox = \"Maildir/\"\n"
                "recipient_delimiter = \"+\"\n",
     .findings = {{1, "eth0"}, {3, "\"Maildir/\""}, {4, "\"+\""}}},
    {.title = "TLS without protocols, or with a digest that OpenSSL does not have",
     .platform = "debian12",
     .main_cf = "smtp_tls_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1, !TLSv1.2, !TLSv1.3\n"
                "smtp_tls_mandatory_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1, !TLSv1.2\n"
                "smtpd_tls_fingerprint_digest = sha257\n",
     .findings = {{1, "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1, !TLSv1.2, !TLSv1.3"}, {3, "sha257"}}},
    {.title = "what smtpd does without an answer of the policy server",
     .platform = "debian12",
     .main_cf = "smtpd_policy_service_default_action = DUNO\n"
                "smtpd_sender_restrictions = check_policy_service { inet:10023, "
                "default_action=DEFFER }\n"
                "inet_interfaces = loopback_only\n"
                "parent_domain_matches_subdomains = relay_domain\n",
     .findings = {{1, "DUNO"},
                  {2, "check_policy_service { inet:10023, default_action=DEFFER }"},
                  {3, "loopback_only"},
                  {4, "relay_domain"}}},
    {.title = "actions of policy servers, and restriction classes",
     .platform = "debian12",
     .main_cf = "smtpd_restriction_classes = greylisted\n"
                "greylisted = reject\n"
                "smtpd_policy_service_default_action = greylisted\n"
                "smtpd_sender_restrictions =\n"
                "  check_policy_service { inet:10023, default_action=dunno },\n"
                "  check_policy_service { inet:10024, { default_action = 450 4.7.1 later } },\n"
                "  check_policy_service { inet:10025, default_action=permit_mynetworks }\n"},
    {.title = "valid lists of domains",
     .platform = "debian12",
     .main_cf = "maillog_file = /var/log/postfix.log\n"
                "mydestination = $myhostname, localhost, !a.example.com, /etc/postfix/domains\n"
                "virtual_mailbox_domains = hash:/etc/postfix/domains proxy:mysql:/etc/x.cf\n"
                "smtpd_discard_ehlo_keywords = silent-discard, DSN\n"},
    {.title = "lookup tables have a type, a colon and a name, without a space between them",
     .platform = "debian12",
     .main_cf = "virtual_alias_maps = /etc/postfix/virtual\n"
                "transport_maps = hash: /etc/postfix/transport\n"
                "alias_maps = hash:/etc/aliases, HASH:/etc/mail/aliases\n"
                "canonical_maps = pipemap:{hsh:/etc/postfix/a, static:b}\n"
                "relocated_maps = \"hash:/etc/postfix/relocated\"\n"
                "smtpd_command_filter = pcre:/etc/postfix/commands\n"
                "virtual_uid_maps = static:5000\n"
                "local_recipient_maps = proxy:unix:passwd.byname $alias_maps\n",
     .findings = {{1, "/etc/postfix/virtual"},
                  {2, "hash: /etc/postfix/transport"},
                  {3, "hash:/etc/aliases, HASH:/etc/mail/aliases"},
                  {4, "pipemap:{hsh:/etc/postfix/a, static:b}"},
                  {5, "\"hash:/etc/postfix/relocated\""},
                  {8, "proxy:unix:passwd.byname $alias_maps"}}},
    {.title = "an override that the program does not read",
     .platform = "debian12",
     .main_cf = "",
     .master_cf = "smtp unix - - n - - smtp\n"
                  "  -o smtpd_helo_required=true\n"},
    {.title = "values that depend on the machine or on undefined names are not checked",
     .platform = "rhel10",
     .main_cf = "message_size_limit = $limit_of_the_house\n"
                "smtpd_helo_required = ${nothing}\n"
                "virtual_minimum_uid = ${uid?{$uid}:{1000}}\n"},
};

const struct rule rule_bad_value = {
    .name = "bad-value",
    .summary = "a value that Postfix does not accept",
    .why = "A program that reads a value of the wrong type exits with \"bad numerical "
           "configuration\", \"bad boolean configuration\", \"bad time value or unit\" or \"bad "
           "string length\".  postconf and \"postfix check\" read only a few of the values: the "
           "configuration seems to be valid, and then smtpd exits at every connection.\n\n"
           "Sizes are plain numbers: \"50M\" is a fatal error.  A time is a number directly "
           "followed by one unit: \"5 min\" is a fatal error, and in \"5min\" only the m counts.  "
           "Text after a value, even a comment, is part of the value.",
    .source = "postconf(5); src/global/mail_conf_int.c, mail_conf_bool.c, mail_conf_time.c, "
              "mail_conf_str.c, conv_time.c; src/smtpd/smtpd.c, \"Invalid TLS level\"",
    .severity = SEVERITY_ERROR,
    .check = check_bad_value,
    RULE_EXAMPLES(examples),
};
