/* sendmail-unknown: what Sendmail no longer knows, or never did */
#include "facts/sendmail.h"
#include "rules/rule.h"

static const struct sendmail_fact *fact_of(const struct sendmail_item *item)
{
    switch (item->kind) {
    case ITEM_DEFINE:
        return facts_sendmail(SENDMAIL_DEFINE, item->name);
    case ITEM_FEATURE:
        return facts_sendmail(SENDMAIL_FEATURE, item->name);
    case ITEM_MAILER:
        return facts_sendmail(SENDMAIL_MAILER, item->name);
    case ITEM_MACRO:
        return facts_sendmail(SENDMAIL_MACRO, item->name);
    case ITEM_OPTION:
        return facts_sendmail_option(item->name);
    default:
        return NULL;
    }
}

static void see_unknown(struct check *check, const struct sendmail_item *item)
{
    if (item->kind == ITEM_DEFINE && str_starts(item->name, "conf"))
        check_reportf(check, item->span, "look at the spelling, or take the line away",
                      "Sendmail knows no %.*s: the line does nothing", STR_ARG(item->name));
    if (item->kind == ITEM_OPTION)
        check_reportf(check, item->span, "look at the spelling, or take the line away",
                      "Sendmail knows no option %.*s", STR_ARG(item->name));
}

static void check_unknown(struct check *check)
{
    const struct sendmail *sendmail = check->sendmail;

    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        const struct sendmail_fact *fact = fact_of(item);
        if (fact == NULL)
            see_unknown(check, item);
        else if (fact->gone)
            check_reportf(check, item->span, "take the line away", "Sendmail no longer knows %.*s",
                          STR_ARG(item->name));
    }
}

static const struct example examples[] = {
    {.title = "an option of old, and one misspelt",
     .platform = "rhel9",
     .sendmail_mc = "include(`/usr/share/sendmail-cf/m4/cf.m4')dnl\n"
                    "define(`confAUTO_REBUILD', `True')dnl\n"
                    "define(`confLOG_LEVLE', `9')dnl\n"
                    "define(`mine', `x')dnl\n",
     .findings = {{2, NULL}, {3, "define(`confLOG_LEVLE', `9')"}}},
};

const struct rule rule_sendmail_unknown = {
    .name = "sendmail-unknown",
    .summary = "sendmail.mc: Sendmail does not know this, or no longer",
    .why =
        "A define that Sendmail's own files do not read is a macro like any other to m4: nothing "
        "complains, and nothing happens.  Some names were options of older releases that are "
        "gone; others are misspelt.",
    .source = "cf/README and RELEASE_NOTES of Sendmail 8.17 and 8.18",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_unknown,
    RULE_EXAMPLES(examples),
};
