/* the steps of the runbook for indexed files; see bdb.h */
#include "rules/tables/bdb.h"

/* choose_type - the type that the table has on the platform */
static struct str choose_type(const struct check *check, const struct table_ref *ref)
{
    return tables_needs_berkeley_db(check, ref->type) ? tables_replacement(check, ref->type_text)
                                                      : ref->type_text;
}

static struct str describe_use(const struct check *check, const struct used_table *use)
{
    if (use->file.at != NULL)
        return arena_printf(check->arena, "used in the results of %.*s", STR_ARG(use->file));
    if (use->service != NULL)
        return arena_printf(check->arena, "used by %.*s of the service %.*s",
                            STR_ARG(use->parameter), STR_ARG(use->service->name));
    return arena_printf(check->arena, "used by %.*s", STR_ARG(use->parameter));
}

/* --- sources that are missing ---------------------------------------------------------------- */

/* report_index_only - the source has to be made from the index, on a host that can read it */
static void report_index_only(struct check *check, const struct used_table *use, bool alias)
{
    struct str table = tables_shell_word(check->arena, use->ref->text);
    struct str path = tables_shell_word(check->arena, use->ref->name);
    /* postalias adds these entries again */
    struct str command =
        alias ? arena_printf(check->arena,
                             "postalias -s %.*s | grep -Ev '^(@|YP_LAST_MODIFIED|YP_MASTER_NAME):' "
                             "> %.*s",
                             STR_ARG(table), STR_ARG(path))
              : arena_printf(check->arena, "postmap -s %.*s > %.*s", STR_ARG(table), STR_ARG(path));
    struct finding *finding = check_report(
        check, tables_span(check, use),
        arena_printf(
            check->arena,
            "%.*s cannot be read on %.*s: there is only the index %.*s%.*s, and no source text",
            STR_ARG(use->ref->name), STR_ARG(check->config->platform->title),
            STR_ARG(use->ref->name), STR_ARG(use->ref->type->extension)),
        arena_printf(check->arena, "on the old host, run %.*s, and copy the file that this creates",
                     STR_ARG(command)));

    finding->severity = SEVERITY_ERROR;
    check_step(check, STEP_BEFORE, command,
               arena_printf(check->arena,
                            "%.*s has no source text, only an index of Berkeley DB; copy the file "
                            "that this creates to the new host",
                            STR_ARG(use->ref->name)));
}

/* is_index_only - does the index exist without its source? */
static bool is_index_only(const struct check *check, const struct table_ref *ref)
{
    bool inside;

    return tables_look(check, ref->name, (struct str)STR(""), &inside) == TABLE_FILE_ABSENT &&
           inside &&
           tables_look(check, ref->name, ref->type->extension, NULL) == TABLE_FILE_PRESENT;
}

/* --- building -------------------------------------------------------------------------------- */

/* add_step - builds the index; the runbook does not fail if the table was not copied */
static void add_step(struct check *check, const struct used_table *use, bool alias)
{
    struct arena *arena = check->arena;
    struct str type = choose_type(check, use->ref);
    struct str table = tables_shell_word(
        arena, arena_printf(arena, "%.*s:%.*s", STR_ARG(type), STR_ARG(use->ref->name)));
    struct str command =
        arena_printf(arena, "%s %.*s", alias ? "postalias" : "postmap", STR_ARG(table));

    if (tables_look(check, use->ref->name, (struct str)STR(""), NULL) == TABLE_FILE_ABSENT)
        command = arena_printf(arena, "test ! -e %.*s || %.*s",
                               STR_ARG(tables_shell_word(arena, use->ref->name)), STR_ARG(command));
    check_step(check, STEP_TABLES, command, describe_use(check, use));
}

/* needs_index - does the index have to be built on the new host? */
static bool needs_index(const struct check *check, const struct used_table *use)
{
    if (use->ref->type->kind != TABLE_INDEXED || use->ref->name.len == 0 ||
        use->ref->name.at[0] != '/' || tables_is_cache(use) || tables_only_allows(use->parameter))
        return false;
    return check->from != NULL || tables_needs_berkeley_db(check, use->ref->type);
}

/* --- alias tables ---------------------------------------------------------------------------- */

static const enum parameter_number alias_parameters[] = {PARAM_ALIAS_MAPS, PARAM_ALIAS_DATABASE};

enum { ALIAS_PARAMETERS = sizeof alias_parameters / sizeof *alias_parameters };

struct alias_search {
    struct str path;
    bool found;
};

static void match_path(void *context, const struct table_ref *ref)
{
    struct alias_search *search = context;

    search->found =
        search->found || (ref->type->kind == TABLE_INDEXED && str_eq(ref->name, search->path));
}

/* is_alias - is PATH an alias table of main.cf, or of the service? */
static bool is_alias(const struct check *check, const struct service *service, struct str path)
{
    struct alias_search search = {.path = path};

    for (size_t i = 0; i < ALIAS_PARAMETERS; i++) {
        table_refs(check_value(check, NULL, alias_parameters[i]), match_path, &search);
        table_refs(check_value(check, service, alias_parameters[i]), match_path, &search);
    }
    return search.found;
}

void bdb_rebuild_use(struct bdb_fixes *fixes, const struct used_table *use)
{
    struct check *check = fixes->check;

    if (!needs_index(check, use) || map_get(&fixes->built, use->ref->text) != NULL)
        return;
    map_put(&fixes->built, use->ref->text, fixes);
    bool alias = is_alias(check, use->service, use->ref->name);
    if (tables_needs_berkeley_db(check, use->ref->type) && is_index_only(check, use->ref))
        report_index_only(check, use, alias);
    add_step(check, use, alias);
}

/* the default of an alias parameter */
struct alias_default {
    struct check *check;
    struct used_table use;
};

static void see_default(void *context, const struct table_ref *ref)
{
    struct alias_default *alias = context;

    alias->use.ref = ref;
    if (needs_index(alias->check, &alias->use))
        add_step(alias->check, &alias->use, true);
}

void bdb_rebuild_aliases(struct check *check)
{
    for (size_t i = 0; i < ALIAS_PARAMETERS; i++) {
        struct alias_default alias = {.check = check,
                                      .use = {.parameter = parameter_name(alias_parameters[i])}};
        if (!check_is_set(check, NULL, alias_parameters[i]))
            table_refs(check_value(check, NULL, alias_parameters[i]), see_default, &alias);
    }
}

/* --- notes for the administrator -------------------------------------------------------------- */

void bdb_note_changes(struct check *check)
{
    struct str type = check->config->platform->default_database_type;

    check_step(check, STEP_AFTER, (struct str)STR(""),
               (struct str)STR("index files of Berkeley DB (*.db) are no longer used; remove them "
                               "when the new host works"));
    check_step(check, STEP_AFTER, (struct str)STR(""),
               arena_printf(
                   check->arena,
                   "change cron jobs, configuration management, Mailman and other programs that "
                   "run postmap hash:... or postalias hash:...; they have to use %.*s:... instead",
                   STR_ARG(type)));
}
