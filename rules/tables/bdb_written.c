/* the places in the files that name a type; see bdb.h */
#include "parser/postfix/names.h"
#include "parser/postfix/written.h"
#include "rules/tables/bdb.h"

/* a value that is searched for places */
struct bdb_scan {
    struct bdb_fixes *fixes;
    struct str name; /* the parameter's */
    struct str value;
    const struct line *line;
    bool idle;          /* no program reads the value */
    struct str comment; /* from " #" on, which another rule may edit */
};

/* --- reporting -------------------------------------------------------------------------------- */

/* redirects_types - does Postfix itself use another type in place of hash and btree? */
static bool redirects_types(const struct check *check)
{
    struct str level = check_value(check, NULL, PARAM_NON_BDB_MIGRATION_LEVEL);

    return config_default(check->config, PARAM_NON_BDB_MIGRATION_LEVEL).origin != ORIGIN_NONE &&
           level.len > 0 && !str_is(level, "disable");
}

/* describe_effect - what TYPE in NAME does on the platform; also chooses the SEVERITY */
static struct str describe_effect(const struct check *check, struct str type, struct str name,
                                  bool idle, enum severity *severity)
{
    const struct table_package *package = platform_table(check->config->platform, type);

    *severity = SEVERITY_ADVICE;
    if (idle)
        return (struct str)STR("this setting is not used, but would fail");
    if (redirects_types(check))
        return (struct str)STR(
            "Postfix uses another type instead, because of non_bdb_migration_level");
    *severity = SEVERITY_WARNING;
    if (package != NULL)
        return arena_printf(check->arena, "this works only with the package %.*s",
                            STR_ARG(package->package));
    /* tlsmgr(8) logs a warning and TLS works; but verify(8) and postscreen(8) remember nothing
       without their caches, and may reject mail forever */
    if (str_ends(name, "_tls_session_cache_database"))
        return arena_printf(check->arena,
                            "TLS sessions are not resumed (\"unsupported dictionary type: %.*s\")",
                            STR_ARG(type));
    if (str_is(name, "alias_database"))
        return arena_printf(check->arena,
                            "newaliases fails (\"unsupported dictionary type: %.*s\")",
                            STR_ARG(type));
    *severity = SEVERITY_ERROR;
    return arena_printf(check->arena, "look-ups fail with \"unsupported dictionary type: %.*s\"",
                        STR_ARG(type));
}

/* report_type - reports TEXT in a value of NAME, and replaces its type, WORD */
static void report_type(struct bdb_fixes *fixes, const struct line *line, struct str name,
                        struct str text, struct str word, bool idle)
{
    struct check *check = fixes->check;
    struct str other = tables_replacement(check, word);
    struct str rest = str_slice(text, word.len, text.len);
    enum severity severity;
    struct str what = describe_effect(check, word, name, idle, &severity);
    struct finding *finding = check_report(
        check, line_span(line, text),
        arena_printf(check->arena,
                     "%.*s: %.*s needs Berkeley DB, which Postfix on %.*s is built without",
                     STR_ARG(what), STR_ARG(text), STR_ARG(check->config->platform->title)),
        arena_printf(check->arena, "replace with %.*s%.*s", STR_ARG(other), STR_ARG(rest)));

    finding->severity = severity;
    finding_edit(check, finding, line_span(line, word), other);
    fixes->changed = true;
}

/* fix_word - reports and fixes a place in a value of main.cf or master.cf */
static void fix_word(const struct bdb_scan *scan, struct str text, struct str word)
{
    struct bdb_fixes *fixes = scan->fixes;
    struct bdb_place *place = arena_alloc(fixes->check->arena, sizeof *place);
    struct str key = bdb_value_key(fixes, scan->value);

    if (scan->comment.at != NULL && word.at >= scan->comment.at)
        return;
    report_type(fixes, scan->line, scan->name, text, word, scan->idle);
    *place = (struct bdb_place){.word = word, .next = map_get(&fixes->places, key)};
    map_put(&fixes->places, key, place);
}

void bdb_fix_use(struct bdb_fixes *fixes, const struct used_table *use)
{
    if (use->file.at != NULL && tables_needs_berkeley_db(fixes->check, use->ref->type))
        report_type(fixes, use->line, use->parameter, use->ref->text, use->ref->type_text, false);
}

/* --- tables in a value ------------------------------------------------------------------------ */

static void see_written(void *context, const struct table_ref *ref)
{
    const struct bdb_scan *scan = context;

    if (tables_needs_berkeley_db(scan->fixes->check, ref->type))
        fix_word(scan, ref->text, ref->type_text);
}

/* find_comment - VALUE from the first word that starts with "#" */
static struct str find_comment(struct str value)
{
    for (size_t i = str_find(value, '#', 0); i < value.len; i = str_find(value, '#', i + 1))
        if (i > 0 && is_space(value.at[i - 1]))
            return str_slice(value, i, value.len);
    return STR_NONE;
}

