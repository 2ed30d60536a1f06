/* sendmail-quotes: characters that m4 does not accept as quotes */
#include <string.h>

#include "rules/sendmail/lint.h"

/* what people use as quotes: ' and ", and those of word processors */
static const char *const marks[] = {
    "'", "\"", "\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9c", "\xe2\x80\x9d", "\xc2\xb4"};

static size_t measure_start_mark(struct str text)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (str_starts(text, marks[i]))
            return strlen(marks[i]);
    return 0;
}

static size_t measure_end_mark(struct str text)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (str_ends(text, marks[i]))
            return strlen(marks[i]);
    return 0;
}

/* takes_names - is the first argument a name, which cannot contain quotes? */
static bool takes_names(const struct sendmail_directive *directive)
{
    static const char *const macros[] = {"define", "undefine", "FEATURE",
                                         "MAILER", "OSTYPE",   "DOMAIN"};

    for (size_t i = 0; i < sizeof macros / sizeof *macros; i++)
        if (sendmail_calls(directive, macros[i]))
            return true;
    return false;
}

/* find_apostrophe - the position of an apostrophe that does not close a quote, or the length of the
   text */
static size_t find_apostrophe(struct str text)
{
    size_t quotes = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\'' && quotes == 0)
            return i;
        quotes += text.at[i] == '`';
        quotes -= text.at[i] == '\'';
    }
    return text.len;
}

static bool is_wrong(struct str raw, bool name)
{
    if (raw.len == 0)
        return false;
    if (raw.at[0] == '"' && !name) /* a value may contain them */
        return find_apostrophe(raw) < raw.len;
    return measure_start_mark(raw) > 0 || find_apostrophe(raw) < raw.len;
}

/* fix_argument - the argument in m4's quotes; STR_NONE if the intention is not certain */
static struct str fix_argument(struct arena *arena, struct str raw)
{
    size_t front = measure_start_mark(raw);
    size_t back = raw.len > front ? measure_end_mark(str_slice(raw, front, raw.len)) : 0;
    struct str inner = str_slice(raw, front, raw.len - back);

    if (back == 0 || inner.len == 0)
        return STR_NONE;
    for (size_t i = 0; i < inner.len; i++)
        if (strchr("`'\"(),\n", inner.at[i]) != NULL || inner.at[i] < ' ')
            return STR_NONE;
    return arena_printf(arena, "`%.*s'", STR_ARG(inner));
}

/* fix_arguments - all wrong arguments of a call, or none */
static void fix_arguments(struct check *check, struct finding *finding, const struct span *raw,
                          size_t count, bool names)
{
    struct str *texts = arena_alloc(check->arena, count * sizeof *texts);

    for (size_t i = 0; i < count; i++) {
        texts[i] = STR_NONE;
        if (!is_wrong(span_str(raw[i]), names && i == 0))
            continue;
        texts[i] = fix_argument(check->arena, span_str(raw[i]));
        if (texts[i].at == NULL)
            return;
    }
    for (size_t i = 0; i < count; i++)
        if (texts[i].at != NULL)
            finding_edit(check, finding, raw[i], texts[i]);
}

static void inspect_arguments(struct check *check, const struct sendmail_directive *directive,
                              const struct span *raw, size_t count)
{
    bool names = takes_names(directive);

    for (size_t i = 0; i < count; i++) {
        struct str text = span_str(raw[i]);
        if (!is_wrong(text, names && i == 0))
            continue;
        bool opens = measure_start_mark(text) > 0 && text.at[text.len - 1] != '`';
        struct finding *finding = check_reportf(
            check, raw[i], "start with ` (grave accent) and end with ' (apostrophe)",
            opens
                ? "m4 reads this quote as part of the argument: %.*s"
                : "this apostrophe does not close a quote, and becomes part of the argument: %.*s",
            STR_ARG(lint_shown(check->arena, text)));
        fix_arguments(check, finding, raw, count, names);
        return;
    }
}

