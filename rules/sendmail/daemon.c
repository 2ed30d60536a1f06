/* sendmail-daemon: the ports in DAEMON_OPTIONS */
#include <string.h>

#include "convert/sendmail/value.h"
#include "convert/server/daemon.h"
#include "rules/sendmail/lint.h"

/* the sockets of all DAEMON_OPTIONS */
struct daemon_ports {
    const struct sendmail_item *last;
    const struct sendmail_item *submission; /* the first one on port 587 */
    bool smtp;
    bool local; /* all of them are on loopback */
};

/* inspect_modifiers - "M=Ea" */
static void inspect_modifiers(struct check *check, const struct sendmail_item *item,
                              struct str modifiers)
{
    for (size_t i = 0; i < modifiers.len; i++)
        if (!daemon_knows(modifiers.at[i]))
            check_reportf(check, item->span, "remove it, or replace it by the intended letter",
                          "\"%.*s\" is not a valid modifier, and Sendmail ignores it",
                          STR_ARG(lint_shown(check->arena, str_slice(modifiers, i, i + 1))));
}

/* inspect_pair - "Port=smtp" */
static void inspect_pair(struct check *check, const struct sendmail_item *item, struct str pair)
{
    size_t equals = str_find(pair, '=', 0);
    struct str value = str_trim(str_slice(pair, equals + 1, pair.len));

    if (pair.len == 0)
        return;
    if (equals == pair.len)
        check_reportf(check, item->span, "write Name=value, separated by commas",
                      "\"%.*s\" has no effect: it contains no \"=\"",
                      STR_ARG(lint_shown(check->arena, pair)));
    else if (strchr("AFILMNPSRDTQafilmnpsrdtq", pair.at[0]) == NULL)
        check_reportf(check, item->span, "check the spelling",
                      "Sendmail does not start: \"%.*s\" is not a valid key",
                      STR_ARG(lint_shown(check->arena, pair)))
            ->severity = SEVERITY_ERROR;
    else if (str_find(value, '=', 0) < value.len && str_find(value, ' ', 0) < value.len)
        check_reportf(check, item->span, "add a comma between the two",
                      "a comma is missing in \"%.*s\"", STR_ARG(lint_shown(check->arena, pair)));
    else if ((pair.at[0] == 'P' || pair.at[0] == 'p') && !str_is_digits(value) &&
             facts_port(value) <= 0)
        check_reportf(check, item->span, "check the spelling, or use the port number",
                      "Sendmail does not start: \"%.*s\" is not a known port name",
                      STR_ARG(lint_shown(check->arena, value)))
            ->severity = SEVERITY_ERROR;
    else if (pair.at[0] == 'M' || pair.at[0] == 'm')
        inspect_modifiers(check, item, value);
}

static void inspect_options(struct check *check, const struct sendmail_item *item,
                            struct daemon_ports *ports)
{
    struct str text = sendmail_unquoted(sendmail_argument(item, 0));
    int port = daemon_port(text);

    for (size_t at = 0; at < text.len;) {
        size_t end = str_find(text, ',', at);
        inspect_pair(check, item, str_trim(str_slice(text, at, end)));
        at = end + 1;
    }
    ports->last = item;
    ports->smtp = ports->smtp || port == SMTP_PORT;
    ports->local = ports->local && daemon_is_loopback(daemon_address(text));
    if (port == SUBMISSION_PORT && ports->submission == NULL)
        ports->submission = item;
}

static void check_daemon(struct check *check)
{
    const struct sendmail *sendmail = check->sendmail;
    const struct sendmail_item *item = NULL;
    struct daemon_ports ports = {.local = true};

    while ((item = sendmail_next(sendmail, ITEM_MACRO, "DAEMON_OPTIONS", item)) != NULL)
        inspect_options(check, item, &ports);
    if (ports.last == NULL || !lint_is_whole(sendmail) || sendmail_feature(sendmail, "msp") != NULL)
        return;
    if (!ports.smtp)
        check_reportf(check, ports.last->span, "add DAEMON_OPTIONS(`Port=smtp, Name=MTA')",
                      "other hosts cannot deliver mail to this host: no DAEMON_OPTIONS has port "
                      "25, and any of them removes the default daemon on port 25");
    if (sendmail_feature(sendmail, "no_default_msa") != NULL)
        return;
    if (ports.submission != NULL)
        check_reportf(check, ports.submission->span, "add FEATURE(`no_default_msa')",
                      "Sendmail exits: this daemon and Sendmail's default one on port 587 use the "
                      "same port, unless FEATURE(`no_default_msa') removes the latter")
            ->severity = SEVERITY_ERROR;
    else if (ports.local)
        check_reportf(
            check, ports.last->span,
            "add FEATURE(`no_default_msa') if this host must not accept mail from other hosts",
            "this daemon listens only on loopback, but Sendmail's default one on port 587 listens "
            "on all addresses")
            ->severity = SEVERITY_ADVICE;
}

static const struct example examples[] = {
    {.title = "two daemons on port 587",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "DAEMON_OPTIONS(`Port=smtp, Name=MTA')dnl\n"
                            "DAEMON_OPTIONS(`Port=submission, Name=MSA, M=Ea')dnl\n",
     .findings = {{3, NULL}}},
    {.title = "port 25 is missing",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "DAEMON_OPTIONS(`Port=smtps, Name=TLSMTA, M=s')dnl\n",
     .findings = {{2, NULL}}},
    {.title = "invalid keys and ports, and a missing comma",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "DAEMON_OPTIONS(`Port=smtpss, Name=MTA')dnl\n"
                            "DAEMON_OPTIONS(`Port=smtp, Zone=x')dnl\n"
                            "DAEMON_OPTIONS(`Port=smtp Name=MTA')dnl\n",
     .findings = {{2, NULL}, {3, NULL}, {4, NULL}}},
    {.title = "a modifier that does not exist",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "DAEMON_OPTIONS(`Port=smtp, Name=MTA, M=aQ')dnl\n",
     .findings = {{2, NULL}}},
    {.title = "loopback only",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "DAEMON_OPTIONS(`Port=smtp, Addr=127.0.0.1, Name=MTA')dnl\n",
     .findings = {{2, NULL}}},
    {.title = "no conflicts",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`no_default_msa')dnl\n"
                            "DAEMON_OPTIONS(`Port=smtp, Name=MTA')dnl\n"
                            "DAEMON_OPTIONS(`Port=submission, Name=MSA, M=Ea')dnl\n"
                            "DAEMON_OPTIONS(`Name=TLSMTA, M=s, Port=465')dnl\n"},
};

const struct rule rule_sendmail_daemon = {
    .name = "sendmail-daemon",
    .summary = "sendmail.mc: DAEMON_OPTIONS open unexpected ports",
    .why = "Without DAEMON_OPTIONS Sendmail listens on port 25; the first DAEMON_OPTIONS removes "
           "this default.  The daemon on port 587 exists in any case, unless "
           "FEATURE(`no_default_msa') is on: if DAEMON_OPTIONS uses that port as well, Sendmail "
           "exits with \"Address already in use\".",
    .source = "m4/proto.m4 and sendmail/daemon.c of Sendmail 8.17; cf/README, no_default_msa",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_daemon,
    RULE_EXAMPLES(examples),
};
