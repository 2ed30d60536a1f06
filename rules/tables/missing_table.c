#include <string.h>

#include "rules/tables/tables.h"
#include "smtp/address/find.h"

struct missing_files {
    struct check *check;
    struct map places;   /* that were reported */
    struct map settings; /* settings files that were checked */
};

static bool mark_reported(struct missing_files *missing, struct span span)
{
    struct str place = tables_place(missing->check, span);
    bool known = map_get(&missing->places, place) != NULL;

    map_put(&missing->places, place, missing);
    return known;
}

/* is_path - only an absolute path means the same file to every process */
static bool is_path(struct str name)
{
    return name.len > 0 && name.at[0] == '/';
}

/* report_size - a file that the rules did not read */
static void report_size(struct missing_files *missing, const struct used_table *use)
{
    struct check *check = missing->check;
    struct span span = tables_span(check, use);

    if (!mark_reported(missing, span))
        check_reportf(check, span, "use a smaller file, or check by hand what its results name",
                      "this table was not checked: %.*s is larger than %u MB",
                      STR_ARG(use->ref->name), SOURCE_SIZE_MAX >> 20);
}

/* report_unreadable - it exists, for REASON (an errno) nothing more is known */
static void report_unreadable(struct missing_files *missing, const struct used_table *use,
                              int reason)
{
    struct check *check = missing->check;
    struct span span = tables_span(check, use);

    if (!mark_reported(missing, span))
        check_reportf(check, span, "run postmend as a user who may read it",
                      "this table was not checked: cannot read %.*s: %s", STR_ARG(use->ref->name),
                      strerror(reason));
}

/* --- settings of SQL, LDAP and memcache tables ----------------------------------------------- */

static void report_no_settings(struct missing_files *missing, const struct used_table *use,
                               bool inside)
{
    struct check *check = missing->check;
    struct span span = tables_span(check, use);
    bool live = tables_is_live(check);

    if (mark_reported(missing, span))
        return;
    struct finding *finding =
        check_reportf(check, span,
                      inside && !live ? "copy the file too, so that postmend can check it"
                                      : "create the file, or remove the table",
                      "the settings file of this %.*s table does not exist: %.*s",
                      STR_ARG(use->ref->type->name), STR_ARG(use->ref->name));
    if (live)
        finding->severity = SEVERITY_ERROR;
}

/* check_settings - reports names that the client does not read */
static void check_settings(struct missing_files *missing, const struct used_table *use)
{
    struct check *check = missing->check;
    const struct table_type *type = use->ref->type;
    const struct source *source = tables_read(check, use->ref->name);
    struct main_cf *settings;

    if (source == NULL)
        return;
    settings = arena_alloc(check->arena, sizeof *settings);
    main_cf_parse(settings, check->arena, source);
    for (size_t i = 0; i < settings->count; i++) {
        const struct main_cf_entry *entry = settings->entries[i];
        if (str_list_has(&type->settings, entry->name))
            continue;
        struct finding *finding = check_reportf(
            check, line_span(&entry->line, entry->name), "remove it, or correct its name",
            "%.*s has no effect in the settings of a %.*s table (\"unused parameter\")",
            STR_ARG(entry->name), STR_ARG(type->name));
        finding->severity = SEVERITY_WARNING;
    }
}

static void see_client(struct missing_files *missing, const struct used_table *use)
{
    struct check *check = missing->check;
    bool inside;
    enum table_file_state state = tables_look(check, use->ref->name, (struct str)STR(""), &inside);

    if (state == TABLE_FILE_ABSENT)
        report_no_settings(missing, use, inside);
    if (state != TABLE_FILE_PRESENT)
        return;
    struct str identity = arena_printf(check->arena, "%.*s %.*s", STR_ARG(use->ref->type->name),
                                       STR_ARG(tables_identity(check, use->ref->name)));
    if (map_get(&missing->settings, identity) == NULL)
        check_settings(missing, use);
    map_put(&missing->settings, identity, missing);
}

/* --- tables that are files ------------------------------------------------------------------- */

/*
 * report_absent - neither the text nor the index of a table is in the directory
 *
 * A copy of a directory, such as a repository, often lacks tables: they hold passwords, or are made
 * on the server.  There it is an advice, as what is not known.  Where the directory is the one that
 * the installed Postfix reads, it is certain that look-ups fail: an error.
 */
