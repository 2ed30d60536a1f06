/* sendmail-arguments: features without a required argument, or with an invalid one */
#include <string.h>

#include "convert/sendmail/value.h"
#include "rules/sendmail/lint.h"

/* the arguments of a feature: the minimum number, and what the first may be */
static const struct argument_rule {
    const char *feature;
    size_t count;
    const char *letters; /* the letters with which the first argument may start, in lower case;
                            NULL: any */
    const char *advice;
} argument_rules[] = {
    {"nouucp", 1, "rn", "write FEATURE(`nouucp', `reject')"},
    {"nopercenthack", 1, "rn", "write FEATURE(`nopercenthack', `reject')"},
    {"dnsbl", 1, NULL, "add the list as the second argument"},
    {"enhdnsbl", 1, NULL, "add the list as the second argument"},
    {"nullclient", 1, NULL, "add the hub as the second argument"},
    {"prefixmod", 2, NULL, "add the prefix and the map"},
    {"delay_checks", 0, "fh", "use `friend', `hater' or no argument"},
    {"ratecontrol", 0, "n", "use `nodelay' or no argument"},
    {"conncontrol", 0, "n", "use `nodelay' or no argument"},
    {"nocanonify", 0, "c", "use `canonify_hosts' or no argument"},
};

static void inspect_argument(struct check *check, const struct sendmail_item *item,
                             const struct argument_rule *row)
{
    struct str first = sendmail_unquoted(sendmail_argument(item, 0));
    size_t count = item->argument_count;

    while (count > 0 && item->arguments[count - 1].len == 0)
        count--;
    if (count < row->count)
        check_reportf(check, item->span, row->advice, "FEATURE(`%s') requires an argument",
                      row->feature);
    else if (row->letters != NULL && first.len > 0 &&
             strchr(row->letters, first.at[0] | ('a' ^ 'A')) == NULL)
        check_reportf(check, item->span, row->advice,
                      "\"%.*s\" is not a valid argument of FEATURE(`%s'): m4 reports an error",
                      STR_ARG(lint_shown(check->arena, first)), row->feature);
}

/* inspect_controls - `nodelay' requires delay_checks above it */
static void inspect_controls(struct check *check, const struct sendmail_item *item, bool delayed)
{
    if ((str_is(item->name, "ratecontrol") || str_is(item->name, "conncontrol")) && !delayed &&
        str_is_nocase(sendmail_unquoted(sendmail_argument(item, 0)), "nodelay"))
        check_reportf(check, item->span, "move FEATURE(`delay_checks') above it",
                      "`nodelay' has no effect without FEATURE(`delay_checks') above it");
}

/* inspect_access - arguments that require the access table, where there is none above the item */
static void inspect_access(struct check *check, const struct sendmail_item *item)
{
    struct str first = sendmail_unquoted(sendmail_argument(item, 0));

    if (str_is(item->name, "delay_checks") && first.len > 0 &&
        sendmail_feature(check->sendmail, "access_db") == NULL)
        check_reportf(check, item->span, "add FEATURE(`access_db') or remove the argument",
                      "`%.*s' requires the access table, which does not exist: m4 reports an error",
                      STR_ARG(lint_shown(check->arena, first)));
    if (str_is(item->name, "greet_pause") && first.len == 0)
        check_reportf(
            check, item->span, "move FEATURE(`access_db') above it, or add a time in milliseconds",
            "without a time FEATURE(`greet_pause') requires FEATURE(`access_db') above it");
}

/* inspect_temporary - a table that cannot be read must not be treated like one without the key */
static void inspect_temporary(struct check *check, const struct sendmail_item *item)
{
    struct str spec = sendmail_unquoted(sendmail_argument(item, 0));

    if (str_is(item->name, "access_db") && spec.len > 0 && !str_is(spec, "LDAP") &&
        !str_starts(spec, "sequence ") && str_search(spec, "-T<TMPF>") == spec.len)
        check_reportf(check, item->span, "add -T<TMPF> after the type of the table",
                      "-T<TMPF> is missing: m4 reports it and adds it")
            ->severity = SEVERITY_ADVICE;
}

/* inspect_filters - "S=local:/run/filter.sock, F=T" */
static void inspect_filters(struct check *check, const char *macro)
{
    const struct sendmail_item *item = NULL;

    while ((item = sendmail_next(check->sendmail, ITEM_MACRO, macro, item)) != NULL)
        if (sendmail_pair(sendmail_unquoted(sendmail_argument(item, 1)), 'S').at == NULL)
            check_reportf(check, item->span, "add S=local:/the/socket or S=inet:port@host",
                          "Sendmail does not start: %s has no socket (S=)", macro)
                ->severity = SEVERITY_ERROR;
}

static void check_arguments(struct check *check)
{
    const struct sendmail *sendmail = check->sendmail;
    const struct sendmail_item *item = NULL;
    bool access = !lint_is_whole(sendmail); /* is there an access table above, or may there be? */
    bool delayed = false;

    if (sendmail->is_cf)
        return; /* it has no feature calls */
    inspect_filters(check, "INPUT_MAIL_FILTER");
    inspect_filters(check, "MAIL_FILTER");
    while ((item = sendmail_next(sendmail, ITEM_FEATURE, NULL, item)) != NULL) {
        for (size_t i = 0; i < sizeof argument_rules / sizeof *argument_rules; i++)
            if (str_is(item->name, argument_rules[i].feature))
                inspect_argument(check, item, &argument_rules[i]);
        inspect_controls(check, item, delayed);
        if (!access)
            inspect_access(check, item);
        inspect_temporary(check, item);
        access = access || str_is(item->name, "access_db");
        delayed = delayed || str_is(item->name, "delay_checks");
    }
}

static const struct example examples[] = {
    {.title = "missing and invalid arguments",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`nouucp')dnl\nFEATURE(`dnsbl')dnl\n"
                            "FEATURE(`delay_checks', `enemy')dnl\n"
                            "FEATURE(`access_db', `hash /etc/mail/access')dnl\n",
     .findings = {{2, NULL}, {3, NULL}, {4, NULL}, {5, NULL}}},
    {.title = "a filter without a socket",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "INPUT_MAIL_FILTER(`dkim', `local:/run/dkim.sock')dnl\n"
                            "INPUT_MAIL_FILTER(`spam', `S=local:/run/spam.sock, F=T')dnl\n",
     .findings = {{2, NULL}}},
    {.title = "arguments that require another feature",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`greet_pause')dnl\nFEATURE(`access_db')dnl\n"
                            "FEATURE(`ratecontrol', `nodelay')dnl\n"
                            "FEATURE(`delay_checks', `friend')dnl\n",
     .findings = {{2, NULL}, {4, NULL}}},
    {.title = "valid arguments",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`greet_pause', `5000')dnl\nFEATURE(`nouucp', `reject')dnl\n"
                            "FEATURE(`access_db', `hash -T<TMPF> -o /etc/mail/access.db')dnl\n"
                            "FEATURE(`delay_checks')dnl\n"
                            "FEATURE(`conncontrol', `nodelay', `terminate')dnl\n"},
};

const struct rule rule_sendmail_arguments = {
    .name = "sendmail-arguments",
    .summary = "sendmail.mc: a feature or filter has a missing or invalid argument",
    .why = "Some features require an argument, and others accept only certain words.  If the "
           "argument is missing or invalid, m4 reports an error, and the feature does nothing or "
           "something else.",
    .source = "the files below feature/ of Sendmail 8.17; cf/README, FEATURES",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_arguments,
    RULE_EXAMPLES(examples),
};
