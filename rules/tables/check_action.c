/* check_action - results of header_checks, body_checks and postscreen_access_list that are not
 * actions */
#include "parser/tables/ref.h"
#include "parser/tables/table.h"
#include "parser/value/postscreen.h"
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

/* find_bad_action - what the result begins with where that is not an action.  An empty result has
   the rule skipped-line, and "$1" depends on the message */
static struct str find_bad_action(struct str result)
{
    struct str word = str_slice(result, 0, str_span_not(result, 0, " \t"));

    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (str_is_nocase(word, actions[i]))
            return STR_NONE;
    return word.len == 0 || str_find(word, '$', 0) < word.len ? STR_NONE : word;
}

/* find_bad_access - a result in postscreen_access_list is a list of the same kind */
static struct str find_bad_access(struct str result)
{
    struct value_fault fault = {.part = STR_NONE};

    return client_access_valid(NULL, NULL, result, &fault) ? STR_NONE : fault.part;
}

/* the word of a result that is wrong, or STR_NONE, and what comes of it */
struct action_kind {
    struct str (*find_bad)(struct str result);
    const char *advice, *effect;
};

static const struct action_kind *find_kind(struct str parameter)
{
    static const struct action_kind checks = {
        find_bad_action, "write REJECT, DISCARD, WARN or another action of header_checks(5)",
        "cleanup logs a warning, and lets the mail through"};
    static const struct action_kind access = {
        find_bad_access, "write permit, reject or dunno",
        "postscreen logs a warning, and ignores the rest of postscreen_access_list"};

    if (str_is(parameter, "postscreen_access_list"))
        return &access;
    return str_ends(parameter, "header_checks") || str_ends(parameter, "body_checks") ? &checks
                                                                                      : NULL;
}

static void see_entry(struct action_search *search, const struct used_table *use,
                      const struct action_kind *kind, const struct table_entry *entry)
{
    struct str word = kind->find_bad(entry->value);

    if (word.at == NULL)
        return;
    struct span span = entry->span.source != NULL ? entry->span : tables_span(search->check, use);
    struct str place = tables_place(search->check, span);
    if (map_get(&search->places, place) != NULL)
        return;
    map_put(&search->places, place, search);
    check_reportf(search->check, span, kind->advice, "\"%.*s\" is not an action: %s", STR_ARG(word),
                  kind->effect);
}

static void see_use(void *context, const struct used_table *use)
{
    struct action_search *search = context;
    const struct action_kind *kind = find_kind(use->parameter);
    const struct table_entry *entries;

    if (use->ref->inside != NULL || use->file.at != NULL || kind == NULL)
        return;
    size_t count = table_entries(
        table_open(check_policy(search->check)->tables, use->ref->text, TABLE_FOLD), &entries);
    for (size_t i = 0; i < count; i++)
        see_entry(search, use, kind, &entries[i]);
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
    {.title = "postscreen(8) has its own words",
     .platform = "debian12",
     .main_cf = "postscreen_access_list = permit_mynetworks, cidr:{ { 192.0.2.0/24 OK } },\n"
                "  cidr:{ { 198.51.100.7 permit } { 198.51.100.0/24 reject }\n"
                "  { 203.0.113.0/24 permit_mynetworks, cidr:{ { 203.0.113.7 dunno } } } }\n",
     .findings = {{1, NULL}}},
};

const struct rule rule_check_action = {
    .name = "check-action",
    .summary =
        "a result of header_checks, body_checks or postscreen_access_list that is not an action",
    .why =
        "The result of these tables is an action of header_checks(5).  cleanup(8) logs \"unknown "
        "command in header_checks map\" about any other text, and the mail is taken as if "
        "nothing had matched.  Results in postscreen_access_list are permit, reject and dunno, not "
        "those of access(5).",
    .source = "header_checks(5); src/global/server_acl.c, server_acl_eval(); "
              "src/cleanup/cleanup_message.c, cleanup_act(); measured with "
              "Postfix 3.5, 3.7 and 3.10",
    .severity = SEVERITY_WARNING,
    .check = check_actions,
    RULE_EXAMPLES(examples),
};
