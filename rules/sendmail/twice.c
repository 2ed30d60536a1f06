/* sendmail-twice: repeated directives, and defines that refer to themselves */
#include "base/map.h"
#include "rules/sendmail/lint.h"

struct earlier_lines {
    struct map defines, mailers;
    const struct sendmail_item *ostype;
};

/* names_itself - does the value contain the name as a word, which m4 would replace without end? */
static bool names_itself(const struct sendmail_item *item)
{
    struct str value = item->argument_count > 0 ? item->arguments[0] : str_of("");
    size_t behind = item->name.len;

    if (item->name.len == 0 || value.len < item->name.len || !lint_is_word(item->name.at[0]) ||
        !str_eq(str_slice(value, 0, behind), item->name))
        return false;
    return behind == value.len || !lint_is_word(value.at[behind]);
}

/* inspect_define - options only: other defines may have been read in between */
static void inspect_define(struct check *check, const struct sendmail_item *item,
                           struct map *defines)
{
    const struct sendmail_item *earlier = map_get(defines, item->name);

    if (!str_starts(item->name, "conf"))
        return;
    if (names_itself(item))
        check_reportf(check, item->span, "use the value itself",
                      "%.*s refers to itself: m4 does not terminate",
                      STR_ARG(lint_shown(check->arena, item->name)))
            ->severity = SEVERITY_ERROR;
    map_put(defines, item->name, (void *)item);
    if (earlier == NULL || earlier->argument_count == 0 || item->argument_count == 0 ||
        str_search(item->arguments[0], arena_cstr(check->arena, earlier->arguments[0])) <
            item->arguments[0].len)
        return; /* the same value, or the earlier value with an addition */
    check_reportf(check, earlier->span, "keep one of the two",
                  "%.*s is set again on line %zu: this line has no effect",
                  STR_ARG(lint_shown(check->arena, item->name)), item->line);
}

/* inspect_mailer - a feature may have called the mailers local and smtp already */
static void inspect_mailer(struct check *check, const struct sendmail_item *item,
                           struct map *mailers)
{
    const struct sendmail_item *earlier = map_get(mailers, item->name);

    if (earlier == NULL)
        map_put(mailers, item->name, (void *)item);
    else
        check_reportf(check, item->span, "remove this line",
                      "MAILER(`%.*s') is already included by %.*s on line %zu: m4 reports an error",
                      STR_ARG(lint_shown(check->arena, item->name)),
                      STR_ARG(lint_words(check->arena, earlier)), earlier->line);
}

static void inspect_ostype(struct check *check, const struct sendmail_item *item,
                           struct earlier_lines *seen)
{
    if (seen->ostype != NULL)
        check_reportf(check, item->span, "keep the one for this system",
                      "OSTYPE is already set on line %zu: m4 reports an error, and the paths of "
                      "both are mixed",
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
            inspect_define(check, item, &seen.defines);
        } else if (item->kind == ITEM_UNDEFINE) {
            map_put(&seen.defines, item->name, NULL);
        } else if (item->kind == ITEM_MAILER && !sendmail->is_cf) {
            inspect_mailer(check, item, &seen.mailers);
        } else if (item->kind == ITEM_OSTYPE) {
            inspect_ostype(check, item, &seen);
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
    {.title = "Sendmail's own value with an addition",
     .platform = "rhel9",
     .sendmail_mc =
         PRELUDE "define(`confMILTER_MACROS_ENVRCPT', confMILTER_MACROS_ENVRCPT`, b')dnl\n"},
    {.title = "a null client includes its mailers",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE(`nullclient', `hub.example.com')dnl\nMAILER(`smtp')dnl\n",
     .findings = {{3, "MAILER(`smtp')"}}},
    {.title = "an addition to a value",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`confPRIVACY_FLAGS', `noexpn')dnl\n"
                            "define(`confPRIVACY_FLAGS', defn(`confPRIVACY_FLAGS')`,novrfy')dnl\n"},
};

const struct rule rule_sendmail_twice = {
    .name = "sendmail-twice",
    .summary = "sendmail.mc: a directive is repeated",
    .why = "If an option is defined twice, the later define is in effect, whatever the reader of "
           "the first expects.  A repeated MAILER or a second OSTYPE makes m4 report an error.  "
           "And m4 does not terminate if an option refers to itself.",
    .source = "m4/cfhead.m4 and m4/proto.m4 of Sendmail 8.17",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_twice,
    RULE_EXAMPLES(examples),
};
