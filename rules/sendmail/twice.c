/* sendmail-twice: what is said twice, and what is said by itself */
#include "base/map.h"
#include "rules/sendmail/lint.h"

struct earlier_lines {
    struct map defines, mailers;
    const struct sendmail_item *ostype;
};

/* names_itself - does the value hold the name as a word, which m4 then puts in, again and again? */
static bool names_itself(const struct sendmail_item *item)
{
    struct str value = item->argument_count > 0 ? item->arguments[0] : str_of("");
    size_t behind = item->name.len;

    if (item->name.len == 0 || value.len < item->name.len || !lint_is_word(item->name.at[0]) ||
        !str_eq(str_slice(value, 0, behind), item->name))
        return false;
    return behind == value.len || !lint_is_word(value.at[behind]);
}

/* see_define - options alone: other defines may have been read in between */
static void see_define(struct check *check, const struct sendmail_item *item, struct map *defines)
{
    const struct sendmail_item *earlier = map_get(defines, item->name);

    if (!str_starts(item->name, "conf"))
        return;
    if (names_itself(item))
        check_reportf(check, item->span, "put the value itself there",
                      "%.*s stands for itself here: m4 never comes to an end",
                      STR_ARG(lint_shown(item->name)))
            ->severity = SEVERITY_ERROR;
    map_put(defines, item->name, (void *)item);
    if (earlier == NULL || earlier->argument_count == 0 || item->argument_count == 0 ||
        str_search(item->arguments[0], arena_cstr(check->arena, earlier->arguments[0])) <
            item->arguments[0].len)
        return; /* the same, or the earlier value with something added */
    check_reportf(check, earlier->span, "keep one of the two",
                  "%.*s is set again in line %zu: this line does nothing",
                  STR_ARG(lint_shown(item->name)), item->line);
}

/* see_mailer - NULLCLIENT: the feature that has brought the mailers local and smtp, or NULL */
static void see_mailer(struct check *check, const struct sendmail_item *item, struct map *mailers)
{
    const struct sendmail_item *earlier = map_get(mailers, item->name);

    if (earlier == NULL)
        map_put(mailers, item->name, (void *)item);
    else
        check_reportf(check, item->span, "take this line away",
                      "MAILER(`%.*s') is there by %.*s in line %zu: m4 complains",
                      STR_ARG(lint_shown(item->name)), STR_ARG(lint_words(check->arena, earlier)),
                      earlier->line);
}

static void see_ostype(struct check *check, const struct sendmail_item *item,
                       struct earlier_lines *seen)
{
    if (seen->ostype != NULL)
        check_reportf(check, item->span, "keep the one that fits this system",
                      "there is an OSTYPE in line %zu already: m4 complains, and the paths of both "
                      "are mixed",
                      seen->ostype->line);
    seen->ostype = item;
}

static void check_twice(struct check *check)
{
    const struct sendmail *sendmail = check->sendmail;
    struct earlier_lines seen = {.ostype = NULL};

    map_init(&seen.defines, check->arena);
    map_init(&seen.mailers, check->arena);
    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if (item->kind == ITEM_DEFINE) {
            see_define(check, item, &seen.defines);
        } else if (item->kind == ITEM_UNDEFINE) {
            map_put(&seen.defines, item->name, NULL);
        } else if (item->kind == ITEM_MAILER && !sendmail->is_cf) {
            see_mailer(check, item, &seen.mailers);
        } else if (item->kind == ITEM_OSTYPE) {
            see_ostype(check, item, &seen);
        } else if (item->kind == ITEM_FEATURE &&
                   (str_is(item->name, "nullclient") || str_is(item->name, "msp"))) {
            map_put(&seen.mailers, str_of("local"), (void *)item);
            map_put(&seen.mailers, str_of("smtp"), (void *)item);
        }
    }
}

static const struct example examples[] = {
    {.title = "options, mailers and systems",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "OSTYPE(`linux')dnl\nOSTYPE(`solaris2')dnl\n"
                            "define(`confLOG_LEVEL', `12')dnl\n"
                            "define(`confLOG_LEVEL', `9')dnl\nMAILER(`smtp')dnl\n"
                            "MAILER(`smtp')dnl\n",
     .findings = {{3, NULL}, {4, "define(`confLOG_LEVEL', `12')"}, {7, NULL}}},
    {.title = "a value that is its own name",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`confLOG_LEVEL', `confLOG_LEVEL')dnl\n",
     .findings = {{2, NULL}}},
    {.title = "Sendmail's own value, with more behind it",
     .platform = "rhel9",
     .sendmail_mc =
         PRELUDE "define(`confMILTER_MACROS_ENVRCPT', confMILTER_MACROS_ENVRCPT`, b')dnl\n"},
    {.title = "a null client has its mailers",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`nullclient', `hub.example.com')dnl\nMAILER(`smtp')dnl\n",
     .findings = {{3, "MAILER(`smtp')"}}},
    {.title = "a value that is added to",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`confPRIVACY_FLAGS', `noexpn')dnl\n"
                            "define(`confPRIVACY_FLAGS', defn(`confPRIVACY_FLAGS')`,novrfy')dnl\n"},
};

const struct rule rule_sendmail_twice = {
    .name = "sendmail-twice",
    .summary = "sendmail.mc: the same thing is said twice",
    .why =
        "Of two defines of one option the later one holds, whatever the reader of the first "
        "thinks.  A MAILER that is there already, and a second OSTYPE, make m4 complain.  And an "
        "option that stands for itself keeps m4 busy for ever.",
    .source = "m4/cfhead.m4 and m4/proto.m4 of Sendmail 8.17",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_twice,
    RULE_EXAMPLES(examples),
};
