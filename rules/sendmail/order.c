/* sendmail-order: what comes too late, or too early, to count */
#include "rules/sendmail/lint.h"

#include "base/map.h"
#include "parser/text/token.h"

/* what was met so far */
struct order_state {
    bool mailer, smtp;
    struct map reads; /* names that a directive has read: the item */
    struct map defines;
};

/* is_mailer_define - does the define say something of a mailer, which is read at its MAILER line?
 */
static bool is_mailer_define(struct str name)
{
    return !str_starts(name, "conf") &&
           (str_search(name, "_MAILER_") < name.len || str_search(name, "_SHELL_") < name.len);
}

static void see_behind_mailer(struct check *check, const struct sendmail_item *item)
{
    static const char advice[] = "move it before the first MAILER";

    if (item->kind == ITEM_FEATURE)
        check_reportf(check, item->span, advice,
                      "FEATURE stands behind MAILER: m4 complains, and what the feature changes in "
                      "the mailers is lost");
    else if (item->kind == ITEM_DEFINE && is_mailer_define(item->name))
        check_reportf(check, item->span, advice,
                      "%.*s is set behind MAILER, which was the time to read it",
                      STR_ARG(item->name));
    else if (item->kind == ITEM_MACRO && str_is(item->name, "MODIFY_MAILER_FLAGS"))
        check_reportf(check, item->span, advice,
                      "MODIFY_MAILER_FLAGS stands behind MAILER, which was the time to read it");
    else if (item->kind == ITEM_OSTYPE)
        check_reportf(check, item->span, "move it to the top",
                      "OSTYPE stands behind MAILER: the paths of the system come too late");
}

/* see_before_mailer - rulesets that m4 wants behind MAILER, and uucp, which wants smtp */
static void see_before_mailer(struct check *check, const struct sendmail_item *item,
                              const struct order_state *seen)
{
    static const char *const names[] = {"LOCAL_SRV_FEATURES", "LOCAL_CLT_FEATURES",
                                        "LOCAL_TRY_TLS",      "LOCAL_TLS_RCPT",
                                        "LOCAL_TLS_CLIENT",   "LOCAL_TLS_SERVER"};

    for (size_t i = 0; item->kind == ITEM_MACRO && i < sizeof names / sizeof *names; i++)
        if (str_is(item->name, names[i]) && !seen->mailer)
            check_reportf(check, item->span, "move it behind MAILER",
                          "%s stands before MAILER: m4 complains", names[i]);
    if (item->kind == ITEM_MAILER && str_is(item->name, "uucp") && !seen->smtp)
        check_reportf(check, item->span, "move it behind MAILER(`smtp')",
                      "MAILER(`uucp') stands before MAILER(`smtp'): m4 complains, and its mailers "
                      "for domains are left out");
}

/* reads_now - does the directive read NAME?  A feature with a table only where it says no other */
static bool reads_now(const struct sendmail_item *item, struct str name)
{
    struct str table = sendmail_argument(item, 0);

    return item->kind != ITEM_FEATURE || table.len == 0 || !str_is(name, "DATABASE_MAP_TYPE") ||
           str_search(table, "DATABASE_MAP_TYPE") < table.len;
}

/* keep_reads - remembers what a directive reads; reports the defines that it sets anew */
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
            arena_cstr(check->arena, arena_printf(check->arena, "move it behind that line")),
            "%.*s in line %zu sets %.*s anew: this line is lost",
            STR_ARG(lint_words(check->arena, item)), item->line, STR_ARG(name));
        map_put(&seen->defines, name, NULL);
    }
}

static void see_define(struct check *check, const struct sendmail_item *item,
                       struct order_state *seen)
{
    const struct sendmail_item *reader = map_get(&seen->reads, item->name);

    if (reader != NULL)
        check_reportf(check, item->span,
                      arena_cstr(check->arena, arena_printf(check->arena, "move it before line %zu",
                                                            reader->line)),
                      "%.*s in line %zu has read %.*s already: this comes too late for it",
                      STR_ARG(lint_words(check->arena, reader)), reader->line, STR_ARG(item->name));
    map_put(&seen->defines, item->name, (void *)item);
}