static void report_absent(struct missing_files *missing, const struct used_table *use)
{
    struct check *check = missing->check;
    struct span span = tables_span(check, use);

    if (mark_reported(missing, span))
        return;
    if (!tables_is_live(check)) {
        check_reportf(check, span, "copy the file too, so that postmend can check it",
                      "this table was not checked: the directory does not contain %.*s",
                      STR_ARG(use->ref->name));
        return;
    }
    check_reportf(check, span, "create the file, or remove the table",
                  "%.*s does not exist: look-ups fail, clients get 451, and mail waits",
                  STR_ARG(use->ref->name))
        ->severity = SEVERITY_ERROR;
}

/* report_not_built - the text is there and the index is not; only where Postfix itself reads */
static void report_not_built(struct missing_files *missing, const struct used_table *use)
{
    struct check *check = missing->check;
    const struct table_ref *ref = use->ref;
    struct span span = tables_span(check, use);
    bool aliases = address_is_aliases(check_policy(check)->all, ref->text);

    if (ref->type->kind != TABLE_INDEXED || !tables_is_live(check) ||
        tables_look(check, ref->name, ref->type->extension, NULL) != TABLE_FILE_ABSENT ||
        mark_reported(missing, span))
        return;
    check_reportf(check, span,
                  aliases ? "run: newaliases"
                          : arena_printf(check->arena, "run: postmap %.*s", STR_ARG(ref->text)).at,
                  "%.*s%.*s does not exist: look-ups fail, clients get 451, and mail waits",
                  STR_ARG(ref->name), STR_ARG(ref->type->extension))
        ->severity = SEVERITY_ERROR;
}

static void see_file(struct missing_files *missing, const struct used_table *use)
{
    struct check *check = missing->check;
    const struct table_ref *ref = use->ref;
    bool inside;

    if (tables_is_cache(use) || tables_only_allows(use->parameter))
        return;
    enum table_file_state state = tables_look(check, ref->name, (struct str)STR(""), &inside);
    if (state == TABLE_FILE_PRESENT)
        report_not_built(missing, use);
    if (state != TABLE_FILE_ABSENT || (!inside && !tables_is_live(check)))
        return;
    /* Postfix needs only the index, not its source */
    if (ref->type->kind == TABLE_INDEXED &&
        tables_look(check, ref->name, ref->type->extension, NULL) == TABLE_FILE_PRESENT)
        return;
    report_absent(missing, use);
}

static void see_use(void *context, const struct used_table *use)
{
    struct missing_files *missing = context;

    if (!is_path(use->ref->name))
        return;
    int reason = tables_unreadable(missing->check, use->ref->name);
    if (reason != 0)
        report_unreadable(missing, use, reason);
    if (tables_too_large(missing->check, use->ref->name))
        report_size(missing, use);
    if (use->ref->type->settings.count > 0)
        see_client(context, use);
    else if (use->ref->type->kind == TABLE_INDEXED || use->ref->type->kind == TABLE_TEXT)
        see_file(context, use);
}

static void check_missing_table(struct check *check)
{
    struct missing_files missing = {.check = check};

    map_init(&missing.places, check->arena);
    map_init(&missing.settings, check->arena);
    tables_each(check, see_use, &missing);
}

static const struct example examples[] = {
    {.title = "without a directory on disk nothing is known about files",
     .platform = "rhel10",
     .main_cf = "virtual_alias_maps = lmdb:/etc/postfix/virtual, mysql:/etc/postfix/alias.cf\n"},
};

const struct rule rule_missing_table = {
    .name = "missing-table",
    .summary = "a table's file is missing, or its settings contain a name that has no effect",
    .why = "Postfix answers 451 and keeps mail in the queue if it cannot open a table, or the "
           "settings file of a mysql:, pgsql:, ldap:, sqlite:, memcache: or mongodb: table; "
           "postconf(1) warns about a missing settings file.\n\n"
           "Is the file missing on the server too?  In a copy postmend cannot know: files with "
           "passwords are often left out, for good reason.  But then they were not checked, and a "
           "hash: table or a misspelled setting in them is not noticed: this is an advice.  In the "
           "directory that the installed Postfix reads, it is an error; there the database that "
           "postmap(1) makes is looked for too.\n\n"
           "Files outside the configuration directory are checked only if the directory is the one "
           "that the installed Postfix reads.",
    .source =
        "postconf(1); mysql_table(5), ldap_table(5) and the others; src/postconf/postconf_dbms.c",
    .severity = SEVERITY_ADVICE,
    .check = check_missing_table,
    RULE_EXAMPLES(examples),
};