/* is_unused - does no program read the name? */
static bool is_unused(const struct check *check, const struct service *service, struct str name)
{
    return config_name_class(check->config, service, name) == NAME_UNKNOWN;
}

static void scan_value(struct bdb_scan *scan)
{
    scan->comment = find_comment(scan->value);
    tables_written(scan->value, see_written, scan);
}

/* may_name_type - a cheap test, before the expensive one whether a name is used */
static bool may_name_type(struct str value)
{
    return str_search(value, "hash") < value.len || str_search(value, "btree") < value.len;
}

/* scan_values - calls SCANNED for every value that may name such a type, used or not */
static void scan_values(struct bdb_fixes *fixes, void (*scanned)(struct bdb_scan *scan))
{
    struct written_walk walk = {.config = fixes->check->config, .all = true};
    struct written written;

    while (written_next(&walk, &written)) {
        if (!may_name_type(written.value))
            continue;
        struct bdb_scan scan = {.fixes = fixes,
                                .name = written.name,
                                .value = written.value,
                                .line = written.line,
                                .idle = written.overridden ||
                                        is_unused(fixes->check, written.service, written.name)};
        scanned(&scan);
    }
}

/* --- values that are a type ------------------------------------------------------------------- */

/* is_before_type - may a table's type start after C? */
static bool is_before_type(char c)
{
    return is_space(c) || c == ',' || c == '{' || c == ':' || c == '!' || c == '?';
}

/* find_type_word - the last word of VALUE, which may be a type */
static struct str find_type_word(struct str value)
{
    size_t from = value.len;

    while (from > 0 && !is_before_type(value.at[from - 1]))
        from--;
    return str_slice(value, from, value.len);
}

/* mark_type_name - notes that the values of NAME are types, or end with one */
static void mark_type_name(struct bdb_fixes *fixes, struct str name)
{
    if (name.len > 0)
        map_put(&fixes->names, name, fixes);
}

/* is_used_as_type - does a colon follow the reference, as in "$db:/etc/postfix/x"? */
static bool is_used_as_type(const struct reference *reference)
{
    struct str text = reference->line->text;
    const char *end = reference->text.at + reference->text.len;

    return end < text.at + text.len && *end == ':';
}

/* ends_value - is the reference at the end of a value, as in "db = $other"? */
static bool ends_value(const struct reference *reference, struct str value)
{
    return value.at != NULL && reference->text.at >= value.at &&
           reference->text.at + reference->text.len == value.at + value.len;
}

/* find_value - the value, in main.cf or in an -o, that contains the reference, and its NAME */
static struct str find_value(const struct reference *reference, struct str *name)
{
    struct str value;

    if (reference->service == NULL)
        return split_name_value(reference->line->text, name, &value) == NULL ? value : STR_NONE;
    for (const struct master_override *o = reference->service->overrides; o != NULL; o = o->next)
        if (reference->text.at >= o->value.at && reference->text.at < o->value.at + o->value.len) {
            *name = o->name;
            return o->value;
        }
    return STR_NONE;
}

/* mark_type_names - finds the names whose values are used as types, also through other names */
static void mark_type_names(struct bdb_fixes *fixes)
{
    const struct names *names = fixes->check->config->names;
    bool more = true;

    mark_type_name(fixes, (struct str)STR("default_database_type"));
    mark_type_name(fixes, (struct str)STR("default_cache_db_type"));
    for (size_t i = 0; i < names->count; i++)
        if (is_used_as_type(&names->references[i]))
            mark_type_name(fixes, names->references[i].name);
    for (int level = 0; level < EXPAND_LEVELS_MAX && more; level++) {
        more = false;
        for (size_t i = 0; i < names->count; i++) {
            const struct reference *reference = &names->references[i];
            struct str name;
            if (map_get(&fixes->names, reference->name) != NULL ||
                !ends_value(reference, find_value(reference, &name)) ||
                map_get(&fixes->names, name) == NULL)
                continue;
            mark_type_name(fixes, reference->name);
            more = true;
        }
    }
}

/* scan_type - a value that may be a type */
static void scan_type(struct bdb_scan *scan)
{
    struct str word = find_type_word(scan->value);
    const struct table_type *type = facts_table_type(word);

    if (type != NULL && tables_needs_berkeley_db(scan->fixes->check, type) &&
        map_get(&scan->fixes->names, scan->name) != NULL)
        fix_word(scan, word, word);
}

void bdb_init(struct bdb_fixes *fixes, struct check *check)
{
    *fixes = (struct bdb_fixes){.check = check};
    map_init(&fixes->places, check->arena);
    map_init(&fixes->names, check->arena);
    map_init(&fixes->appended, check->arena);
    map_init(&fixes->reported, check->arena);
    map_init(&fixes->built, check->arena);
}

void bdb_fix_written(struct bdb_fixes *fixes)
{
    mark_type_names(fixes);
    scan_values(fixes, scan_value);
    scan_values(fixes, scan_type);
}
