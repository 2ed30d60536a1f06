/* unusable_table - a table whose text Postfix cannot use, so that every look-up fails, or with
 * patterns that postmend does not match */
#include "parser/tables/index.h"
#include "parser/tables/table.h"
#include "parser/text/token.h"
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

static bool is_new(struct unusable *unusable, struct span span)
{
    struct str place = tables_place(unusable->check, span);
    bool known = map_get(&unusable->places, place) != NULL;

    map_put(&unusable->places, place, unusable->check);
    return !known;
}

/* is_writable - can a daemon keep a cache in a table of the type? */
static bool is_writable(const struct table_type *type)
{
    return (type->kind == TABLE_INDEXED && !str_is(type->name, "cdb")) ||
           type->kind == TABLE_ADAPTER || str_is(type->name, "memcache") ||
           str_is(type->name, "internal");
}

/* see_name - what the name of the table alone tells */
static void see_name(struct unusable *unusable, const struct used_table *use)
{
    struct check *check = unusable->check;
    const struct table_ref *ref = use->ref;
    bool is_file = ref->type->kind == TABLE_INDEXED || ref->type->kind == TABLE_TEXT;
    bool relative = is_file && ref->name.len > 0 && str_span_not(ref->name, 0, "/{$<%") > 0 &&
                    !tables_is_cache(use);
    struct span span = tables_span(check, use);

    if (tables_is_cache(use) && ref->inside == NULL && !is_writable(ref->type)) {
        if (is_new(unusable, span))
            check_reportf(check, span, "use a type that daemons can write, such as lmdb or btree",
                          "nothing is kept in this cache: tables of the type %.*s are read only",
                          STR_ARG(ref->type->name));
    } else if (relative && is_new(unusable, span)) {
        check_reportf(check, span, "write the whole path",
                      "daemons look for \"%.*s\" in the queue directory, and look-ups fail: "
                      "clients get 451, and mail waits",
                      STR_ARG(ref->name));
    }
}

/* report_cut - a pattern that is too large to be matched here */
static void report_cut(struct unusable *unusable, const struct used_table *use,
                       const struct table *table)
{
    struct check *check = unusable->check;
    struct span span = table->cut_span.source != NULL ? table->cut_span : tables_span(check, use);

    if (!is_new(unusable, span))
        return;
    struct finding *finding =
        check_reportf(check, span, "use smaller patterns, or test the table with postmap -q",
                      "not decided what look-ups in this table return: %.*s", STR_ARG(table->cut));
    finding->severity = SEVERITY_ADVICE;
}

/* see_index - the file that postmap(1) makes, if it is there */
static void see_index(struct unusable *unusable, const struct used_table *use)
{
    struct check *check = unusable->check;
    const struct table_ref *ref = use->ref;
    struct span span = tables_span(check, use);
    struct str file;
    bool exits;

    if (index_valid(check->arena, check->config, ref->type, ref->name, &file, &exits) ||
        !is_new(unusable, span))
        return;
    check_reportf(
        check, span, arena_printf(check->arena, "run: postmap %.*s", STR_ARG(ref->text)).at,
        exits ? "daemons that open this table exit: %.*s is not a %.*s table"
              : "look-ups in this table fail, clients get 451, and mail waits: %.*s is not "
                "a %.*s table",
        STR_ARG(file), STR_ARG(ref->type->name));
}

static void see_use(void *context, const struct used_table *use)
{
    struct unusable *unusable = context;
    struct check *check = unusable->check;

    if (tables_only_allows(use->parameter) || !has_type(check->config, use->ref->type))
        return; /* map-package reports a type that does not exist */
    see_name(unusable, use);
    see_index(unusable, use);
    const struct table *table = table_open(check_policy(check)->tables, use->ref->text, TABLE_FOLD);
    if (table->cut.at != NULL)
        report_cut(unusable, use, table);
    if (table->status != LOOKUP_ERROR || !is_ours(use, table))
        return;
    struct span span = tables_span(check, use);
    if (is_new(unusable, span))
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
    {.title = "a relative file, and a cache of a type that is read only",
     .platform = "debian12",
     .main_cf = "virtual_alias_maps = hash:virtual, hash:/etc/postfix/virtual\n"
                "smtpd_tls_session_cache_database = texthash:/etc/postfix/cache\n"
                "smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache\n",
     .findings = {{1, "hash:virtual"}, {2, "texthash:/etc/postfix/cache"}}},
    {.title = "tables in main.cf that are empty, or have no equals sign",
     .platform = "debian12",
     .main_cf = "virtual_alias_maps = inline:{}\n"
                "canonical_maps = inline:{ sales@example.com bob }\n"
                "relocated_maps = inline:{ { bob@example.com = bob@example.org } }\n"
                "transport_maps = static:{smtp:[mx.example.com]} fail:always\n",
     .findings = {{1, "inline:{}"}, {2, "inline:{ sales@example.com bob }"}}},
    {.title = "a pattern that repeats too much to be matched here",
     .platform = "debian13",
     .main_cf = "header_checks = regexp:{{/((a{1,200}){1,200}){1,200}/ REJECT}}\n",
     .findings = {{1, NULL}}},
};

const struct rule rule_unusable_table = {
    .name = "unusable-table",
    .summary = "a table whose text Postfix cannot use",
    .why = "Postfix gives up a table as a whole where its text is wrong: inline: without key=value "
           "pairs, or a texthash: file with the same key twice.  Every look-up in it fails: smtpd "
           "answers 451 to all clients that it looks up there, and mail waits in the queue.\n\n"
           "Patterns that would take too much time or memory are not matched when postmend reads a "
           "table: what follows from them is not decided, and is reported as advice.",
    .source = "DATABASE_README; src/util/dict_inline.c; src/util/dict_thash.c",
    .severity = SEVERITY_ERROR,
    .check = check_tables,
    RULE_EXAMPLES(examples),
};