/* see_written - a line of sendmail.cf before one that Sendmail's own files write */
static void see_written(struct check *check, const struct sendmail_item *item)
{
    const struct sendmail_fact *fact =
        item->kind == ITEM_OPTION ? facts_sendmail_option(item->name) : NULL;
    struct str text = span_str(item->span);

    if ((item->kind != ITEM_OPTION && item->kind != ITEM_CF_LINE) || !item->overridden ||
        item->refused == NULL)
        return;
    check_reportf(check, item->span,
                  fact != NULL
                      ? arena_printf(check->arena, "write define(`%.*s', ...) in its place",
                                     STR_ARG(fact->name))
                            .at
                      : "write the define that it stands for in its place",
                  "Sendmail's own files write such a line behind \"%.*s\", which does nothing",
                  STR_ARG(lint_shown(str_slice(text, 0, str_find(text, '\n', 0)))));
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
        see_before_mailer(check, item, &seen);
        see_written(check, item);
        if (seen.mailer)
            see_behind_mailer(check, item);
        seen.mailer = seen.mailer || item->kind == ITEM_MAILER;
        seen.smtp = seen.smtp || (item->kind == ITEM_MAILER && str_is(item->name, "smtp"));
        if (item->kind == ITEM_DEFINE && !(seen.mailer && is_mailer_define(item->name)))
            see_define(check, item, &seen);
        else if (fact != NULL && (item->kind == ITEM_FEATURE || item->kind == ITEM_OSTYPE))
            keep_reads(check, item, fact, &seen);
    }
}

static const struct example examples[] = {
    {.title = "behind MAILER",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "OSTYPE(`linux')dnl\nMAILER(`smtp')dnl\n"
                            "FEATURE(`always_add_domain')dnl\n"
                            "define(`RELAY_MAILER_ARGS', `TCP $h 587')dnl\n"
                            "define(`confLOG_LEVEL', `9')dnl\n",
     .findings = {{4, "FEATURE(`always_add_domain')"}, {5, NULL}}},
    {.title = "behind the feature that reads it, and before the one that sets it",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`confEBINDIR', `/usr/libexec')dnl\nOSTYPE(`linux')dnl\n"
                            "FEATURE(`virtusertable')dnl\n"
                            "define(`DATABASE_MAP_TYPE', `btree')dnl\nMAILER(`smtp')dnl\n",
     .findings = {{2, "define(`confEBINDIR', `/usr/libexec')"}, {5, NULL}}},
    {.title = "lines of sendmail.cf before Sendmail's own",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "OSTYPE(`linux')dnl\nDSrelay.example.com\nMAILER(`smtp')dnl\n"
                            "LOCAL_CONFIG\nO LogLevel=12\nO MaxMessageSize=5000000\n"
                            "DSrelay.example.com\n",
     .findings = {{3, "DSrelay.example.com"}, {6, "O LogLevel=12"}}},
    {.title = "before MAILER",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "OSTYPE(`linux')dnl\nMAILER(`uucp')dnl\nMAILER(`smtp')dnl\n",
     .findings = {{3, "MAILER(`uucp')"}}},
    {.title = "as it should be",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`DATABASE_MAP_TYPE', `btree')dnl\nOSTYPE(`linux')dnl\n"
                            "define(`RELAY_MAILER_ARGS', `TCP $h 587')dnl\n"
                            "FEATURE(`virtusertable')dnl\nFEATURE(`always_add_domain')dnl\n"
                            "MAILER(`smtp')dnl\nMAILER(`procmail')dnl\n"},
};

const struct rule rule_sendmail_order = {
    .name = "sendmail-order",
    .summary = "sendmail.mc: something stands where it is ignored",
    .why =
        "m4 reads the macro file from top to bottom.  MAILER writes down the mailer with what is "
        "known at that line: defines of a mailer's flags, path and arguments, and features such "
        "as always_add_domain, allmasquerade, local_lmtp and smrsh, have no effect behind it.  "
        "OSTYPE and FEATURE read some defines at their line, and set others: a define counts only "
        "before the ones and behind the others.  Lines of sendmail.cf stand before those that "
        "Sendmail's own files write: of two for one thing the later one holds.",
    .source = "cf/README, A BRIEF INTRODUCTION TO M4 (the order); what m4 makes of the files of "
              "Sendmail 8.17 in either order",
    .severity = SEVERITY_WARNING,
    .sendmail = true,
    .check = check_order,
    RULE_EXAMPLES(examples),
};
