/* skipped_line - lines of a table that Postfix or postmap(1) warns about, and skips */
#include "parser/tables/table.h"
#include "rules/tables/tables.h"
#include "smtp/address/find.h"

/* of one table; the last finding says how many more there are */
enum { FAULTS_MAX = 20 };

struct skipped_lines {
    struct check *check;
    struct map places; /* that were reported */
};

static void report_line(struct skipped_lines *skipped, const struct used_table *use,
                        const struct table_fault *fault, size_t more)
{
    struct check *check = skipped->check;
    struct span span = fault->span.source != NULL ? fault->span : tables_span(check, use);
    struct str place = tables_place(check, span);
    const char *says = use->ref->type->kind == TABLE_INDEXED ? "postmap warns" : "Postfix warns";
    const char *subject = fault->span.source != NULL ? "this line" : "a rule of this table";
    struct str rest =
        more > 0 ? arena_printf(check->arena, "; so it is with %zu more lines", more) : str_of("");

    if (map_get(&skipped->places, place) != NULL)
        return;
    map_put(&skipped->places, place, check);
    struct finding *finding = check_reportf(
        check, span, fault->kept ? "correct it" : "correct it, or make a comment of it",
        "%s %.*s; %s%s%.*s", subject, STR_ARG(fault->what), says,
        fault->kept ? "" : ", and skips it", STR_ARG(rest));
    if (fault->harmless)
        finding->severity = SEVERITY_ADVICE;
}

static void see_use(void *context, const struct used_table *use)
{
    struct skipped_lines *skipped = context;
    const struct table_fault *faults;

    if (tables_only_allows(use->parameter))
        return;
    const struct policy *policy = check_policy(skipped->check);
    bool aliases = address_is_aliases(policy->all, use->ref->text);
    const struct table *table =
        table_open(policy->tables, use->ref->text, TABLE_FOLD | (aliases ? TABLE_ALIAS : 0u));
    size_t count = table_faults(table, &faults);
    for (size_t i = 0; i < count && i < FAULTS_MAX; i++)
        report_line(skipped, use, &faults[i], i + 1 == FAULTS_MAX ? count - FAULTS_MAX : 0);
}

static void check_lines(struct check *check)
{
    struct skipped_lines skipped = {.check = check};

    map_init(&skipped.places, check->arena);
    tables_each(check, see_use, &skipped);
}

static const struct example examples[] = {
    {.title = "rules in main.cf: a pattern, a flag, a result and a network that are wrong",
     .platform = "debian12",
     .main_cf = "header_checks = regexp:{ { /^Subject: [abc/ REJECT } }\n"
                "body_checks = pcre:{ { /virus/q REJECT } { /never/ DUNNO } }\n"
                "virtual_alias_maps = pcre:{ { /^sales$$/ $$1@example.com } }\n"
                "mynetworks = cidr:{ { 192.168.1.1/24 OK } { 10.0.0.0/8 OK } }\n"
                "canonical_maps = regexp:{ { /^(a)@x$$/ $$1@example.com } }\n",
     .findings = {{1, NULL}, {2, NULL}, {3, NULL}, {4, NULL}}},
};

const struct rule rule_skipped_line = {
    .name = "skipped-line",
    .summary = "a line of a table that Postfix skips",
    .why = "Postfix logs a warning about a line of a cidr:, pcre:, regexp: or texthash: table that "
           "it cannot use, and goes on without it; postmap(1) does so for the text of hash:, lmdb: "
           "and similar tables.  Mail that the line is about is then treated as if the line were "
           "not there.",
    .source = "cidr_table(5), pcre_table(5), regexp_table(5), postmap(1); src/util/dict_cidr.c, "
              "dict_pcre.c, dict_regexp.c, dict_thash.c; measured with Postfix 3.5, 3.7 and 3.10",
    .severity = SEVERITY_WARNING,
    .check = check_lines,
    RULE_EXAMPLES(examples),
};
