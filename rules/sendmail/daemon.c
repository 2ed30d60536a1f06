/* sendmail-daemon: what DAEMON_OPTIONS says of ports */
#include <string.h>

#include "convert/sendmail/value.h"
#include "convert/server/daemon.h"
#include "rules/sendmail/lint.h"

enum { PORT_SMTP = 25, PORT_SUBMISSION = 587, PORTS_MAX = 64 };

/* what all DAEMON_OPTIONS together listen on */
struct daemon_ports {
    const struct sendmail_item *last;
    const struct sendmail_item *submission; /* the first one on port 587 */
    bool smtp;
    bool local; /* all of them on loopback alone */
};

/* see_modifiers - "M=Ea" */
static void see_modifiers(struct check *check, const struct sendmail_item *item,
                          struct str modifiers)
{
    for (size_t i = 0; i < modifiers.len; i++)
        if (!daemon_knows(modifiers.at[i]))
            check_reportf(check, item->span, "take it out, or look for the letter that was meant",
                          "Sendmail's daemons know no modifier \"%.*s\" and pass over it",
                          STR_ARG(lint_shown(str_slice(modifiers, i, i + 1))));
}

/* see_pair - "Port=smtp" */
static void see_pair(struct check *check, const struct sendmail_item *item, struct str pair)
{
    size_t equals = str_find(pair, '=', 0);
    struct str value = str_trim(str_slice(pair, equals + 1, pair.len));

    if (pair.len == 0)
        return;
    if (equals == pair.len)
        check_reportf(check, item->span, "write Name=value, with commas between them",
                      "\"%.*s\" sets nothing: there is no \"=\" in it", STR_ARG(lint_shown(pair)));
    else if (strchr("AFILMNPSRDTQafilmnpsrdtq", pair.at[0]) == NULL)
        check_reportf(check, item->span, "look at the spelling",
                      "Sendmail knows no \"%.*s\" here and does not start",
                      STR_ARG(lint_shown(pair)))
            ->severity = SEVERITY_ERROR;
    else if (str_find(value, '=', 0) < value.len && str_find(value, ' ', 0) < value.len)
        check_reportf(check, item->span, "put a comma between the two",
                      "a comma is missing in \"%.*s\"", STR_ARG(lint_shown(pair)));
    else if ((pair.at[0] == 'P' || pair.at[0] == 'p') && !str_is_digits(value) &&
             facts_port(value) <= 0)
        check_reportf(check, item->span, "look at the spelling, or write its number",
                      "there is no port of the name \"%.*s\": Sendmail does not start",
                      STR_ARG(lint_shown(value)))
            ->severity = SEVERITY_ERROR;
    else if (pair.at[0] == 'M' || pair.at[0] == 'm')
        see_modifiers(check, item, value);
}

static void see_options(struct check *check, const struct sendmail_item *item,
                        struct daemon_ports *ports)
{
    struct str text = sendmail_unquoted(sendmail_argument(item, 0));
    int port = daemon_port(text);

    for (size_t at = 0; at < text.len;) {
        size_t end = str_find(text, ',', at);
        see_pair(check, item, str_trim(str_slice(text, at, end)));
        at = end + 1;
    }
    ports->last = item;
    ports->smtp = ports->smtp || port == PORT_SMTP;
    ports->local = ports->local && daemon_is_loopback(daemon_address(text));
    if (port == PORT_SUBMISSION && ports->submission == NULL)
        ports->submission = item;
}

static void check_daemon(struct check *check)
{
    const struct sendmail *sendmail = check->sendmail;
    const struct sendmail_item *item = NULL;
    struct daemon_ports ports = {.local = true};

    while ((item = sendmail_next(sendmail, ITEM_MACRO, "DAEMON_OPTIONS", item)) != NULL)
        see_options(check, item, &ports);
    if (ports.last == NULL || !lint_is_whole(sendmail) || sendmail_feature(sendmail, "msp") != NULL)
        return;
    if (!ports.smtp)
        check_reportf(check, ports.last->span, "add DAEMON_OPTIONS(`Port=smtp, Name=MTA')",
                      "no DAEMON_OPTIONS names port 25, and with any of them the one on port 25 is "
                      "gone: no other host can deliver mail here");
    if (sendmail_feature(sendmail, "no_default_msa") != NULL)
        return;
    if (ports.submission != NULL)
        check_reportf(check, ports.submission->span, "add FEATURE(`no_default_msa')",
                      "Sendmail has a service of its own on port 587, which FEATURE("
                      "`no_default_msa') takes away: with two of them it ends at once")
            ->severity = SEVERITY_ERROR;
    else if (ports.local)
        check_reportf(check, ports.last->span,
                      "add FEATURE(`no_default_msa') if this host is to take no mail from others",
                      "this is for loopback alone, but Sendmail's own service on port 587 still "
                      "listens on all addresses")
            ->severity = SEVERITY_ADVICE;
}

static const struct example examples[] = {
    {.title = "two services on port 587",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "DAEMON_OPTIONS(`Port=smtp, Name=MTA')dnl\n"
                            "DAEMON_OPTIONS(`Port=submission, Name=MSA, M=Ea')dnl\n",
     .findings = {{3, NULL}}},
    {.title = "port 25 is gone",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "DAEMON_OPTIONS(`Port=smtps, Name=TLSMTA, M=s')dnl\n",
     .findings = {{2, NULL}}},
    {.title = "keys and ports that Sendmail does not know, and commas",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "DAEMON_OPTIONS(`Port=smtpss, Name=MTA')dnl\n"
                            "DAEMON_OPTIONS(`Port=smtp, Zone=x')dnl\n"
                            "DAEMON_OPTIONS(`Port=smtp Name=MTA')dnl\n",
     .findings = {{2, NULL}, {3, NULL}, {4, NULL}}},
    {.title = "a modifier that no Sendmail has",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "DAEMON_OPTIONS(`Port=smtp, Name=MTA, M=aQ')dnl\n",
     .findings = {{2, NULL}}},
    {.title = "loopback alone",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "DAEMON_OPTIONS(`Port=smtp, Addr=127.0.0.1, Name=MTA')dnl\n",
     .findings = {{2, NULL}}},
    {.title = "as it should be",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`no_default_msa')dnl\n"
                            "DAEMON_OPTIONS(`Port=smtp, Name=MTA')dnl\n"
                            "DAEMON_OPTIONS(`Port=submission, Name=MSA, M=Ea')dnl\n"
                            "DAEMON_OPTIONS(`Name=TLSMTA, M=s, Port=465')dnl\n"},
};

const struct rule rule_sendmail_daemon = {
    .name = "sendmail-daemon",
    .summary = "sendmail.mc: DAEMON_OPTIONS open other ports than was meant",
    .why = "Without any DAEMON_OPTIONS Sendmail listens on port 25; the first one takes this "
           "default away.  The service on port 587 is there in any case, unless "
           "FEATURE(`no_default_msa') says not: one of your own on that port then makes Sendmail "
           "end with \"Address already in use\".",
    .source = "m4/proto.m4 and sendmail/daemon.c of Sendmail 8.17; cf/README, no_default_msa",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_daemon,
    RULE_EXAMPLES(examples),
};
