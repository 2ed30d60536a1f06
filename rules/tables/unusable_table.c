/* unusable_table - a table whose text Postfix cannot use, so that every look-up fails */
#include "parser/tables/table.h"
#include "rules/tables/tables.h"
#include "smtp/service/policy.h"

struct unusable {
    struct check *check;
    struct map places; /* that were reported */
};

/* is_ours - does the table's own text decide?  missing-table looks for the files */
static bool is_ours(const struct used_table *use, const struct table *table)
{
    switch (use->ref->type->kind) {
    case TABLE_INLINE:
        return !str_is(use->ref->type->name, "fail");
    case TABLE_TEXT:
        return table->source != NULL;
    default:
        return false;
    }
}

static bool has_type(const struct config *config, const struct table_type *type)
{
    return type->first <= config->release->index && config->release->index <= type->last &&
           (config->platform->family.len == 0 ||
            platform_table(config->platform, type->name) != NULL);
}

static void see_use(void *context, const struct used_table *use)
{
    struct unusable *unusable = context;
    struct check *check = unusable->check;

    if (tables_only_allows(use->parameter) || !has_type(check->config, use->ref->type))
        return; /* map-package reports a type that does not exist */
    const struct table *table = table_open(check_policy(check)->tables, use->ref->text, TABLE_FOLD);
    if (table->status != LOOKUP_ERROR || !is_ours(use, table))
        return;
    struct span span = tables_span(check, use);
    struct str place = tables_place(check, span);
    if (map_get(&unusable->places, place) != NULL)
        return;
    map_put(&unusable->places, place, check);
    check_reportf(check, span, "correct the table's text",
                  "look-ups in this table fail, clients get 451, and mail waits: %.*s",
                  STR_ARG(table->reason));
}

static void check_tables(struct check *check)
{
    struct unusable unusable = {.check = check};

    map_init(&unusable.places, check->arena);
    tables_each(check, see_use, &unusable);
}

static const struct example examples[] = {
    {.title = "tables in main.cf that are empty, or have no equals sign",
     .platform = "debian12",
     .main_cf = "virtual_alias_maps = inline:{}\n"
                "canonical_maps = inline:{ sales@example.com bob }\n"
                "relocated_maps = inline:{ { bob@example.com = bob@example.org } }\n"
                "transport_maps = static:{smtp:[mx.example.com]} fail:always\n",
     .findings = {{1, "inline:{}"}, {2, "inline:{ sales@example.com bob }"}}},
};

const struct rule rule_unusable_table = {
    .name = "unusable-table",
    .summary = "a table whose text Postfix cannot use",
    .why = "Postfix gives up a table as a whole where its text is wrong: inline: without key=value "
           "pairs, or a texthash: file with the same key twice.  Every look-up in it fails: smtpd "
           "answers 451 to all clients that it looks up there, and mail waits in the queue.",
    .source = "DATABASE_README; src/util/dict_inline.c; src/util/dict_thash.c",
    .severity = SEVERITY_ERROR,
    .check = check_tables,
    RULE_EXAMPLES(examples),
};
