/* sendmail-open-relay: features with which Sendmail relays for strangers */
#include "rules/sendmail/lint.h"

static const struct opening {
    const char *feature;
    enum severity severity;
    const char *message;
} openings[] = {
    {"promiscuous_relay", SEVERITY_ERROR, "this server relays mail for everyone"},
    {"relay_local_from", SEVERITY_ERROR,
     "this server relays mail for everyone who gives a sender of its domains, which is easily "
     "forged"},
    {"relay_mail_from", SEVERITY_WARNING,
     "who gives a sender that the access table lets relay is relayed, and senders are easily "
     "forged"},
    {"relay_based_on_MX", SEVERITY_WARNING,
     "whoever names this host in the MX record of his domain is relayed"},
};

static void check_open_relay(struct check *check)
{
    const struct sendmail_item *item = NULL;

    while ((item = sendmail_next(check->sendmail, ITEM_FEATURE, NULL, item)) != NULL)
        for (size_t i = 0; i < sizeof openings / sizeof *openings; i++)
            if (str_is(item->name, openings[i].feature))
                check_reportf(check, item->span,
                              "take it away; let clients log in, or name them in relay-domains or "
                              "the access table",
                              "%s", openings[i].message)
                    ->severity = openings[i].severity;
}

static const struct example examples[] = {
    {.title = "open to all",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`promiscuous_relay')dnl\n",
     .findings = {{2, "FEATURE(`promiscuous_relay')"}}},
    {.title = "open to forgers",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`relay_local_from')dnl\nFEATURE(`relay_based_on_MX')dnl\n",
     .findings = {{2, NULL}, {3, NULL}}},
    {.title = "for its own networks",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`access_db')dnl\nFEATURE(`relay_entire_domain')dnl\n"},
};

const struct rule rule_sendmail_open_relay = {
    .name = "sendmail-open-relay",
    .summary = "sendmail.mc: Sendmail relays for strangers",
    .why =
        "A server that relays for everyone is found within hours and used for spam, until the "
        "rest of the world blocks it.  The sender of a message proves nothing: whoever may relay "
        "is known by his address, by a login or by a certificate.",
    .source = "cf/README, ANTI-SPAM CONFIGURATION CONTROL",
    .severity = SEVERITY_ERROR,
    .sendmail = true,
    .check = check_open_relay,
    RULE_EXAMPLES(examples),
};
