/* sendmail-unknown: names that Sendmail no longer has, or never had */
#include <string.h>

#include "rules/sendmail/lint.h"

enum { GUESSES_MAX = 1000 }; /* how many names are compared with all of Sendmail's */

static struct str guess_name(enum sendmail_kind kind, struct str name, unsigned *guesses)
{
    return (*guesses)++ < GUESSES_MAX ? lint_nearest(kind, name) : STR_NONE;
}

/* report_unguessed - a misspelled define among what follows has no finding */
static void report_unguessed(struct check *check, struct span span)
{
    check_reportf(check, span, "check the spelling of the names from here on",
                  "not decided from here on which names are misspelled: more than %d are unknown",
                  GUESSES_MAX)
        ->severity = SEVERITY_ADVICE;
}

/* write_advice - for a name that is not known */
static const char *write_advice(struct check *check, struct str nearest, const char *otherwise)
{
    if (nearest.at == NULL)
        return otherwise;
    return arena_cstr(check->arena,
                      arena_printf(check->arena, "did you mean %.*s?", STR_ARG(nearest)));
}

/* inspect_file - FEATURE, MAILER and OSTYPE read a file with that name */
static void inspect_file(struct check *check, const struct sendmail_item *item,
                         enum sendmail_kind kind, unsigned *guesses)
{
    struct str nearest = guess_name(kind, item->name, guesses);

    check_reportf(check, item->span,
                  write_advice(check, nearest,
                               "check the spelling; if it is a local file, this is not a problem"),
                  "Sendmail has no file for %.*s: without a local one m4 ends with an error",
                  STR_ARG(lint_words(check->arena, item)))
        ->severity = nearest.at != NULL ? SEVERITY_ERROR : SEVERITY_WARNING;
}

/* stands_alone - is the name used nowhere else, so that it is not a local macro? */
static bool stands_alone(const struct sendmail *sendmail, struct arena *arena, struct str name)
{
    struct str bytes = sendmail->source->bytes;
    const char *word = arena_cstr(arena, name);
    size_t first = str_search(bytes, word);

    return str_search(str_slice(bytes, first + name.len, bytes.len), word) ==
           bytes.len - first - name.len;
}

static void inspect_define(struct check *check, const struct sendmail_item *item, unsigned *guesses)
{
    bool conf = str_starts(item->name, "conf");

    if (facts_sendmail(SENDMAIL_MACRO, item->name) != NULL && !check->sendmail->is_cf) {
        check_reportf(check, item->span, "write it as a call, with the value as its argument",
                      "%.*s is a macro to be called: defining it removes Sendmail's own macro",
                      STR_ARG(lint_shown(check->arena, item->name)));
        return;
    }
    size_t blank = str_find(item->name, ' ', 0);
    if (facts_sendmail(SENDMAIL_DEFINE, str_slice(item->name, 0, blank)) != NULL) {
        check_reportf(check, item->span, "add a comma between name and value",
                      "a comma is missing: this defines \"%.*s\"",
                      STR_ARG(lint_shown(check->arena, item->name)));
        return;
    }
    struct str nearest = guess_name(SENDMAIL_DEFINE, item->name, guesses);
    if (!conf && (nearest.at == NULL || !stands_alone(check->sendmail, check->arena, item->name)))
        return; /* a local macro */
    check_reportf(check, item->span,
                  write_advice(check, nearest, "check the spelling, or remove the line"),
                  "Sendmail has no %.*s: the line has no effect",
                  STR_ARG(lint_shown(check->arena, item->name)));
}

/* is_misquoted - the rule sendmail-quotes reports these */
static bool is_misquoted(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (strchr("`'\"", name.at[i]) != NULL || (unsigned char)name.at[i] >= 0x80)
            return true;
    return false;
}

