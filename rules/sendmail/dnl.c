/* sendmail-dnl: what dnl hides by mistake, and what "#" does not hide */
#include "parser/sendmail/mc.h"
#include "rules/sendmail/lint.h"

/* is_known - a macro of Sendmail's, or one that changes something */
static bool is_known(struct str name)
{
    size_t count;
    const struct m4_macro *macros = sendmail_macros(&count);

    for (size_t i = 0; i < count; i++)
        if (macros[i].reported && str_eq(macros[i].name, name))
            return true;
    return str_is(name, "define") || str_is(name, "undefine") || str_is(name, "include") ||
           str_is(name, "sinclude");
}

/* call_in - the name of the call that TEXT starts with, or nothing */
static struct str call_in(struct str text)
{
    size_t end = 0;

    text = str_trim(text);
    while (end < text.len && lint_is_word(text.at[end]))
        end++;
    struct str name = str_slice(text, 0, end);
    return end < text.len && text.at[end] == '(' && is_known(name) ? name : str_slice(text, 0, 0);
}

/* before - what stands on the line in front of AT */
static struct str before(const struct source *source, size_t at)
{
    struct str line = source_line(source, at);

    return str_trim(str_slice(line, 0, (size_t)(source->bytes.at + at - line.at)));
}

static void see_comment(struct check *check, const struct sendmail_directive *directive)
{
    struct str name = call_in(directive->text);
    struct span span = directive->span;

    if (name.len == 0)
        return;
    if (!str_starts(span_str(span), "dnl")) {
        check_reportf(check, span, "put it on a line of its own",
                      "the macro here ends in dnl: the %.*s behind it on the line is lost",
                      STR_ARG(name));
        return;
    }
    struct str front = before(span.source, span.at);
    bool only_marks = str_span(front, 0, "#") == front.len; /* "#dnl": meant to be a comment */
    if (!only_marks && !str_starts(front, "dnl"))
        check_reportf(check, span, "put it on a line of its own, or take it away",
                      "this %.*s stands behind a dnl on the same line and does nothing",
                      STR_ARG(name));
}

static void report_glued(struct check *check, struct span span)
{
    struct finding *finding =
        check_reportf(check, span, "put a blank behind dnl",
                      "m4 does not know the word that starts with dnl here: the line goes into "
                      "sendmail.cf, which Sendmail refuses");

    finding->severity = SEVERITY_ERROR;
    if (str_starts(span_str(span), "dnl"))
        finding_edit(check, finding, (struct span){span.source, span.at + 3, 0}, str_of(" "));
}

static void see_text(struct check *check, const struct sendmail_directive *directive)
{
    if (directive->divert == 0 && str_starts(directive->text, "dnl") && directive->text.len > 3 &&
        lint_is_word(directive->text.at[3]))
        report_glued(check, directive->span);
}

static void see_call(struct check *check, const struct sendmail_directive *directive)
{
    if (!directive->written || directive->depth != 1 || directive->span.source == NULL ||
        !is_known(directive->text) || directive->fate == M4_PRELUDE)
        return;
    if (str_starts(before(directive->span.source, directive->span.at), "#"))
        check_reportf(check, directive->span, "put dnl in place of the \"#\"",
                      "\"#\" does not hide this %.*s from m4: it is in force",
                      STR_ARG(directive->text));
}

static void check_dnl(struct check *check)
{
    const struct sendmail_mc *mc = check->sendmail->mc;

    for (size_t i = 0; mc != NULL && i < mc->count; i++) {
        const struct sendmail_directive *directive = &mc->directives[i];
        if (directive->kind == SENDMAIL_COMMENT)
            see_comment(check, directive);
        else if (directive->kind == SENDMAIL_TEXT)
            see_text(check, directive);
        else if (directive->kind == SENDMAIL_CALL)
            see_call(check, directive);
    }
}

static const struct example examples[] = {
    {.title = "two directives on one line",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "EXPOSED_USER(`root') MAILER(`smtp')dnl\n"
                            "OSTYPE(`linux')dnl FEATURE(`redirect')dnl\n",
     .findings = {{2, NULL}, {3, NULL}}},
    {.title = "a blank is missing, and a comment that is none",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "dnlFEATURE(`redirect')dnl\n# FEATURE(`access_db')\n",
     .findings = {{2, NULL}, {3, "FEATURE(`access_db')"}},
     .fixed_sendmail_mc = PRELUDE "dnl FEATURE(`redirect')dnl\n# FEATURE(`access_db')\n"},
    {.title = "comments as they should be",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "dnl # FEATURE(`redirect')dnl\n#dnl FEATURE(`redirect')dnl\n"
                            "dnl FEATURE(`redirect')dnl\nFEATURE(`access_db')dnl # why\n"},
};

const struct rule rule_sendmail_dnl = {
    .name = "sendmail-dnl",
    .summary = "sendmail.mc: dnl hides what it should not, or does not hide what it should",
    .why = "dnl takes away the rest of its line.  Several macros of Sendmail, such as EXPOSED_USER "
           "and LOCAL_DOMAIN, end in one, so that a directive behind them on the same line never "
           "happens.  dnl is a word: without a blank or a sign behind it, it is another word that "
           "goes into sendmail.cf.  And \"#\" is no comment for m4 once cf.m4 was read: what is "
           "called behind it is in force.",
    .source = "cf/README, A BRIEF INTRODUCTION TO M4; cf/m4/cfhead.m4",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_dnl,
    RULE_EXAMPLES(examples),
};
