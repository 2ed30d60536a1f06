/* sendmail-missing: directives that every sendmail.mc needs */
#include "rules/sendmail/lint.h"

/* has_own_mailers - does one of these features call MAILER itself? */
static bool has_own_mailers(const struct sendmail *sendmail)
{
    return sendmail_feature(sendmail, "nullclient") != NULL ||
           sendmail_feature(sendmail, "msp") != NULL;
}

/* find_first - the first directive of the file other than VERSIONID */
static struct span find_first(const struct sendmail *sendmail)
{
    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if (item->span.source == sendmail->source && !str_is(item->name, "VERSIONID"))
            return item->span;
    }
    return (struct span){sendmail->source, 0, 0};
}

static struct span find_last(const struct sendmail *sendmail)
{
    for (size_t i = sendmail->directive_count; i-- > 0;)
        if (sendmail->items[i].span.source == sendmail->source)
            return sendmail->items[i].span;
    return (struct span){sendmail->source, 0, 0};
}

/* has_system - OSTYPE(`unknown') does not count, and submit.mc has a define to say that it needs
   none */
static bool has_system(const struct sendmail *sendmail)
{
    const struct sendmail_item *item = NULL;

    while ((item = sendmail_next(sendmail, ITEM_OSTYPE, NULL, item)) != NULL)
        if (!str_is(item->name, "unknown"))
            return true;
    return sendmail_define(sendmail, "__OSTYPE__") != NULL;
}

static void check_missing(struct check *check)
{
    const struct sendmail *sendmail = check->sendmail;

    if (!lint_is_whole(sendmail) || sendmail->directive_count == 0)
        return;
    if (!has_system(sendmail))
        check_reportf(
            check, find_first(sendmail),
            "add OSTYPE(`linux'), or the one for this system, above this line",
            "OSTYPE is missing: m4 reports an error, and the paths of this system are not set");
    /* with SMART_HOST another mailer may be used for all mail */
    if (sendmail_next(sendmail, ITEM_MAILER, "smtp", NULL) == NULL && !has_own_mailers(sendmail) &&
        sendmail_define(sendmail, "SMART_HOST") == NULL)
        check_reportf(check, find_last(sendmail), "add MAILER(`smtp') at the end",
                      "mail to other hosts is rejected: MAILER(`smtp') is missing");
}

static const struct example examples[] = {
    {.title = "neither OSTYPE nor MAILER",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "VERSIONID(`x')dnl\ndefine(`confLOG_LEVEL', `9')dnl\n"
                            "FEATURE(`redirect')dnl\n",
     .findings = {{3, NULL}, {4, NULL}}},
    {.title = "both exist",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "OSTYPE(`linux')dnl\nMAILER(`smtp')dnl\n"},
    {.title = "a null client includes its mailers",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "OSTYPE(`linux')dnl\nFEATURE(`nullclient', `hub.example.com')dnl\n"},
    {.title = "they may be in a file that was not found",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "include(`/etc/mail/common.m4')dnl\nFEATURE(`redirect')dnl\n"},
};

const struct rule rule_sendmail_missing = {
    .name = "sendmail-missing",
    .summary = "sendmail.mc: OSTYPE or MAILER(`smtp') is missing",
    .why = "OSTYPE sets the paths of programs and files on this system; without it m4 reports an "
           "error and continues.  Without MAILER(`smtp') Sendmail has no SMTP client: it delivers "
           "to local users only, and rejects every other address as an unrecognized host.",
    .source = "cf/README, A BRIEF INTRODUCTION TO M4; m4/proto.m4",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_missing,
    RULE_EXAMPLES(examples),
};
