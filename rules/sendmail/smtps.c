/* sendmail-smtps-commented: port 465 is prepared and commented out */
#include "convert/sendmail/value.h"
#include "rules/sendmail/lint.h"

static bool is_smtps(struct str text)
{
    struct str port = sendmail_pair(text, 'P');

    return str_is_nocase(port, "smtps") || str_is_nocase(port, "submissions") ||
           str_is(port, "465");
}

static bool listens_on_smtps(const struct sendmail *sendmail)
{
    const struct sendmail_item *item = NULL;

    while ((item = sendmail_next(sendmail, ITEM_MACRO, "DAEMON_OPTIONS", item)) != NULL)
        if (is_smtps(sendmail_unquoted(sendmail_argument(item, 0))))
            return true;
    return false;
}

/* find_options - the arguments of the DAEMON_OPTIONS in a comment, or nothing */
static struct str find_options(struct str comment)
{
    size_t at = str_search(comment, "DAEMON_OPTIONS(");
    size_t open = str_find(comment, '(', at);

    return str_slice(comment, str_span(comment, open, "(`'\" "), str_find(comment, ')', open));
}

static void check_smtps_commented(struct check *check)
{
    const struct sendmail_mc *mc = check->sendmail->mc;

    if (mc == NULL || listens_on_smtps(check->sendmail))
        return;
    for (size_t i = 0; i < mc->count; i++) {
        const struct sendmail_directive *directive = &mc->directives[i];
        if (directive->kind != SENDMAIL_COMMENT || !is_smtps(find_options(directive->text)))
            continue;
        check_reportf(
            check, directive->span, "remove the dnl before it, once there is a certificate",
            "port 465 is commented out: mail clients that use implicit TLS cannot connect");
        return;
    }
}

static const struct example examples[] = {
    {.title = "the line that Red Hat ships",
     .platform = "rhel9",
     .sendmail_mc = "include(`/usr/share/sendmail-cf/m4/cf.m4')dnl\n"
                    "dnl DAEMON_OPTIONS(`Port=smtps, Name=TLSMTA, M=s')dnl\n",
     .findings = {{2, NULL}}},
    {.title = "port 465 is in use",
     .platform = "rhel9",
     .sendmail_mc = "include(`/usr/share/sendmail-cf/m4/cf.m4')dnl\n"
                    "DAEMON_OPTIONS(`Port=smtps, Name=TLSMTA, M=s')dnl\n"
                    "dnl DAEMON_OPTIONS(`Port=465, Name=TLSMTA, M=s')dnl\n"},
};

const struct rule rule_sendmail_smtps_commented = {
    .name = "sendmail-smtps-commented",
    .summary = "sendmail.mc: the daemon on port 465 is commented out",
    .why = "RFC 8314 recommends implicit TLS, on port 465, for mail clients that submit mail.  The "
           "sendmail.mc of many distributions contains the line for it after dnl; as long as it is "
           "there, Sendmail does not listen on that port.",
    .source = "RFC 8314, section 3; cf/README, DAEMON_OPTIONS",
    .severity = SEVERITY_ADVICE,
    .sendmail = true,
    .check = check_smtps_commented,
    RULE_EXAMPLES(examples),
};
