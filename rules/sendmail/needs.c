/* sendmail-needs: directives that require another one */
#include "base/map.h"
#include "rules/sendmail/lint.h"

/* index_names - the first directive with each name, for features and macros */
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

/* write_name - a feature or macro as written in the file */
static struct str write_name(struct arena *arena, struct str name)
{
    bool macro = name.len > 0 && name.at[0] >= 'A' && name.at[0] <= 'Z';

    return arena_printf(arena, macro ? "%.*s" : "FEATURE(`%.*s')", STR_ARG(name));
}

/* inspect_needs - m4 itself requires it above that line */
static void inspect_needs(struct check *check, const struct sendmail_item *item, struct str needs,
                          const struct sendmail_item *other, bool whole)
{
    struct str words = lint_words(check->arena, item);
    struct str wanted = write_name(check->arena, needs);

    if (other != NULL && other < item)
        return;
    if (other != NULL)
        check_reportf(
            check, item->span, "move it below that line",
            "m4 reports an error and ignores %.*s: it is above %.*s on line %zu, which it requires",
            STR_ARG(words), STR_ARG(wanted), other->line);
    else if (whole)
        check_reportf(check, item->span,
                      arena_cstr(check->arena,
                                 arena_printf(check->arena, "add %.*s above it", STR_ARG(wanted))),
                      "m4 reports an error and ignores %.*s: it requires %.*s", STR_ARG(words),
                      STR_ARG(wanted));
}

/* inspect_with - no error is reported */
static void inspect_with(struct check *check, const struct sendmail_item *item, struct str with)
{
    struct str wanted = write_name(check->arena, with);

    check_reportf(
        check, item->span,
        arena_cstr(check->arena,
                   arena_printf(check->arena, "add %.*s or remove this line", STR_ARG(wanted))),
        "without %.*s this %.*s has no effect", STR_ARG(wanted),
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
            inspect_needs(check, item, fact->needs, map_get(&names, fact->needs), whole);
        if (fact->with.len > 0 && whole && map_get(&names, fact->with) == NULL &&
            map_get(&names, str_of("nullclient")) == NULL)
            inspect_with(check, item, fact->with);
    }
}

static const struct example examples[] = {
    {.title = "the access table is missing, or below",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "OSTYPE(`linux')dnl\nFEATURE(`blocklist_recipients')dnl\n"
                            "FEATURE(`access_db')dnl\nFEATURE(`ratecontrol')dnl\n",
     .findings = {{3, "FEATURE(`blocklist_recipients')"}}},
    {.title = "domains for a table that does not exist",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "GENERICS_DOMAIN(`example.com')dnl\n"
                            "FEATURE(`masquerade_entire_domain')dnl\n",
     .findings = {{2, NULL}, {3, NULL}}},
    {.title = "the table may be in a file that was not found",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "include(`/etc/mail/common.m4')dnl\nFEATURE(`ratecontrol')dnl\n"},
};

const struct rule rule_sendmail_needs = {
    .name = "sendmail-needs",
    .summary = "sendmail.mc: a directive requires another one that is missing",
    .why = "Several features use the access table, and m4 requires FEATURE(`access_db') above "
           "them: otherwise it reports an error, which is easily overlooked, and ignores them.  "
           "Others add to a table or to masquerading, and have no effect without it; no error is "
           "reported for these.",
    .source = "the files below feature/ of Sendmail 8.17; cf/README",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_needs,
    RULE_EXAMPLES(examples),
};
