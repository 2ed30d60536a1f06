/* sendmail-syntax: errors that stop m4 */
#include "rules/sendmail/lint.h"

/* the advice for an error of m4, selected by a word in its text */
static const struct advice {
    const char *word, *text;
} advices[] = {
    {"quote", "close it with an apostrophe ('); a second grave accent (`) starts a nested quote"},
    {"parenthesis",
     "close it; a quote that is not closed, or closed too early, can also hide a parenthesis"},
    {"comment", "close it; after cf.m4 \"#\" does not start a comment"},
    {"deeper", "check whether a macro calls itself, or whether its name should be quoted"},
    {"more", "check whether a macro calls itself, or whether its name should be quoted"},
};

static void check_syntax(struct check *check)
{
    const struct sendmail_mc *mc = check->sendmail->mc;
    const char *advice = "";

    if (mc == NULL || !mc->failed)
        return;
    struct span span = mc->error_span;
    struct str error = mc->m4.error;
    for (size_t i = sizeof advices / sizeof *advices; i-- > 0;)
        if (str_search(error, advices[i].word) < error.len)
            advice = advices[i].text;
    if (span.len == 0 && span.source != NULL && span.at < span.source->bytes.len)
        span.len = 1;
    check_report(check, span, error, str_of(advice));
}

static const struct example examples[] = {
    {.title = "a quote that is not closed",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`confLOG_LEVEL, `12')dnl\nMAILER(`smtp')dnl\n",
     .findings = {{2, "`"}}},
    {.title = "a call that is not closed",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "OSTYPE(`linux')dnl\ndefine(`confLOG_LEVEL', `12'dnl\n",
     .findings = {{3, NULL}}},
    {.title = "a macro that calls itself",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`x', `x')dnl\nx\n",
     .findings = {{3, "x"}}},
    {.title = "nested quotes",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "ifdef(`x', `define(`confLOG_LEVEL', `12')')dnl\n"},
};

const struct rule rule_sendmail_syntax = {
    .name = "sendmail-syntax",
    .summary = "sendmail.mc: a syntax error that m4 reports",
    .why = "m4 searches for the end of a quote or a call up to the end of the file, and reports "
           "the error only there.  The resulting sendmail.cf has no mailers and no rules: Sendmail "
           "does not start with it.",
    .source = "the manual of GNU m4, Quoting input and Macro arguments",
    .severity = SEVERITY_ERROR,
    .sendmail = true,
    .check = check_syntax,
    RULE_EXAMPLES(examples),
};
