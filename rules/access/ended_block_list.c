/* ended_block_list - lists of blocked clients in the DNS that nobody runs any more */
#include "facts/facts.h"
#include "parser/text/token.h"
#include "rules/names/written.h"

/* holds_lists - does the setting name lists in the DNS?  Restriction classes may do, too */
static bool holds_lists(const struct written *written)
{
    const struct parameter *parameter = written->parameter;

    return parameter == NULL || str_ends(parameter->name, "_restrictions") ||
           parameter->number == PARAM_POSTSCREEN_DNSBL_SITES ||
           parameter->number == PARAM_MAPS_RBL_DOMAINS;
}

static void check_setting(struct check *check, const struct written *written, void *context)
{
    struct str rest = written->value, word;

    (void)context;
    if (!holds_lists(written))
        return;
    while (token_next_plain(&rest, TOKEN_COMMAS, &word)) {
        struct str zone = str_slice(word, 0, str_span_not(word, 0, "=*"));
        bool is_name = str_find(zone, '.', 0) < zone.len && str_find(zone, '/', 0) == zone.len;
        int year = is_name ? facts_block_list_ended(zone) : 0;
        if (year > 0)
            check_reportf(check, line_span(written->line, zone),
                          "remove it, or use a list that answers",
                          "the list %.*s ended in %d: it finds no client, or every one, so that "
                          "mail from everybody is rejected",
                          STR_ARG(zone), year);
    }
}

static void check_lists(struct check *check)
{
    written_each(check, check_setting, NULL);
}

static const struct example examples[] = {
    {.title = "lists of clients and of domains, for smtpd and for postscreen",
     .platform = "debian12",
     .main_cf = "smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination,\n"
                "  reject_rbl_client dnsbl.sorbs.net=127.0.0.10,\n"
                "  reject_rhsbl_sender rhsbl.ahbl.org\n"
                "postscreen_dnsbl_sites = zen.spamhaus.org*3 ix.dnsbl.manitu.net*2\n",
     .findings = {{2, "dnsbl.sorbs.net"}, {3, "rhsbl.ahbl.org"}, {4, "ix.dnsbl.manitu.net"}}},
    {.title = "lists that answer, and a name that is like one that has ended",
     .platform = "debian12",
     .main_cf = "smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination,\n"
                "  reject_rbl_client zen.spamhaus.org, reject_rbl_client bl.mysorbs.net\n"
                "mydestination = sorbs.net\n"},
};

const struct rule rule_ended_block_list = {
    .name = "ended-block-list",
    .summary = "a list of blocked clients that has ended",
    .why = "A list that nobody runs any more costs a question in the DNS for every client, often "
           "one that waits for an answer until it times out.  When its domain has another owner, "
           "or its last one wants to be rid of the questions, every client is on the list: then "
           "all mail is rejected.",
    .source = "facts/block_lists.yaml, which has the announcements",
    .severity = SEVERITY_WARNING,
    .check = check_lists,
    RULE_EXAMPLES(examples),
};
