/* sendmail-dnl: directives that dnl hides, and comments that do not hide theirs */
#include "parser/sendmail/mc.h"
#include "rules/sendmail/lint.h"

/* is_known - is it one of Sendmail's macros, or a builtin with an effect? */
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

/* find_call - the name of the call that TEXT starts with, or nothing */
static struct str find_call(struct str text)
{
    size_t end = 0;

    text = str_trim(text);
    while (end < text.len && lint_is_word(text.at[end]))
        end++;
    struct str name = str_slice(text, 0, end);
    return end < text.len && text.at[end] == '(' && is_known(name) ? name : str_slice(text, 0, 0);
}

/* find_front - the text on the line before AT */
static struct str find_front(const struct source *source, size_t at)
{
    struct str line = source_line(source, at);

    return str_trim(str_slice(line, 0, (size_t)(source->bytes.at + at - line.at)));
}

static void inspect_comment(struct check *check, const struct sendmail_directive *directive)
{
    struct str name = find_call(directive->text);
    struct span span = directive->span;

    if (name.len == 0)
        return;
    if (!str_starts(span_str(span), "dnl")) {
        check_reportf(check, span, "move it to a line of its own",
                      "the macro here ends in dnl: the %.*s after it on the line is lost",
                      STR_ARG(name));
        return;
    }
    struct str front = find_front(span.source, span.at);
    bool only_marks = str_span(front, 0, "#") == front.len; /* "#dnl": meant to be a comment */
    if (!only_marks && !str_starts(front, "dnl"))
        check_reportf(check, span, "move it to a line of its own, or remove it",
                      "this %.*s is after a dnl on the same line and has no effect", STR_ARG(name));
}

static void report_glued(struct check *check, struct span span)
{
    struct finding *finding =
        check_reportf(check, span, "add a space after dnl",
                      "Sendmail does not start: m4 does not know the word that starts with dnl, "
                      "and writes the line to sendmail.cf");

    finding->severity = SEVERITY_ERROR;
    if (str_starts(span_str(span), "dnl"))
        finding_edit(check, finding, (struct span){span.source, span.at + 3, 0}, str_of(" "));
}

static void inspect_text(struct check *check, const struct sendmail_directive *directive)
{
    if (directive->divert == 0 && str_starts(directive->text, "dnl") && directive->text.len > 3 &&
        lint_is_word(directive->text.at[3]))
        report_glued(check, directive->span);
}

static void inspect_call(struct check *check, const struct sendmail_directive *directive)
{
    if (!directive->written || directive->depth != 1 || directive->span.source == NULL ||
        !is_known(directive->text) || directive->fate == M4_PRELUDE)
        return;
    if (str_starts(find_front(directive->span.source, directive->span.at), "#"))
        check_reportf(check, directive->span, "replace \"#\" with dnl",
                      "\"#\" does not hide this %.*s from m4: it is in effect",
                      STR_ARG(directive->text));
}

static void check_dnl(struct check *check)
{
    const struct sendmail_mc *mc = check->sendmail->mc;

    for (size_t i = 0; mc != NULL && i < mc->count; i++) {
        const struct sendmail_directive *directive = &mc->directives[i];
        if (directive->kind == SENDMAIL_COMMENT)
            inspect_comment(check, directive);
        else if (directive->kind == SENDMAIL_TEXT)
            inspect_text(check, directive);
        else if (directive->kind == SENDMAIL_CALL)
            inspect_call(check, directive);
    }
}

static const struct example examples[] = {
    {.title = "two directives on one line",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "EXPOSED_USER(`root') MAILER(`smtp')dnl\n"
                            "OSTYPE(`linux')dnl FEATURE(`redirect')dnl\n",
     .findings = {{2, NULL}, {3, NULL}}},
    {.title = "a missing space, and a comment that has no effect",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "dnlFEATURE(`redirect')dnl\n# FEATURE(`access_db')\n",
     .findings = {{2, NULL}, {3, "FEATURE(`access_db')"}},
     .fixed_sendmail_mc = PRELUDE "dnl FEATURE(`redirect')dnl\n# FEATURE(`access_db')\n"},
    {.title = "valid comments",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "dnl # FEATURE(`redirect')dnl\n#dnl FEATURE(`redirect')dnl\n"
                            "dnl FEATURE(`redirect')dnl\nFEATURE(`access_db')dnl # why\n"},
};

const struct rule rule_sendmail_dnl = {
    .name = "sendmail-dnl",
    .summary = "sendmail.mc: dnl hides a directive by mistake, or does not hide one",
    .why = "dnl removes the rest of its line.  Several of Sendmail's macros, such as EXPOSED_USER "
           "and LOCAL_DOMAIN, end in dnl, so that a directive after them on the same line is lost. "
           " dnl is a word: without a space or punctuation after it, it is part of another word, "
           "which is written to sendmail.cf.  And \"#\" does not start a comment in m4 after cf.m4 "
           "was included: a call after it is in effect.",
    .source = "cf/README, A BRIEF INTRODUCTION TO M4; cf/m4/cfhead.m4",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_dnl,
    RULE_EXAMPLES(examples),
};
