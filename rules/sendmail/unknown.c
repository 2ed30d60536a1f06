/* sendmail-unknown: what Sendmail no longer knows, or never did */
#include <string.h>

#include "rules/sendmail/lint.h"

enum { GUESSES_MAX = 100 }; /* names that are compared with all that Sendmail knows */

static struct str guess(enum sendmail_kind kind, struct str name, unsigned *guesses)
{
    return (*guesses)++ < GUESSES_MAX ? lint_nearest(kind, name) : STR_NONE;
}

/* advise - what to do about a name that is not known */
static const char *advise(struct check *check, struct str nearest, const char *otherwise)
{
    if (nearest.at == NULL)
        return otherwise;
    return arena_cstr(check->arena,
                      arena_printf(check->arena, "perhaps %.*s was meant", STR_ARG(nearest)));
}

/* see_file - FEATURE, MAILER and OSTYPE read a file of that name */
static void see_file(struct check *check, const struct sendmail_item *item, enum sendmail_kind kind,
                     unsigned *guesses)
{
    struct str nearest = guess(kind, item->name, guesses);

    check_reportf(
        check, item->span,
        advise(check, nearest, "look at the spelling; if the file is your own, this is no mistake"),
        "Sendmail brings no file for %.*s: without one m4 ends with an error",
        STR_ARG(lint_words(check->arena, item)))
        ->severity = nearest.at != NULL ? SEVERITY_ERROR : SEVERITY_WARNING;
}

/* stands_once - is the name used nowhere else, so that it is no macro of the file's own? */
static bool stands_once(const struct sendmail *sendmail, struct arena *arena, struct str name)
{
    struct str bytes = sendmail->source->bytes;
    const char *word = arena_cstr(arena, name);
    size_t first = str_search(bytes, word);

    return str_search(str_slice(bytes, first + name.len, bytes.len), word) ==
           bytes.len - first - name.len;
}

static void see_define(struct check *check, const struct sendmail_item *item, unsigned *guesses)
{
    bool conf = str_starts(item->name, "conf");

    if (facts_sendmail(SENDMAIL_MACRO, item->name) != NULL && !check->sendmail->is_cf) {
        check_reportf(check, item->span, "write it as a call of its own, with the value in it",
                      "%.*s is a macro to be called: to define it takes Sendmail's own away",
                      STR_ARG(lint_shown(item->name)));
        return;
    }
    size_t blank = str_find(item->name, ' ', 0);
    if (facts_sendmail(SENDMAIL_DEFINE, str_slice(item->name, 0, blank)) != NULL) {
        check_reportf(check, item->span, "put a comma between name and value",
                      "a comma is missing: this defines \"%.*s\"", STR_ARG(lint_shown(item->name)));
        return;
    }
    struct str nearest = guess(SENDMAIL_DEFINE, item->name, guesses);
    if (!conf && (nearest.at == NULL || !stands_once(check->sendmail, check->arena, item->name)))
        return; /* a macro of the file's own */
    check_reportf(check, item->span,
                  advise(check, nearest, "look at the spelling, or take the line away"),
                  "Sendmail knows no %.*s: the line does nothing", STR_ARG(lint_shown(item->name)));
}

/* is_misquoted - rule sendmail-quotes has more to say about it */
static bool is_misquoted(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (strchr("`'\"", name.at[i]) != NULL || (unsigned char)name.at[i] >= 0x80)
            return true;
    return false;
}

static void see_unknown(struct check *check, const struct sendmail_item *item, unsigned *guesses)
{
    if (item->name.len == 0 || is_misquoted(item->name))
        return;
    if (item->kind == ITEM_DEFINE)
        see_define(check, item, guesses);
    else if (item->kind == ITEM_FEATURE)
        see_file(check, item, SENDMAIL_FEATURE, guesses);
    else if (item->kind == ITEM_MAILER)
        see_file(check, item, SENDMAIL_MAILER, guesses);
    else if (item->kind == ITEM_OSTYPE)
        see_file(check, item, SENDMAIL_OSTYPE, guesses);
    else if (item->kind == ITEM_OPTION)
        check_reportf(check, item->span, "look at the spelling, or take the line away",
                      "Sendmail knows no option %.*s", STR_ARG(lint_shown(item->name)));
}

/* see_old - a name that is gone, or that another one took the place of */
static void see_old(struct check *check, const struct sendmail_item *item,
                    const struct sendmail_fact *fact)
{
    struct str words = lint_words(check->arena, item);
    const char *advice = "take the line away";

    if (fact->instead.len > 0)
        advice = arena_cstr(check->arena,
                            arena_printf(check->arena, "write %.*s", STR_ARG(fact->instead)));
    if (!fact->gone)
        check_reportf(check, item->span, advice, "%.*s is an old name, which still works",
                      STR_ARG(words))
            ->severity = SEVERITY_ADVICE;
    else if (item->kind == ITEM_FEATURE)
        check_reportf(check, item->span, advice,
                      "Sendmail no longer has %.*s: m4 ends with an error", STR_ARG(words))
            ->severity = SEVERITY_ERROR;
    else
        check_reportf(
            check, item->span, advice, "Sendmail no longer knows %.*s",
            STR_ARG(lint_shown(check->sendmail->is_cf && fact->option.len > 0 ? fact->option
                                                                              : item->name)));
}

static void check_unknown(struct check *check)
{
    const struct sendmail *sendmail = check->sendmail;
    unsigned guesses = 0;

    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        const struct sendmail_fact *fact = lint_fact(item);
        if (fact == NULL)
            see_unknown(check, item, &guesses);
        else if (fact->gone || fact->instead.len > 0)
            see_old(check, item, fact);
    }
}

static const struct example examples[] = {
    {.title = "an option of old, and one misspelt",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`confAUTO_REBUILD', `True')dnl\n"
                            "define(`confLOG_LEVLE', `9')dnl\n"
                            "define(`mine', `x')dnl\n",
     .findings = {{2, NULL}, {3, "define(`confLOG_LEVLE', `9')"}}},
    {.title = "misspelt features and mailers, and a macro that is defined",
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
    {.title = "a macro of the file's own may look like one of Sendmail's",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`SMARTHOST', `relay.example.com')dnl\n"
                            "define(`SMART_HOST', SMARTHOST)dnl\n"},
};

const struct rule rule_sendmail_unknown = {
    .name = "sendmail-unknown",
    .summary = "sendmail.mc: Sendmail does not know this, or no longer",
    .why =
        "A define that Sendmail's own files do not read is a macro like any other to m4: nothing "
        "complains, and nothing happens.  Some names were options of older releases that are "
        "gone; others are misspelt.  FEATURE, MAILER and OSTYPE read a file: where there is none "
        "of that name, m4 ends with an error.",
    .source = "cf/README and RELEASE_NOTES of Sendmail 8.17 and 8.18; m4/cfhead.m4",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_unknown,
    RULE_EXAMPLES(examples),
};
