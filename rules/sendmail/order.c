/* sendmail-order: directives that are too late, or too early, to have an effect */
#include "rules/sendmail/lint.h"

#include "base/map.h"
#include "parser/text/token.h"

/* what was found so far */
struct order_state {
    bool mailer, smtp;
    struct map reads; /* names that a directive has read, with the item */
    struct map defines;
};

/* is_mailer_define - does the define configure a mailer, which MAILER reads? */
static bool is_mailer_define(struct str name)
{
    return !str_starts(name, "conf") &&
           (str_search(name, "_MAILER_") < name.len || str_search(name, "_SHELL_") < name.len);
}

static void inspect_below_mailer(struct check *check, const struct sendmail_item *item)
{
    static const char advice[] = "move it above the first MAILER";

    if (item->kind == ITEM_FEATURE)
        check_reportf(
            check, item->span, advice,
            "FEATURE is below MAILER: m4 reports an error, and changes to the mailers are lost");
    else if (item->kind == ITEM_DEFINE && is_mailer_define(item->name))
        check_reportf(check, item->span, advice,
                      "%.*s has no effect: it is set below MAILER, which reads it",
                      STR_ARG(item->name));
    else if (item->kind == ITEM_MACRO && str_is(item->name, "MODIFY_MAILER_FLAGS"))
        check_reportf(
            check, item->span, advice,
            "MODIFY_MAILER_FLAGS has no effect: it is below MAILER, which reads the flags");
    else if (item->kind == ITEM_OSTYPE)
        check_reportf(check, item->span, "move it to the top",
                      "OSTYPE is below MAILER: the paths of the system are set too late");
}

/* inspect_before_mailer - rulesets that m4 requires below MAILER, and uucp, which requires smtp */
static void inspect_before_mailer(struct check *check, const struct sendmail_item *item,
                                  const struct order_state *seen)
{
    static const char *const names[] = {"LOCAL_SRV_FEATURES", "LOCAL_CLT_FEATURES",
                                        "LOCAL_TRY_TLS",      "LOCAL_TLS_RCPT",
                                        "LOCAL_TLS_CLIENT",   "LOCAL_TLS_SERVER"};

    for (size_t i = 0; item->kind == ITEM_MACRO && i < sizeof names / sizeof *names; i++)
        if (str_is(item->name, names[i]) && !seen->mailer)
            check_reportf(check, item->span, "move it below MAILER",
                          "%s is above MAILER: m4 reports an error", names[i]);
    if (item->kind == ITEM_MAILER && str_is(item->name, "uucp") && !seen->smtp)
        check_reportf(check, item->span, "move it below MAILER(`smtp')",
                      "MAILER(`uucp') is above MAILER(`smtp'): m4 reports an error, and omits its "
                      "mailers for domains");
}

/* reads_now - does the directive read NAME?  A feature reads the default table type only if it sets
   none */
static bool reads_now(const struct sendmail_item *item, struct str name)
{
    struct str table = sendmail_argument(item, 0);

    return item->kind != ITEM_FEATURE || table.len == 0 || !str_is(name, "DATABASE_MAP_TYPE") ||
           str_search(table, "DATABASE_MAP_TYPE") < table.len;
}

/* keep_reads - remembers what a directive reads, and reports the defines that it overrides */
static void keep_reads(struct check *check, const struct sendmail_item *item,
                       const struct sendmail_fact *fact, struct order_state *seen)
{
    struct str reads = fact->reads, sets = fact->sets, name;

    while (token_next_plain(&reads, TOKEN_BLANKS, &name))
        if (map_get(&seen->reads, name) == NULL && reads_now(item, name))
            map_put(&seen->reads, name, (void *)item);
    while (token_next_plain(&sets, TOKEN_BLANKS, &name)) {
        const struct sendmail_item *define = map_get(&seen->defines, name);
        if (define == NULL)
            continue;
        check_reportf(
            check, define->span,
            arena_cstr(check->arena, arena_printf(check->arena, "move it below that line")),
            "%.*s on line %zu overrides %.*s: this line has no effect",
            STR_ARG(lint_words(check->arena, item)), item->line, STR_ARG(name));
        map_put(&seen->defines, name, NULL);
    }
}

static void inspect_define(struct check *check, const struct sendmail_item *item,
                           struct order_state *seen)
{
    const struct sendmail_item *reader = map_get(&seen->reads, item->name);

    if (reader != NULL)
        check_reportf(check, item->span,
                      arena_cstr(check->arena, arena_printf(check->arena, "move it above line %zu",
                                                            reader->line)),
                      "%.*s on line %zu has already read %.*s: this line is too late for it",
                      STR_ARG(lint_words(check->arena, reader)), reader->line, STR_ARG(item->name));
    map_put(&seen->defines, item->name, (void *)item);
}

