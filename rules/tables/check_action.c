/* check_action - results of header_checks and body_checks that are not actions */
#include "parser/tables/ref.h"
#include "parser/tables/table.h"
#include "rules/tables/tables.h"
#include "smtp/service/policy.h"

struct action_search {
    struct check *check;
    struct map places; /* that were reported */
};

/* header_checks(5); DELAY is one of them only where Postfix was built with it */
static const char *const actions[] = {"BCC",      "DISCARD", "DUNNO",   "FILTER", "HOLD",
                                      "IGNORE",   "INFO",    "OK",      "PASS",   "PREPEND",
                                      "REDIRECT", "REJECT",  "REPLACE", "STRIP",  "WARN"};

static bool is_action(struct str word)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (str_is_nocase(word, actions[i]))
            return true;
    return false;
}

static void see_use(void *context, const struct used_table *use)
{
    struct action_search *search = context;
    struct check *check = search->check;
    const struct table_entry *entries;

    if (use->ref->inside != NULL || use->file.at != NULL ||
        (!str_ends(use->parameter, "header_checks") && !str_ends(use->parameter, "body_checks")))
        return;
    size_t count = table_entries(
        table_open(check_policy(check)->tables, use->ref->text, TABLE_FOLD), &entries);
    for (size_t i = 0; i < count; i++) {
        struct str value = entries[i].value;
        struct str word = str_slice(value, 0, str_span_not(value, 0, " \t"));
        struct span span =
            entries[i].span.source != NULL ? entries[i].span : tables_span(check, use);
        struct str place = tables_place(check, span);
        /* an empty result has the rule skipped-line; "$1" depends on the message */
        if (word.len == 0 || is_action(word) || str_find(word, '$', 0) < word.len ||
            map_get(&search->places, place) != NULL)
            continue;
        map_put(&search->places, place, search);
        check_reportf(
            check, span, "write REJECT, DISCARD, WARN or another action of header_checks(5)",
            "\"%.*s\" is not an action: cleanup logs a warning, and lets the mail through",
            STR_ARG(word));
    }
}

static void check_actions(struct check *check)
{
    struct action_search search = {.check = check};

    map_init(&search.places, check->arena);
    tables_each(check, see_use, &search);
}

static const struct example examples[] = {
    {.title = "a misspelt action, and one of access(5)",
     .platform = "debian12",
     .main_cf = "header_checks = regexp:{ { /^Subject: x/ REJCT no } { /^Subject: y/ reject } }\n"
                "body_checks = pcre:{ { /virus/ 550 no } }\n"
                "smtp_header_checks = pcre:{ { /^Received:/ IGNORE } }\n",
     .findings = {{1, NULL}, {2, NULL}}},
};

const struct rule rule_check_action = {
    .name = "check-action",
    .summary = "a result of header_checks or body_checks that is not an action",
    .why =
        "The result of these tables is an action of header_checks(5).  cleanup(8) logs \"unknown "
        "command in header_checks map\" about any other text, and the mail is taken as if "
        "nothing had matched.",
    .source = "header_checks(5); src/cleanup/cleanup_message.c, cleanup_act(); measured with "
              "Postfix 3.5, 3.7 and 3.10",
    .severity = SEVERITY_WARNING,
    .check = check_actions,
    RULE_EXAMPLES(examples),
};
