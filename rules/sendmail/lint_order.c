/* sendmail-order: what stands behind the MAILER that it is meant for */
#include "rules/rule.h"

/* is_mailer_define - does the define say something of a mailer, which is read at its MAILER line?
 */
static bool is_mailer_define(struct str name)
{
    return !str_starts(name, "conf") &&
           (str_search(name, "_MAILER_") < name.len || str_search(name, "_SHELL_") < name.len);
}

static void see_feature(struct check *check, const struct sendmail_item *item)
{
    check_reportf(check, item->span, "move it before the first MAILER",
                  "FEATURE stands behind MAILER: m4 complains, and what the feature changes in the "
                  "mailers is lost");
}

static void see_item(struct check *check, const struct sendmail_item *item)
{
    if (item->kind == ITEM_FEATURE)
        see_feature(check, item);
    else if (item->kind == ITEM_DEFINE && is_mailer_define(item->name))
        check_reportf(check, item->span, "move it before the first MAILER",
                      "%.*s is set behind MAILER, which was the time to read it",
                      STR_ARG(item->name));
    else if (item->kind == ITEM_MACRO && str_is(item->name, "MODIFY_MAILER_FLAGS"))
        check_reportf(check, item->span, "move it before the first MAILER",
                      "MODIFY_MAILER_FLAGS stands behind MAILER, which was the time to read it");
    else if (item->kind == ITEM_OSTYPE)
        check_reportf(check, item->span, "move it to the top",
                      "OSTYPE stands behind MAILER: the paths of the system come too late");
}

static void check_order(struct check *check)
{
    const struct sendmail *sendmail = check->sendmail;
    bool seen = false;

    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if (seen)
            see_item(check, item);
        seen = seen || item->kind == ITEM_MAILER;
    }
}

static const struct example examples[] = {
    {.title = "behind MAILER",
     .platform = "rhel9",
     .sendmail_mc = "include(`/usr/share/sendmail-cf/m4/cf.m4')dnl\nOSTYPE(`linux')dnl\n"
                    "MAILER(`smtp')dnl\nFEATURE(`always_add_domain')dnl\n"
                    "define(`RELAY_MAILER_ARGS', `TCP $h 587')dnl\n"
                    "define(`confLOG_LEVEL', `9')dnl\n",
     .findings = {{4, "FEATURE(`always_add_domain')"}, {5, NULL}}},
    {.title = "before it",
     .platform = "rhel9",
     .sendmail_mc = "include(`/usr/share/sendmail-cf/m4/cf.m4')dnl\nOSTYPE(`linux')dnl\n"
                    "define(`RELAY_MAILER_ARGS', `TCP $h 587')dnl\n"
                    "FEATURE(`always_add_domain')dnl\nMAILER(`smtp')dnl\nMAILER(`procmail')dnl\n"},
};

const struct rule rule_sendmail_order = {
    .name = "sendmail-order",
    .summary = "sendmail.mc: something stands behind MAILER and is ignored",
    .why =
        "m4 reads the macro file from top to bottom.  MAILER writes down the mailer with what is "
        "known at that line: defines of a mailer's flags, path and arguments, and features such "
        "as always_add_domain, allmasquerade, local_lmtp and smrsh, have no effect behind it.",
    .source = "cf/README, A BRIEF INTRODUCTION TO M4 (the order); what m4 makes of the files of "
              "Sendmail 8.17 in either order",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_order,
    RULE_EXAMPLES(examples),
};
