/* sendmail-open-relay: features that make Sendmail an open relay */
#include "rules/sendmail/lint.h"

static const struct opening {
    const char *feature;
    enum severity severity;
    const char *message;
} openings[] = {
    {"promiscuous_relay", SEVERITY_ERROR, "this server relays mail for everyone"},
    {"relay_local_from", SEVERITY_ERROR,
     "this server relays mail for anyone who uses a sender address in its domains, which is easily "
     "forged"},
    {"relay_mail_from", SEVERITY_WARNING,
     "this server relays mail for anyone who uses a sender address that the access table lets "
     "relay, which is easily forged"},
    {"relay_based_on_MX", SEVERITY_WARNING,
     "this server relays mail for anyone who names it in the MX record of a domain"},
};

static void check_open_relay(struct check *check)
{
    const struct sendmail_item *item = NULL;

    while ((item = sendmail_next(check->sendmail, ITEM_FEATURE, NULL, item)) != NULL)
        for (size_t i = 0; i < sizeof openings / sizeof *openings; i++)
            if (str_is(item->name, openings[i].feature))
                check_reportf(check, item->span,
                              "remove it; require authentication, or list clients in relay-domains "
                              "or the access table",
                              "%s", openings[i].message)
                    ->severity = openings[i].severity;
}

static const struct example examples[] = {
    {.title = "open to everyone",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`promiscuous_relay')dnl\n",
     .findings = {{2, "FEATURE(`promiscuous_relay')"}}},
    {.title = "open to forged senders",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`relay_local_from')dnl\nFEATURE(`relay_based_on_MX')dnl\n",
     .findings = {{2, NULL}, {3, NULL}}},
    {.title = "only for its own networks",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`access_db')dnl\nFEATURE(`relay_entire_domain')dnl\n"},
};

const struct rule rule_sendmail_open_relay = {
    .name = "sendmail-open-relay",
    .summary = "sendmail.mc: this server is an open relay",
    .why = "An open relay is found within hours and used for spam, until other servers block it.  "
           "A sender address proves nothing: clients that may relay must be identified by their "
           "address, by authentication or by a certificate.",
    .source = "cf/README, ANTI-SPAM CONFIGURATION CONTROL",
    .severity = SEVERITY_ERROR,
    .sendmail = true,
    .check = check_open_relay,
    RULE_EXAMPLES(examples),
};