static void inspect_unknown(struct check *check, const struct sendmail_item *item,
                            unsigned *guesses)
{
    if (item->name.len == 0 || is_misquoted(item->name))
        return;
    if (item->kind == ITEM_DEFINE)
        inspect_define(check, item, guesses);
    else if (item->kind == ITEM_FEATURE)
        inspect_file(check, item, SENDMAIL_FEATURE, guesses);
    else if (item->kind == ITEM_MAILER)
        inspect_file(check, item, SENDMAIL_MAILER, guesses);
    else if (item->kind == ITEM_OSTYPE)
        inspect_file(check, item, SENDMAIL_OSTYPE, guesses);
    else if (item->kind == ITEM_OPTION)
        check_reportf(check, item->span, "check the spelling, or remove the line",
                      "Sendmail has no option %.*s", STR_ARG(lint_shown(check->arena, item->name)));
}

/* inspect_old - a name that was removed or replaced */
static void inspect_old(struct check *check, const struct sendmail_item *item,
                        const struct sendmail_fact *fact)
{
    struct str words = lint_words(check->arena, item);
    const char *advice = "remove the line";

    if (fact->instead.len > 0)
        advice = arena_cstr(check->arena,
                            arena_printf(check->arena, "use %.*s", STR_ARG(fact->instead)));
    if (!fact->gone)
        check_reportf(check, item->span, advice, "%.*s is an old name that still works",
                      STR_ARG(words))
            ->severity = SEVERITY_ADVICE;
    else if (item->kind == ITEM_FEATURE)
        check_reportf(check, item->span, advice,
                      "Sendmail no longer has %.*s: m4 ends with an error", STR_ARG(words))
            ->severity = SEVERITY_ERROR;
    else
        check_reportf(
            check, item->span, advice, "Sendmail no longer has %.*s",
            STR_ARG(lint_shown(check->arena, check->sendmail->is_cf && fact->option.len > 0
                                                 ? fact->option
                                                 : item->name)));
}

static void check_unknown(struct check *check)
{
    const struct sendmail *sendmail = check->sendmail;
    unsigned guesses = 0;

    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        const struct sendmail_fact *fact = lint_fact(item);
        bool full = guesses > GUESSES_MAX;
        if (fact == NULL)
            inspect_unknown(check, item, &guesses);
        if (guesses > GUESSES_MAX && !full)
            report_unguessed(check, item->span);
        if (fact != NULL && (fact->gone || fact->instead.len > 0))
            inspect_old(check, item, fact);
    }
}

static const struct example examples[] = {
    {.title = "an old option, and a misspelled one",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`confAUTO_REBUILD', `True')dnl\n"
                            "define(`confLOG_LEVLE', `9')dnl\n"
                            "define(`mine', `x')dnl\n",
     .findings = {{2, NULL}, {3, "define(`confLOG_LEVLE', `9')"}}},
    {.title = "misspelled features and mailers, and a macro that is defined",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`acces_db')dnl\nFEATURE(`Virtusertable')dnl\n"
                            "define(`SMARTHOST', `relay.example.com')dnl\n"
                            "define(`MASQUERADE_AS', `example.com')dnl\nMAILER(`stmp')dnl\n",
     .findings = {{2, "FEATURE(`acces_db')"}, {3, NULL}, {4, NULL}, {5, NULL}, {6, NULL}}},
    {.title = "old names",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`access_db')dnl\nFEATURE(`blacklist_recipients')dnl\n"
                            "FEATURE(`rbl')dnl\n",
     .findings = {{3, NULL}, {4, NULL}}},
    {.title = "a local macro may resemble one of Sendmail's",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`SMARTHOST', `relay.example.com')dnl\n"
                            "define(`SMART_HOST', SMARTHOST)dnl\n"},
};

const struct rule rule_sendmail_unknown = {
    .name = "sendmail-unknown",
    .summary = "sendmail.mc: a name that Sendmail does not have, or no longer has",
    .why = "A define that Sendmail's own files do not read is just another macro to m4: it has no "
           "effect, and no error is reported.  Some names were options of older releases; others "
           "are misspelled.  FEATURE, MAILER and OSTYPE read a file: if it does not exist, m4 ends "
           "with an error.",
    .source = "cf/README and RELEASE_NOTES of Sendmail 8.17 and 8.18; m4/cfhead.m4",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_unknown,
    RULE_EXAMPLES(examples),
};
