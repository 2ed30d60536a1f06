/* sendmail-unread: what postmend does not look at */
#include "rules/sendmail/lint.h"

static void check_unread(struct check *check)
{
    const struct sendmail *sendmail = check->sendmail;

    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if (item->kind == ITEM_INCLUDE && item->refused != NULL)
            check_reportf(check, item->span, "put a copy below the directory of this file",
                          "what \"%.*s\" says was not seen: it is not below the directory of this "
                          "file",
                          STR_ARG(lint_shown(sendmail_argument(item, 0))));
        else if (item->kind == ITEM_NOT_RUN)
            check_reportf(check, item->span, "write what it gives into the file",
                          "m4 runs a command here, as whoever makes sendmail.cf; it was not run to "
                          "read this file")
                ->severity = SEVERITY_WARNING;
    }
}

static const struct example examples[] = {
    {.title = "a file that is elsewhere, and a command",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "include(`/etc/mail/tls/starttls.m4')dnl\n"
                            "define(`confDOMAIN_NAME', esyscmd(`hostname -f'))dnl\n",
     .findings = {{2, NULL}, {3, "esyscmd(`hostname -f')"}}},
    {.title = "nothing but what stands here",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "OSTYPE(`linux')dnl\nMAILER(`smtp')dnl\n"},
};

const struct rule rule_sendmail_unread = {
    .name = "sendmail-unread",
    .summary = "sendmail.mc: a file or a command whose text was not seen",
    .why =
        "A macro file is read without the machine that it belongs to: files that it includes are "
        "looked for below its own directory alone, and no command in it is ever run.  What "
        "stands there may change what the other rules say.",
    .source = "the manual of GNU m4, Including named files and Executing simple commands",
    .severity = SEVERITY_ADVICE,
    .sendmail = true,
    .check = check_unread,
    RULE_EXAMPLES(examples),
};