/* inspect_overridden - a line of sendmail.cf above one that Sendmail's own files write */
static void inspect_overridden(struct check *check, const struct sendmail_item *item)
{
    const struct sendmail_fact *fact =
        item->kind == ITEM_OPTION ? facts_sendmail_option(item->name) : NULL;
    struct str text = span_str(item->span);

    if ((item->kind != ITEM_OPTION && item->kind != ITEM_CF_LINE) || !item->overridden ||
        item->refused == NULL)
        return;
    check_reportf(
        check, item->span,
        fact != NULL
            ? arena_printf(check->arena, "use define(`%.*s', ...) instead", STR_ARG(fact->name)).at
            : "use the define for it instead",
        "\"%.*s\" has no effect: Sendmail's own files write such a line below it",
        STR_ARG(lint_shown(check->arena, str_slice(text, 0, str_find(text, '\n', 0)))));
}

static void check_order(struct check *check)
{
    const struct sendmail *sendmail = check->sendmail;
    struct order_state seen = {0};

    map_init(&seen.reads, check->arena);
    map_init(&seen.defines, check->arena);
    for (size_t i = 0; i < sendmail->directive_count && !sendmail->is_cf; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        const struct sendmail_fact *fact = lint_fact(item);
        inspect_before_mailer(check, item, &seen);
        inspect_overridden(check, item);
        if (seen.mailer)
            inspect_below_mailer(check, item);
        seen.mailer = seen.mailer || item->kind == ITEM_MAILER;
        seen.smtp = seen.smtp || (item->kind == ITEM_MAILER && str_is(item->name, "smtp"));
        if (item->kind == ITEM_DEFINE && !(seen.mailer && is_mailer_define(item->name)))
            inspect_define(check, item, &seen);
        else if (fact != NULL && (item->kind == ITEM_FEATURE || item->kind == ITEM_OSTYPE))
            keep_reads(check, item, fact, &seen);
    }
}

static const struct example examples[] = {
    {.title = "below MAILER",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "OSTYPE(`linux')dnl\nMAILER(`smtp')dnl\n"
                            "FEATURE(`always_add_domain')dnl\n"
                            "define(`RELAY_MAILER_ARGS', `TCP $h 587')dnl\n"
                            "define(`confLOG_LEVEL', `9')dnl\n",
     .findings = {{4, "FEATURE(`always_add_domain')"}, {5, NULL}}},
    {.title = "below the feature that reads it, and above the one that sets it",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`confEBINDIR', `/usr/libexec')dnl\nOSTYPE(`linux')dnl\n"
                            "FEATURE(`virtusertable')dnl\n"
                            "define(`DATABASE_MAP_TYPE', `btree')dnl\nMAILER(`smtp')dnl\n",
     .findings = {{2, "define(`confEBINDIR', `/usr/libexec')"}, {5, NULL}}},
    {.title = "lines of sendmail.cf above Sendmail's own",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "OSTYPE(`linux')dnl\nDSrelay.example.com\nMAILER(`smtp')dnl\n"
                            "LOCAL_CONFIG\nO LogLevel=12\nO MaxMessageSize=5000000\n"
                            "DSrelay.example.com\n",
     .findings = {{3, "DSrelay.example.com"}, {6, "O LogLevel=12"}}},
    {.title = "above MAILER",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "OSTYPE(`linux')dnl\nMAILER(`uucp')dnl\nMAILER(`smtp')dnl\n",
     .findings = {{3, "MAILER(`uucp')"}}},
    {.title = "valid order",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`DATABASE_MAP_TYPE', `btree')dnl\nOSTYPE(`linux')dnl\n"
                            "define(`RELAY_MAILER_ARGS', `TCP $h 587')dnl\n"
                            "FEATURE(`virtusertable')dnl\nFEATURE(`always_add_domain')dnl\n"
                            "MAILER(`smtp')dnl\nMAILER(`procmail')dnl\n"},
};

const struct rule rule_sendmail_order = {
    .name = "sendmail-order",
    .summary = "sendmail.mc: a directive is in a place where it has no effect",
    .why = "m4 reads the macro file from top to bottom.  MAILER writes the mailer with the "
           "settings at that point: defines of a mailer's flags, path and arguments, and features "
           "such as always_add_domain, allmasquerade, local_lmtp and smrsh, have no effect below "
           "it.  OSTYPE and FEATURE read some defines and set others: a define must be above those "
           "that read it and below those that set it.  Lines of sendmail.cf are written before "
           "those of Sendmail's own files, and the last line for an option is in effect.",
    .source = "cf/README, A BRIEF INTRODUCTION TO M4 (the order); the output of m4 with the files "
              "of Sendmail 8.17 in either order",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_order,
    RULE_EXAMPLES(examples),
};
