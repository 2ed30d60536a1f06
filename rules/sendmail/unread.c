/* sendmail-unread: text that was not read */
#include "rules/sendmail/lint.h"

static void check_unread(struct check *check)
{
    const struct sendmail *sendmail = check->sendmail;

    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if (item->kind == ITEM_INCLUDE && item->refused != NULL)
            check_reportf(
                check, item->span, "put a copy below the directory of this file",
                "the file \"%.*s\" was not read: it is not below the directory of this file",
                STR_ARG(lint_shown(check->arena, sendmail_argument(item, 0))));
        else if (item->kind == ITEM_NOT_RUN)
            check_reportf(check, item->span, "replace it by the output of the command",
                          "m4 runs a command here, as the user who builds sendmail.cf; it was not "
                          "run to read this file")
                ->severity = SEVERITY_WARNING;
    }
}

static const struct example examples[] = {
    {.title = "a file elsewhere, and a command",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "include(`/etc/mail/tls/starttls.m4')dnl\n"
                            "define(`confDOMAIN_NAME', esyscmd(`hostname -f'))dnl\n",
     .findings = {{2, NULL}, {3, "esyscmd(`hostname -f')"}}},
    {.title = "everything is in this file",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "OSTYPE(`linux')dnl\nMAILER(`smtp')dnl\n"},
};

const struct rule rule_sendmail_unread = {
    .name = "sendmail-unread",
    .summary = "sendmail.mc: a file or a command was not read",
    .why = "A macro file is read without access to its host: included files are looked for only "
           "below its own directory, and commands in it are never run.  Their text may change what "
           "the other rules report.",
    .source = "the manual of GNU m4, Including named files and Executing simple commands",
    .severity = SEVERITY_ADVICE,
    .sendmail = true,
    .check = check_unread,
    RULE_EXAMPLES(examples),
};
