/* sendmail-quotes: quotes that m4 does not take for such */
#include "parser/sendmail_mc.h"
#include "rules/rule.h"

/* what is mistaken for an opening quote, also those of word processors */
static const char *const openings[] = {"'", "\"", "\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9c"};

static bool is_misquoted(struct str argument)
{
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++)
        if (str_starts(argument, openings[i]))
            return true;
    return false;
}

/* takes_names - is the first argument a name, which no quote can be part of? */
static bool takes_names(const struct sendmail_directive *directive)
{
    return sendmail_calls(directive, "define") || sendmail_calls(directive, "undefine") ||
           sendmail_calls(directive, "FEATURE") || sendmail_calls(directive, "MAILER") ||
           sendmail_calls(directive, "OSTYPE") || sendmail_calls(directive, "DOMAIN");
}

static void check_quotes(struct check *check)
{
    const struct sendmail_mc *mc = check->sendmail->mc;

    for (size_t i = 0; mc != NULL && i < mc->count; i++) {
        const struct sendmail_directive *directive = &mc->directives[i];
        if (directive->kind != SENDMAIL_CALL || !directive->written)
            continue;
        for (size_t k = 1; k <= directive->argument_count; k++) {
            struct str argument = sendmail_directive_argument(directive, k);
            if (!is_misquoted(argument) ||
                (argument.at[0] == '"' && (k > 1 || !takes_names(directive))))
                continue;
            check_reportf(check, directive->span,
                          "open with ` (the grave accent) and close with ' (the apostrophe)",
                          "m4 takes this quote for a part of the argument: %.*s",
                          STR_ARG(argument));
            break;
        }
    }
}

static const struct example examples[] = {
    {.title = "apostrophes on both sides",
     .platform = "rhel9",
     .sendmail_mc = "include(`/usr/share/sendmail-cf/m4/cf.m4')dnl\n"
                    "define('ALIAS_FILE','/etc/aliases')dnl\n"
                    "FEATURE(\"redirect\")dnl\n",
     .findings = {{2, "define('ALIAS_FILE','/etc/aliases')"}, {3, NULL}}},
    {.title = "as it should be; a value may hold quotes of its own",
     .platform = "rhel9",
     .sendmail_mc = "include(`/usr/share/sendmail-cf/m4/cf.m4')dnl\n"
                    "define(`ALIAS_FILE', `/etc/aliases')dnl\n"
                    "define(`confSMTP_LOGIN_MSG', `\"$j\"')dnl\n"},
};

const struct rule rule_sendmail_quotes = {
    .name = "sendmail-quotes",
    .summary = "sendmail.mc: the quotes stand the wrong way round",
    .why = "m4 opens a quote with the grave accent and closes it with the apostrophe.  With other "
           "signs, which a word processor or a copy from a web page leaves behind, nothing is "
           "quoted: they become part of the name or of the value, so that Sendmail's own define "
           "is not touched and its default holds.",
    .source = "cf/README, A BRIEF INTRODUCTION TO M4; the manual of GNU m4, Quoting input",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_quotes,
    RULE_EXAMPLES(examples),
};
