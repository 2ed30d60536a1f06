/* sendmail-needs: directives that build on another one */
#include "base/map.h"
#include "rules/sendmail/lint.h"

/* index_names - the first directive of each name, of features and macros */
static void index_names(struct map *names, const struct sendmail *sendmail, struct arena *arena)
{
    map_init(names, arena);
    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if ((item->kind == ITEM_FEATURE || item->kind == ITEM_MACRO) &&
            map_get(names, item->name) == NULL)
            map_put(names, item->name, (void *)item);
    }
}

/* written - a feature or macro by its name, as it is written */
static struct str written(struct arena *arena, struct str name)
{
    bool macro = name.len > 0 && name.at[0] >= 'A' && name.at[0] <= 'Z';

    return arena_printf(arena, macro ? "%.*s" : "FEATURE(`%.*s')", STR_ARG(name));
}

/* see_needs - m4 itself asks for it at that line */
static void see_needs(struct check *check, const struct sendmail_item *item, struct str needs,
                      const struct sendmail_item *other, bool whole)
{
    struct str words = lint_words(check->arena, item);
    struct str wanted = written(check->arena, needs);

    if (other != NULL && other < item)
        return;
    if (other != NULL)
        check_reportf(check, item->span, "move it behind that line",
                      "%.*s stands before %.*s in line %zu, which it needs: m4 complains and "
                      "leaves it out",
                      STR_ARG(words), STR_ARG(wanted), other->line);
    else if (whole)
        check_reportf(check, item->span,
                      arena_cstr(check->arena,
                                 arena_printf(check->arena, "put %.*s above it", STR_ARG(wanted))),
                      "%.*s needs %.*s: m4 complains and leaves it out", STR_ARG(words),
                      STR_ARG(wanted));
}

/* see_with - nothing complains, and nothing happens */
static void see_with(struct check *check, const struct sendmail_item *item, struct str with)
{
    struct str wanted = written(check->arena, with);

    check_reportf(
        check, item->span,
        arena_cstr(check->arena,
                   arena_printf(check->arena, "add %.*s, or take this line away", STR_ARG(wanted))),
        "without %.*s this %.*s does nothing", STR_ARG(wanted),
        STR_ARG(lint_words(check->arena, item)));
}

static void check_needs(struct check *check)
{
    const struct sendmail *sendmail = check->sendmail;
    bool whole = lint_is_whole(sendmail);
    struct map names;

    index_names(&names, sendmail, check->arena);
    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        const struct sendmail_fact *fact = lint_fact(item);
        if (fact == NULL || item->overridden)
            continue;
        if (fact->needs.len > 0)
            see_needs(check, item, fact->needs, map_get(&names, fact->needs), whole);
        if (fact->with.len > 0 && whole && map_get(&names, fact->with) == NULL &&
            map_get(&names, str_of("nullclient")) == NULL)
            see_with(check, item, fact->with);
    }
}

static const struct example examples[] = {
    {.title = "without the access table, or before it",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "OSTYPE(`linux')dnl\nFEATURE(`blocklist_recipients')dnl\n"
                            "FEATURE(`access_db')dnl\nFEATURE(`ratecontrol')dnl\n",
     .findings = {{3, "FEATURE(`blocklist_recipients')"}}},
    {.title = "domains of a table that is not there",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "GENERICS_DOMAIN(`example.com')dnl\n"
                            "FEATURE(`masquerade_entire_domain')dnl\n",
     .findings = {{2, NULL}, {3, NULL}}},
    {.title = "the table may stand in a file that is not here",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "include(`/etc/mail/common.m4')dnl\nFEATURE(`ratecontrol')dnl\n"},
};

const struct rule rule_sendmail_needs = {
    .name = "sendmail-needs",
    .summary = "sendmail.mc: a directive lacks the one that it builds on",
    .why =
        "Several features work with the access table, and m4 wants FEATURE(`access_db') in front "
        "of them: else it writes an error, which is easily overlooked, and leaves them out.  "
        "Others say something about a table or about masquerading, and without that nothing "
        "complains and nothing happens.",
    .source = "the files below feature/ of Sendmail 8.17; cf/README",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_needs,
    RULE_EXAMPLES(examples),
};
