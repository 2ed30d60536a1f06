/* the places that say hash or btree; see bdb.h */
#include "parser/postfix/names.h"
#include "rules/tables/bdb.h"

/* a written value that is being looked at */
struct bdb_scan {
    struct bdb_fixes *fixes;
    struct str name; /* the parameter's */
    struct str value;
    const struct line *line;
    bool idle;          /* nothing reads the value */
    struct str comment; /* from " #" on, which is another rule's */
};

/* --- reporting -------------------------------------------------------------------------------- */

/* redirects - does this Postfix open another type wherever hash or btree is asked for? */
static bool redirects(const struct check *check)
{
    struct str level = check_value(check, NULL, PARAM_NON_BDB_MIGRATION_LEVEL);

    return config_default(check->config, PARAM_NON_BDB_MIGRATION_LEVEL).origin != ORIGIN_NONE &&
           level.len > 0 && !str_is(level, "disable");
}

/* consequence - what the platform's Postfix makes of TYPE in NAME; also decides the SEVERITY */
static struct str consequence(const struct check *check, struct str type, struct str name,
                              bool idle, enum severity *severity)
{
    const struct table_package *package = platform_table(check->config->platform, type);

    *severity = SEVERITY_ADVICE;
    if (idle)
        return (struct str)STR("nothing reads this now");
    if (redirects(check))
        return (struct str)STR("non_bdb_migration_level makes it open another type in its place");
    *severity = SEVERITY_WARNING;
    if (package != NULL)
        return arena_printf(check->arena, "it works only with the package %.*s",
                            STR_ARG(package->package));
    /* tlsmgr(8) warns and TLS goes on; verify(8) and postscreen(8), which remember nothing then,
       may turn mail away for ever */
    if (str_ends(name, "_tls_session_cache_database"))
        return arena_printf(check->arena,
                            "\"unsupported dictionary type: %.*s\", and no TLS session is resumed",
                            STR_ARG(type));
    if (str_is(name, "alias_database"))
        return arena_printf(check->arena,
                            "\"unsupported dictionary type: %.*s\", and newaliases stops",
                            STR_ARG(type));
    *severity = SEVERITY_ERROR;
    return arena_printf(check->arena, "\"unsupported dictionary type: %.*s\"", STR_ARG(type));
}

/* report - TEXT in a value of NAME, whose word WORD says a type, gets another type */
static void report(struct bdb_fixes *fixes, const struct line *line, struct str name,
                   struct str text, struct str word, bool idle)
{
    struct check *check = fixes->check;
    struct str other = tables_replacement(check, word);
    struct str behind = str_slice(text, word.len, text.len);
    enum severity severity;
    struct str what = consequence(check, word, name, idle, &severity);
    struct finding *finding = check_report(
        check, line_span(line, text),
        arena_printf(check->arena,
                     "%.*s needs Berkeley DB, which Postfix on %.*s is built without: %.*s",
                     STR_ARG(text), STR_ARG(check->config->platform->title), STR_ARG(what)),
        arena_printf(check->arena, "write %.*s%.*s", STR_ARG(other), STR_ARG(behind)));

    finding->severity = severity;
    finding_edit(check, finding, line_span(line, word), other);
    fixes->changed = true;
}

/* fix_word - reports a place in a value of main.cf or master.cf, and keeps it for expand_fixed() */
static void fix_word(const struct bdb_scan *scan, struct str text, struct str word)
{
    struct bdb_fixes *fixes = scan->fixes;
    struct bdb_place *place = arena_alloc(fixes->check->arena, sizeof *place);
    struct str key = bdb_value_key(fixes, scan->value);

    if (scan->comment.at != NULL && word.at >= scan->comment.at)
        return;
    report(fixes, scan->line, scan->name, text, word, scan->idle);
    *place = (struct bdb_place){.word = word, .next = map_get(&fixes->places, key)};
    map_put(&fixes->places, key, place);
}

/* bdb_fix_use - the value of a use is mended where it is written; here its table's source is */
void bdb_fix_use(struct bdb_fixes *fixes, const struct used_table *use)
{
    if (use->file.at != NULL && tables_needs_berkeley_db(fixes->check, use->ref->type))
        report(fixes, use->line, use->parameter, use->ref->text, use->ref->type_text, false);
}