/* inspect_unquoted - a name that m4 replaces by its value before define is called */
static void inspect_unquoted(struct check *check, const struct sendmail_directive *directive,
                             const struct span *raw, size_t count)
{
    if (count == 0 ||
        (!sendmail_calls(directive, "define") && !sendmail_calls(directive, "undefine")))
        return;
    struct str name = span_str(raw[0]);
    if (name.len == 0 ||
        str_span(name, 0,
                 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
                 "0123456789") < name.len ||
        str_eq(name, sendmail_directive_argument(directive, 1)))
        return;
    struct finding *finding = check_reportf(
        check, raw[0], "write the name as `name'",
        "without quotes m4 replaces %.*s by its value, and the line applies to that: %.*s",
        STR_ARG(lint_shown(check->arena, name)),
        STR_ARG(lint_shown(check->arena, sendmail_directive_argument(directive, 1))));
    finding_edit(check, finding, raw[0], arena_printf(check->arena, "`%.*s'", STR_ARG(name)));
}

static void check_quotes(struct check *check)
{
    const struct sendmail_mc *mc = check->sendmail->mc;
    struct span *raw;

    if (mc == NULL || lint_changes_quotes(check->sendmail))
        return;
    for (size_t i = 0; i < mc->count; i++) {
        const struct sendmail_directive *directive = &mc->directives[i];
        if (directive->kind != SENDMAIL_CALL || !directive->written)
            continue;
        size_t count = lint_raw_arguments(check->arena, directive, &raw);
        inspect_arguments(check, directive, raw, count);
        inspect_unquoted(check, directive, raw, count);
    }
}

static const struct example examples[] = {
    {.title = "apostrophes on both sides",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define('ALIAS_FILE','/etc/aliases')dnl\n"
                            "FEATURE(\"redirect\")dnl\n",
     .findings = {{2, "'ALIAS_FILE'"}, {3, "\"redirect\""}},
     .fixed_sendmail_mc = PRELUDE "define(`ALIAS_FILE',`/etc/aliases')dnl\n"
                                  "FEATURE(`redirect')dnl\n"},
    {.title = "quotes from a word processor",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(\xe2\x80\x98"
                            "confLOG_LEVEL\xe2\x80\x99, \xe2\x80\x98"
                            "12\xe2\x80\x99)dnl\n",
     .findings = {{2, NULL}},
     .fixed_sendmail_mc = PRELUDE "define(`confLOG_LEVEL', `12')dnl\n"},
    {.title = "a missing grave accent; an apostrophe within the text",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`SMART_HOST', relay.example.com')dnl\n"
                            "define(`confSMTP_LOGIN_MSG', `$j Bob's mail')dnl\n",
     .findings = {{2, "relay.example.com'"}, {3, NULL}},
     .fixed_sendmail_mc = PRELUDE "define(`SMART_HOST', `relay.example.com')dnl\n"
                                  "define(`confSMTP_LOGIN_MSG', `$j Bob's mail')dnl\n"},
    {.title = "a name that already has a value",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(confLOG_LEVEL, `12')dnl\n",
     .findings = {{2, "confLOG_LEVEL"}},
     .fixed_sendmail_mc = PRELUDE "define(`confLOG_LEVEL', `12')dnl\n"},
    {.title = "valid quotes; a value may contain quotes of its own",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`ALIAS_FILE', `/etc/aliases')dnl\n"
                            "define(`confSMTP_LOGIN_MSG', `\"$j\"')dnl\n"
                            "define(`confDOMAIN_NAME', mail.example.com)dnl\n"},
};

const struct rule rule_sendmail_quotes = {
    .name = "sendmail-quotes",
    .summary = "sendmail.mc: wrong or missing quotes",
    .why = "m4 starts a quote with the grave accent and ends it with the apostrophe.  Other "
           "characters, as left by word processors or copied from web pages, quote nothing: they "
           "become part of the name or of the value, so that Sendmail's own define is not changed "
           "and its default remains in effect.",
    .source = "cf/README, A BRIEF INTRODUCTION TO M4; the manual of GNU m4, Quoting input",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_quotes,
    RULE_EXAMPLES(examples),
};
