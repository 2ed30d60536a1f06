/* sendmail-missing: what every sendmail.mc needs */
#include "rules/sendmail/lint.h"

/* brings_mailers - do these features call MAILER themselves? */
static bool brings_mailers(const struct sendmail *sendmail)
{
    return sendmail_feature(sendmail, "nullclient") != NULL ||
           sendmail_feature(sendmail, "msp") != NULL;
}

/* first - the place of the file's first directive that is more than a remark */
static struct span first(const struct sendmail *sendmail)
{
    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if (item->span.source == sendmail->source && !str_is(item->name, "VERSIONID"))
            return item->span;
    }
    return (struct span){sendmail->source, 0, 0};
}

static struct span last(const struct sendmail *sendmail)
{
    for (size_t i = sendmail->directive_count; i-- > 0;)
        if (sendmail->items[i].span.source == sendmail->source)
            return sendmail->items[i].span;
    return (struct span){sendmail->source, 0, 0};
}

/* has_system - OSTYPE(`unknown') is none, and submit.mc says with a define that it needs none */
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
        check_reportf(check, first(sendmail), "put OSTYPE(`linux'), or what fits, above this line",
                      "there is no OSTYPE: m4 complains, and the paths of this system are not set");
    /* with SMART_HOST another mailer may take all mail there */
    if (sendmail_next(sendmail, ITEM_MAILER, "smtp", NULL) == NULL && !brings_mailers(sendmail) &&
        sendmail_define(sendmail, "SMART_HOST") == NULL)
        check_reportf(check, last(sendmail), "put MAILER(`smtp') at the end",
                      "there is no MAILER(`smtp'): mail to other hosts is refused");
}

static const struct example examples[] = {
    {.title = "neither OSTYPE nor MAILER",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "VERSIONID(`x')dnl\ndefine(`confLOG_LEVEL', `9')dnl\n"
                            "FEATURE(`redirect')dnl\n",
     .findings = {{3, NULL}, {4, NULL}}},
    {.title = "all there",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "OSTYPE(`linux')dnl\nMAILER(`smtp')dnl\n"},
    {.title = "a null client brings its mailers",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "OSTYPE(`linux')dnl\nFEATURE(`nullclient', `hub.example.com')dnl\n"},
    {.title = "they may stand in a file that is not here",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "include(`/etc/mail/common.m4')dnl\nFEATURE(`redirect')dnl\n"},
};

const struct rule rule_sendmail_missing = {
    .name = "sendmail-missing",
    .summary = "sendmail.mc: there is no OSTYPE, or no MAILER for SMTP",
    .why = "OSTYPE says where this system keeps programs and files; without it m4 writes an error "
           "and goes on.  Without MAILER(`smtp') there is nothing that speaks SMTP: Sendmail knows "
           "local users alone, and refuses every other address as an unrecognized host.",
    .source = "cf/README, A BRIEF INTRODUCTION TO M4; m4/proto.m4",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_missing,
    RULE_EXAMPLES(examples),
};