/* --- tables that are written ------------------------------------------------------------------ */

static void see_written(void *context, const struct table_ref *ref)
{
    const struct bdb_scan *scan = context;

    if (tables_needs_berkeley_db(scan->fixes->check, ref->type))
        fix_word(scan, ref->text, ref->type_text);
}

/* comment_in - what stands behind the first word that starts with "#", which Postfix takes as it is
 */
static struct str comment_in(struct str value)
{
    for (size_t i = str_find(value, '#', 0); i < value.len; i = str_find(value, '#', i + 1))
        if (i > 0 && is_space(value.at[i - 1]))
            return str_slice(value, i, value.len);
    return STR_NONE;
}

/* is_idle - does nobody read the name? */
static bool is_idle(const struct check *check, const struct service *service, struct str name)
{
    return config_name_class(check->config, service, name) == NAME_UNKNOWN;
}

static void scan_value(struct bdb_scan *scan)
{
    scan->comment = comment_in(scan->value);
    tables_written(scan->value, see_written, scan);
}

/* may_matter - a quick look before the dear question who reads a name */
static bool may_matter(struct str value)
{
    return str_search(value, "hash") < value.len || str_search(value, "btree") < value.len;
}

static struct bdb_scan scan_of_entry(struct bdb_fixes *fixes, const struct main_cf_entry *entry)
{
    return (struct bdb_scan){.fixes = fixes,
                             .name = entry->name,
                             .value = entry->value,
                             .line = &entry->line,
                             .idle = entry->overridden || is_idle(fixes->check, NULL, entry->name)};
}

static struct bdb_scan scan_of_override(struct bdb_fixes *fixes, const struct service *service,
                                        const struct master_override *o)
{
    return (struct bdb_scan){.fixes = fixes,
                             .name = o->name,
                             .value = o->value,
                             .line = &service->line,
                             .idle = service_override_named(service, o->name) != o ||
                                     is_idle(fixes->check, service, o->name)};
}

/* each_written - calls SCANNED for every value that may name such a type, read or not */
static void each_written(struct bdb_fixes *fixes, void (*scanned)(struct bdb_scan *scan))
{
    const struct config *config = fixes->check->config;

    for (size_t i = 0; i < config->main_cf.count; i++) {
        if (!may_matter(config->main_cf.entries[i]->value))
            continue;
        struct bdb_scan scan = scan_of_entry(fixes, config->main_cf.entries[i]);
        scanned(&scan);
    }
    for (size_t i = 0; i < config->master_cf.count; i++) {
        const struct service *service = config->master_cf.services[i];
        for (const struct master_override *o = service->overrides; o != NULL; o = o->next) {
            if (!may_matter(o->value))
                continue;
            struct bdb_scan scan = scan_of_override(fixes, service, o);
            scanned(&scan);
        }
    }
}

/* --- values that are a type ------------------------------------------------------------------- */

/* is_before_type - may a table's type start behind C? */
static bool is_before_type(char c)
{
    return is_space(c) || c == ',' || c == '{' || c == ':' || c == '!' || c == '?';
}

/* type_word - the type that VALUE ends with, or STR_NONE */
static struct str type_word(struct str value)
{
    size_t from = value.len;

    while (from > 0 && !is_before_type(value.at[from - 1]))
        from--;
    return str_slice(value, from, value.len);
}

/* mark_type_name - the values of NAME are types, or end with one */
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

/* ends_value - is the reference the last of a value, as in "db = $other"? */
static bool ends_value(const struct reference *reference, struct str value)
{
    return value.at != NULL && reference->text.at >= value.at &&
           reference->text.at + reference->text.len == value.at + value.len;
}

/* value_of - the value of main.cf or of an -o in which the reference stands, and its NAME */
static struct str value_of(const struct reference *reference, struct str *name)
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

/* mark_type_names - finds all names whose values are used as types, through names too */
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
                !ends_value(reference, value_of(reference, &name)) ||
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
    struct str word = type_word(scan->value);
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
    each_written(fixes, scan_value);
    each_written(fixes, scan_type);
}
