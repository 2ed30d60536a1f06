/* sendmail-arguments: features that want an argument, or another one */
#include <string.h>

#include "convert/sendmail/value.h"
#include "rules/sendmail/lint.h"

/* a feature's arguments: how many it must have, and what its first one may be */
static const struct argument_rule {
    const char *feature;
    size_t count;
    const char *letters; /* with which the first argument may begin, in lower case; NULL: any */
    const char *advice;
} argument_rules[] = {
    {"nouucp", 1, "rn", "write FEATURE(`nouucp', `reject')"},
    {"nopercenthack", 1, "rn", "write FEATURE(`nopercenthack', `reject')"},
    {"dnsbl", 1, NULL, "name the list as the second argument"},
    {"enhdnsbl", 1, NULL, "name the list as the second argument"},
    {"nullclient", 1, NULL, "name the hub as the second argument"},
    {"prefixmod", 2, NULL, "give the prefix and the map"},
    {"delay_checks", 0, "fh", "write `friend', `hater' or nothing"},
    {"ratecontrol", 0, "n", "write `nodelay' or nothing"},
    {"conncontrol", 0, "n", "write `nodelay' or nothing"},
    {"nocanonify", 0, "c", "write `canonify_hosts' or nothing"},
};

static void see_wanted(struct check *check, const struct sendmail_item *item,
                       const struct argument_rule *row)
{
    struct str first = sendmail_unquoted(sendmail_argument(item, 0));
    size_t count = item->argument_count;

    while (count > 0 && item->arguments[count - 1].len == 0)
        count--;
    if (count < row->count)
        check_reportf(check, item->span, row->advice, "FEATURE(`%s') lacks an argument",
                      row->feature);
    else if (row->letters != NULL && first.len > 0 &&
             strchr(row->letters, first.at[0] | ('a' ^ 'A')) == NULL)
        check_reportf(check, item->span, row->advice,
                      "FEATURE(`%s') knows no \"%.*s\": m4 complains", row->feature,
                      STR_ARG(lint_shown(first)));
}

/* see_controls - `nodelay' asks for delay_checks in front of it */
static void see_controls(struct check *check, const struct sendmail_item *item, bool delayed)
{
    if ((str_is(item->name, "ratecontrol") || str_is(item->name, "conncontrol")) && !delayed &&
        str_is_nocase(sendmail_unquoted(sendmail_argument(item, 0)), "nodelay"))
        check_reportf(
            check, item->span, "put FEATURE(`delay_checks') above it",
            "`nodelay' counts behind FEATURE(`delay_checks') alone: here it does nothing");
}

/* see_access - what asks for the access table by its argument */
static void see_access(struct check *check, const struct sendmail_item *item, bool access)
{
    struct str first = sendmail_unquoted(sendmail_argument(item, 0));

    if (access || !lint_is_whole(check->sendmail))
        return;
    if (str_is(item->name, "delay_checks") && first.len > 0 &&
        sendmail_feature(check->sendmail, "access_db") == NULL)
        check_reportf(check, item->span, "add FEATURE(`access_db'), or take the argument away",
                      "`%.*s' asks the access table, and there is none: m4 complains",
                      STR_ARG(lint_shown(first)));
    if (str_is(item->name, "greet_pause") && first.len == 0)
        check_reportf(check, item->span,
                      "put FEATURE(`access_db') above it, or give the milliseconds",
                      "without a time FEATURE(`greet_pause') needs FEATURE(`access_db') above it");
}

/* see_temporary - a table that can't be read must not count as one without the key */
static void see_temporary(struct check *check, const struct sendmail_item *item)
{
    struct str spec = sendmail_unquoted(sendmail_argument(item, 0));

    if (str_is(item->name, "access_db") && spec.len > 0 && !str_is(spec, "LDAP") &&
        !str_starts(spec, "sequence ") && str_search(spec, "-T<TMPF>") == spec.len)
        check_reportf(check, item->span, "put -T<TMPF> behind the type of the table",
                      "-T<TMPF> is missing: m4 complains and puts it in")
            ->severity = SEVERITY_ADVICE;
}

/* see_filters - "S=local:/run/filter.sock, F=T" */
static void see_filters(struct check *check, const char *macro)
{
    const struct sendmail_item *item = NULL;

    while ((item = sendmail_next(check->sendmail, ITEM_MACRO, macro, item)) != NULL)
        if (sendmail_pair(sendmail_unquoted(sendmail_argument(item, 1)), 'S').at == NULL)
            check_reportf(check, item->span, "write S=local:/the/socket or S=inet:port@host",
                          "%s names no socket with S=: Sendmail does not start", macro)
                ->severity = SEVERITY_ERROR;
}

static void check_arguments(struct check *check)
{
    const struct sendmail *sendmail = check->sendmail;
    const struct sendmail_item *item = NULL;
    bool access = false, delayed = false;

    if (sendmail->is_cf)
        return; /* it has lines, and no arguments of features */
    see_filters(check, "INPUT_MAIL_FILTER");
    see_filters(check, "MAIL_FILTER");
    while ((item = sendmail_next(sendmail, ITEM_FEATURE, NULL, item)) != NULL) {
        for (size_t i = 0; i < sizeof argument_rules / sizeof *argument_rules; i++)
            if (str_is(item->name, argument_rules[i].feature))
                see_wanted(check, item, &argument_rules[i]);
        see_controls(check, item, delayed);
        see_access(check, item, access);
        see_temporary(check, item);
        access = access || str_is(item->name, "access_db");
        delayed = delayed || str_is(item->name, "delay_checks");
    }
}

static const struct example examples[] = {
    {.title = "arguments that are missing or not known",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`nouucp')dnl\nFEATURE(`dnsbl')dnl\n"
                            "FEATURE(`delay_checks', `enemy')dnl\n"
                            "FEATURE(`access_db', `hash /etc/mail/access')dnl\n",
     .findings = {{2, NULL}, {3, NULL}, {4, NULL}, {5, NULL}}},
    {.title = "a filter without its socket",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "INPUT_MAIL_FILTER(`dkim', `local:/run/dkim.sock')dnl\n"
                            "INPUT_MAIL_FILTER(`spam', `S=local:/run/spam.sock, F=T')dnl\n",
     .findings = {{2, NULL}}},
    {.title = "what builds on another feature",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`greet_pause')dnl\nFEATURE(`access_db')dnl\n"
                            "FEATURE(`ratecontrol', `nodelay')dnl\n"
                            "FEATURE(`delay_checks', `friend')dnl\n",
     .findings = {{2, NULL}, {4, NULL}}},
    {.title = "as it should be",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`greet_pause', `5000')dnl\nFEATURE(`nouucp', `reject')dnl\n"
                            "FEATURE(`access_db', `hash -T<TMPF> -o /etc/mail/access.db')dnl\n"
                            "FEATURE(`delay_checks')dnl\n"
                            "FEATURE(`conncontrol', `nodelay', `terminate')dnl\n"},
};

const struct rule rule_sendmail_arguments = {
    .name = "sendmail-arguments",
    .summary = "sendmail.mc: a feature or a filter lacks an argument, or has a wrong one",
    .why =
        "Some features ask for an argument, and others know a few words alone.  What they do not "
        "know makes m4 complain, and the feature then does nothing, or another thing.",
    .source = "the files below feature/ of Sendmail 8.17; cf/README, FEATURES",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_arguments,
    RULE_EXAMPLES(examples),
};
