/* sendmail-syntax: where m4 gives up */
#include "rules/sendmail/lint.h"

/* what to do about an error of m4, by a word of its text */
static const struct advice {
    const char *word, *text;
} advices[] = {
    {"quote", "close it with an apostrophe ('); a second grave accent (`) opens one more quote"},
    {"parenthesis", "close it; a quote left open or closed too early also swallows one"},
    {"comment", "end it; behind cf.m4 \"#\" starts none"},
    {"deeper", "look whether a macro calls itself, or whether its name wants quotes"},
    {"more", "look whether a macro calls itself, or whether its name wants quotes"},
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
    .summary = "sendmail.mc: m4 can't read it to its end",
    .why =
        "m4 looks for the end of a quote or of a call up to the end of the file, and says only "
        "there that something was wrong.  What comes of it has no mailers and no rules: Sendmail "
        "does not start with it.",
    .source = "the manual of GNU m4, Quoting input and Macro arguments",
    .severity = SEVERITY_ERROR,
    .sendmail = true,
    .check = check_syntax,
    RULE_EXAMPLES(examples),
};
