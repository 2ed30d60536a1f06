/*
 * sendmail_files - the tables that directives name, and their lines: see parser/sendmail/sendmail.h
 *
 * Sources: cf/README on each feature and macro, cf/feature and cf/m4 for the defaults,
 * sendmail/readcf.c for F and K lines, of 8.17.
 */
#include <errno.h>
#include <string.h>

#include "parser/m4/include.h"
#include "parser/sendmail/parts.h"
#include "parser/sendmail/table.h"
#include "parser/text/token.h"

#define SETTINGS_DIRECTORY "MAIL_SETTINGS_DIR"
#define DATABASE_TYPE "DATABASE_MAP_TYPE"

/* a feature with a table, and the file in Sendmail's directory where it does not name one */
static const struct feature_table {
    const char *feature, *table, *file;
} feature_tables[] = {
    {"access_db", "access", "access"},
    {"virtusertable", "virtusertable", "virtusertable"},
    {"mailertable", "mailertable", "mailertable"},
    {"genericstable", "genericstable", "genericstable"},
    {"domaintable", "domaintable", "domaintable"},
    {"bitdomain", "bitdomain", "bitdomain"},
    {"uucpdomain", "uucpdomain", "uudomain"},
    {"authinfo", "authinfo", "authinfo"},
};

/* a class with a table: cf/m4 fills it from files */
static const struct class_table {
    const char *class_name, *table;
} class_tables[] = {
    {"w", "local-host-names"},
    {"R", "relay-domains"},
    {"t", "trusted-users"},
    {"M", "MASQUERADE_DOMAIN_FILE"},
    {"N", "MASQUERADE_EXCEPTION_FILE"},
    {"E", "EXPOSED_USER_FILE"},
    {"G", "GENERICS_DOMAIN_FILE"},
    {"VirtHost", "VIRTUSER_DOMAIN_FILE"},
    {"LDAPRoute", "LDAPROUTE_DOMAIN_FILE"},
    {"LDAPRouteEquiv", "LDAPROUTE_EQUIVALENT_FILE"},
    {"Canonify", "CANONIFY_DOMAIN_FILE"},
    {"L", "LOCAL_USER_FILE"},
};

/* the maps of a stock sendmail.cf */
static const struct class_table map_tables[] = {
    {"virtuser", "virtusertable"},
    {"generics", "genericstable"},
    {"uudomain", "uucpdomain"},
};

/* map types whose arguments name a text file, or a database that makemap built from one */
static const char *const file_types[] = {"hash",  "btree",    "dbm",     "ndbm",   "text", "cdb",
                                         "newdb", "implicit", "aliases", "userdb", "lmdb"};

/* a table that was found; its directive by number, as items still move */
struct found_table {
    struct sendmail_table table;
    enum sendmail_table_format format;
    size_t from; /* the number of the item; sendmail.directive_count where it is a default */
};

struct finder {
    struct sendmail *sendmail;
    struct str error; /* a table is too large; or STR_NONE */
    struct found_table *tables;
    size_t count, capacity;
};

/* --- reading directives ----------------------------------------------------------------------- */

static struct str find_settings_directory(const struct sendmail *sendmail)
{
    struct str directory = sendmail_value(sendmail, SETTINGS_DIRECTORY);

    return directory.at != NULL ? directory : str_of("/etc/mail/");
}

/* expand_path - expands the two macros that paths contain in quotes, and removes the quotes */
static struct str expand_path(const struct sendmail *sendmail, struct str text)
{
    struct str type = sendmail_value(sendmail, DATABASE_TYPE);
    struct buffer out;

    if (str_search(text, SETTINGS_DIRECTORY) == text.len &&
        str_search(text, DATABASE_TYPE) == text.len && str_find(text, '`', 0) == text.len)
        return text;
    buffer_init(&out, sendmail->arena);
    while (text.len > 0) {
        size_t skip = 1;
        if (str_starts(text, SETTINGS_DIRECTORY)) {
            buffer_add(&out, find_settings_directory(sendmail));
            skip = strlen(SETTINGS_DIRECTORY);
        } else if (str_starts(text, DATABASE_TYPE)) {
            buffer_add(&out, type.at != NULL ? type : str_of("hash"));
            skip = strlen(DATABASE_TYPE);
        } else if (text.at[0] != '`' && text.at[0] != '\'') {
            buffer_add_char(&out, text.at[0]);
        }
        text = str_slice(text, skip, text.len);
    }
    return buffer_str(&out);
}

static bool is_file_type(struct str type)
{
    for (size_t i = 0; i < sizeof file_types / sizeof *file_types; i++)
        if (str_is_nocase(type, file_types[i]))
            return true;
    return false;
}

static void add_table(struct finder *finder, struct sendmail_table table,
                      enum sendmail_table_format format, const struct sendmail_item *from)
{
    finder->tables = arena_grow(finder->sendmail->arena, finder->tables, finder->count,
                                &finder->capacity, sizeof *finder->tables);
    if (table.path.at == NULL)
        table.path = str_of("");
    if (table.flags.at == NULL)
        table.flags = str_of("");
    finder->tables[finder->count++] = (struct found_table){
        table, format, from != NULL ? from->number : finder->sendmail->directive_count};
}

/* read_flags - takes the words that start with "-" off REST; -k, -v and -z may be followed by a
 * value */
static struct str read_flags(struct str *rest)
{
    struct str flags = {rest->at, 0}, word, after;

    for (;;) {
        struct str before = *rest;
        if (!token_next_plain(rest, TOKEN_BLANKS, &word) || word.at[0] != '-') {
            *rest = before;
            return str_trim(flags);
        }
        after = *rest;
        if (word.len == 2 && word.at[1] != '\0' && strchr("kvz", word.at[1]) != NULL &&
            token_next_plain(&after, TOKEN_BLANKS, &word))
            *rest = after;
        flags.len = (size_t)(word.at + word.len - flags.at);
    }
}

/* add_map - "hash -o -T<TMPF> /etc/mail/access" */
static void add_map(struct finder *finder, const char *name, struct str spec,
                    const struct sendmail_item *from)
{
    struct sendmail_table table = {.name = str_of(name)};
    struct str rest = str_trim(expand_path(finder->sendmail, spec));

    if (rest.len > 0 && rest.at[0] != '/' && rest.at[0] != '-')
        table.type = str_slice(rest, 0, str_span_not(rest, 0, TOKEN_BLANKS ":")); /* ldap:-1 */
    else
        table.type = str_of("hash");
    if (table.type.at == rest.at)
        rest = str_slice(rest, table.type.len + (table.type.len < rest.len), rest.len);
    if (!is_file_type(table.type)) {
        table.flags = str_trim(rest);
    } else {
        table.flags = read_flags(&rest);
        token_next_plain(&rest, TOKEN_BLANKS, &table.path);
    }
    add_table(finder, table, SENDMAIL_MAKEMAP, from);
}

/* add_list - "-o /etc/mail/local-host-names %[^\#]" */
static void add_list(struct finder *finder, const char *name, struct str spec,
                     const struct sendmail_item *from)
{
    struct sendmail_table table = {.name = str_of(name), .type = str_of("list")};
    struct str rest = str_trim(expand_path(finder->sendmail, spec));

    table.flags = read_flags(&rest);
    if (rest.len > 0 && (rest.at[0] == '|' || rest.at[0] == '@' ||
                         (rest.at[0] != '/' && str_find(rest, ':', 0) < rest.len)))
        table.flags = rest;
    else
        token_next_plain(&rest, TOKEN_BLANKS, &table.path);
    bool words = str_search(rest, "%[^") < rest.len;
    add_table(finder, table, words ? SENDMAIL_WORDS : SENDMAIL_LIST, from);
}

/* take_spec - only the one of LDAP contains spaces, and commas in double quotes */
static bool take_spec(struct str *rest, struct str *spec)
{
    size_t end = 0;

    *rest = str_slice(*rest, str_span(*rest, 0, ", \t\r\n"), rest->len);
    if (!str_starts(*rest, "ldap:"))
        return token_next_plain(rest, ", \t\r\n", spec);
    while (end < rest->len && rest->at[end] != ',') {
        if (rest->at[end] == '"')
            end = str_find(*rest, '"', end + 1);
        end += end < rest->len;
    }
    *spec = str_trim(str_slice(*rest, 0, end));
    *rest = str_slice(*rest, end, rest->len);
    return true;
}

/* add_files - "/etc/aliases, dbm:/etc/more": AliasFile and UserDatabaseSpec */
static void add_files(struct finder *finder, const char *name, struct str specs,
                      enum sendmail_table_format format, const struct sendmail_item *from)
{
    struct str rest = expand_path(finder->sendmail, specs), spec;

    while (take_spec(&rest, &spec)) {
        struct sendmail_table table = {
            .name = str_of(name), .type = str_of(format == SENDMAIL_ALIASES ? "aliases" : "hash")};
        size_t colon = str_find(spec, ':', 0);
        if (spec.at[0] == '-')
            continue;
        if (colon < spec.len && str_find(spec, '/', 0) > colon) { /* a class of maps */
            table.type = str_slice(spec, 0, colon);
            spec = str_slice(spec, colon + 1, spec.len);
        }
        if (is_file_type(table.type))
            table.path = spec;
        else
            table.flags = spec;
        add_table(finder, table, format, from);
    }
}

/* --- which directives name tables ------------------------------------------------------------- */

static void find_features(struct finder *finder)
{
    struct sendmail *sendmail = finder->sendmail;

    for (size_t i = 0; i < sizeof feature_tables / sizeof *feature_tables; i++) {
        const struct feature_table *row = &feature_tables[i];
        const struct sendmail_item *item = sendmail_feature(sendmail, row->feature);
        if (item == NULL)
            continue;
        struct str spec = str_trim(sendmail_argument(item, 0));
        if (spec.len == 0)
            spec =
                arena_printf(sendmail->arena, DATABASE_TYPE " " SETTINGS_DIRECTORY "%s", row->file);
        add_map(finder, row->table, spec, item);
    }
}

/* find_routing - the maps of ldap_routing, where they are files */
static void find_routing(struct finder *finder)
{
    const struct sendmail_item *item = sendmail_feature(finder->sendmail, "ldap_routing");

    for (size_t i = 0; i < 2; i++) {
        struct str spec = item != NULL ? str_trim(sendmail_argument(item, i)) : STR_NONE;
        if (is_file_type(str_slice(spec, 0, str_span_not(spec, 0, TOKEN_BLANKS))))
            add_map(finder, i == 0 ? "ldapmh" : "ldapmra", spec, item);
    }
}

/* find_define - the list or file that DEFINE names, or FALLBACK, which is Sendmail's default */
static struct str find_define(const struct sendmail *sendmail, const char *define,
                              const char *fallback, const struct sendmail_item **from)
{
    struct str value = sendmail_value(sendmail, define);
    const struct sendmail_item *item = sendmail_define(sendmail, define);

    if (item != NULL)
        *from = item;
    return value.at != NULL ? value : str_of(fallback);
}

static void find_defines(struct finder *finder)
{
    struct sendmail *sendmail = finder->sendmail;
    const struct sendmail_item *from = NULL;
    struct str value;

    value = find_define(sendmail, "ALIAS_FILE", SETTINGS_DIRECTORY "aliases", &from);
    if (from != NULL || sendmail_has_default(sendmail, "ALIAS_FILE"))
        add_files(finder, "aliases", value, SENDMAIL_ALIASES, from);
    value = sendmail_value(sendmail, "confUSERDB_SPEC");
    if (value.len > 0)
        add_files(finder, "userdb", value, SENDMAIL_MAKEMAP,
                  sendmail_define(sendmail, "confUSERDB_SPEC"));
    from = sendmail_feature(sendmail, "use_cw_file");
    if (from != NULL) {
        value = find_define(sendmail, "confCW_FILE", SETTINGS_DIRECTORY "local-host-names", &from);
        add_list(finder, "local-host-names", value, from);
    }
    from = sendmail_feature(sendmail, "use_ct_file");
    if (from != NULL) {
        value = find_define(sendmail, "confCT_FILE", SETTINGS_DIRECTORY "trusted-users", &from);
        add_list(finder, "trusted-users", value, from);
    }
    from = NULL;
    value = find_define(sendmail, "confCR_FILE", "-o " SETTINGS_DIRECTORY "relay-domains", &from);
    if (from != NULL || !sendmail->is_cf) /* a sendmail.cf has the line for it */
        add_list(finder, "relay-domains", value, from);
}

/* find_table_name - the name of the table of a class or map in Sendmail's files, or NAME itself */
static const char *find_table_name(struct arena *arena, const struct class_table *tables,
                                   size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(name, tables[i].class_name))
            return tables[i].table;
    return arena_cstr(arena, name);
}

static void find_cf_line(struct finder *finder, const struct sendmail_item *item)
{
    struct arena *arena = finder->sendmail->arena;
    struct str name = sendmail_argument(item, 0), rest = sendmail_argument(item, 1);

    if (str_is(item->name, "F"))
        add_list(
            finder,
            find_table_name(arena, class_tables, sizeof class_tables / sizeof *class_tables, name),
            rest, item->stock ? NULL : item);
    if (str_is(item->name, "K") && is_file_type(rest))
        add_map(
            finder,
            find_table_name(arena, map_tables, sizeof map_tables / sizeof *map_tables, name),
            arena_printf(arena, "%.*s %.*s", STR_ARG(rest), STR_ARG(sendmail_argument(item, 2))),
            item);
}

static void find_lines(struct finder *finder)
{
    const struct sendmail *sendmail = finder->sendmail;

    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if (item->kind == ITEM_CF_LINE)
            find_cf_line(finder, item);
        else if (item->kind == ITEM_MACRO && str_ends(item->name, "_FILE") &&
                 item->argument_count > 0)
            add_list(finder,
                     str_is(item->name, "RELAY_DOMAIN_FILE")
                         ? "relay-domains" /* one class, as confCR_FILE */
                         : arena_cstr(sendmail->arena, item->name),
                     item->arguments[0], item);
    }
}

/* --- reading ---------------------------------------------------------------------------------- */

/* open_table - the file whose path is the longest end of PATH that exists below the directory */
static const struct source *open_table(struct finder *finder, struct str path)
{
    const struct sendmail *sendmail = finder->sendmail;
    struct m4_directories directories = {
        .paths = &sendmail->directory, .count = 1, .size_max = SENDMAIL_TABLE_SIZE_MAX};

    if (str_ends(path, ".db"))
        path.len -= 3;
    while (path.len > 0) {
        const struct source *source = m4_include_open(&directories, sendmail->arena, path);
        if (source != NULL)
            return source_of(sendmail->arena,
                             arena_printf(sendmail->arena, "%.*s/%.*s",
                                          STR_ARG(sendmail->directory), STR_ARG(path)),
                             source->bytes);
        if (directories.unreadable.at != NULL) {
            finder->error =
                arena_printf(sendmail->arena, "%.*s: cannot read: %s",
                             STR_ARG(directories.unreadable), strerror(directories.reason));
            return NULL;
        }
        if (errno == EFBIG) {
            finder->error = arena_printf(sendmail->arena, "%.*s/%.*s: larger than %u MiB",
                                         STR_ARG(sendmail->directory), STR_ARG(path),
                                         SENDMAIL_TABLE_SIZE_MAX >> 20);
            return NULL;
        }
        size_t slash = str_find(path, '/', 0);
        path = str_slice(path, slash + 1, path.len);
    }
    return NULL;
}

/* mark_duplicate - of lines with the same key makemap uses the first one, aliases the last one.
   KEYS has the numbers of items, which still move */
static void mark_duplicate(struct sendmail *sendmail, struct map *keys, struct sendmail_item *item,
                           enum sendmail_table_format format)
{
    struct str key = arena_lower(keys->arena, item->arguments[0]);
    const size_t *earlier = map_get(keys, key);

    if (item->overridden || format == SENDMAIL_LIST || format == SENDMAIL_WORDS)
        return;
    if (earlier != NULL && format == SENDMAIL_MAKEMAP) {
        item->overridden = true;
        item->refused = "its key is already in an earlier line";
        return;
    }
    if (earlier != NULL) {
        sendmail->items[*earlier].overridden = true;
        sendmail->items[*earlier].refused = "its name is again in a later line";
    }
    size_t *number = arena_alloc_raw(keys->arena, sizeof *number);
    *number = item->number;
    map_put(keys, key, number);
}

static void read_lines(struct finder *finder, struct found_table *found)
{
    struct sendmail *sendmail = finder->sendmail;
    struct sendmail_table_reader reader = {found->table.source, found->format, 0};
    struct source_cursor cursor = {0};
    struct sendmail_table_line line;
    struct map keys;

    map_init(&keys, arena_create_like(sendmail->arena));
    found->table.first = sendmail->count;
    while (sendmail_table_next(&reader, sendmail->arena, &line)) {
        struct str arguments[] = {line.key, line.value};
        struct sendmail_item item = {
            .kind = ITEM_TABLE_LINE,
            .name = found->table.name,
            .span = line.span,
            .line = source_position_next(&cursor, line.span.source, line.span.at).line,
            .overridden = line.refused != NULL,
            .refused = line.refused,
        };
        sendmail_set_arguments(sendmail->arena, &item, arguments, line.value.at != NULL ? 2 : 1);
        if (sendmail->count - sendmail->directive_count >= SENDMAIL_TABLE_LINES_MAX) {
            finder->error = arena_printf(
                sendmail->arena, "%.*s:%zu: the tables have more than %u lines",
                STR_ARG(found->table.source->path), item.line, SENDMAIL_TABLE_LINES_MAX);
            break;
        }
        mark_duplicate(sendmail, &keys, sendmail_add(sendmail, item), found->format);
    }
    found->table.count = sendmail->count - found->table.first;
    arena_destroy(keys.arena);
}

/* write_name - the same text for tables that are one file */
static struct str write_name(struct arena *arena, const struct sendmail_table *table)
{
    return arena_printf(arena, "%.*s\n%.*s", STR_ARG(table->name), STR_ARG(table->path));
}

bool sendmail_table_is_read(const struct sendmail *sendmail, const struct sendmail_table *table)
{
    const struct sendmail_own *own = sendmail->own;

    return table->source != NULL ||
           map_get(&own->files, write_name(sendmail->arena, table)) != NULL;
}

static void keep_tables(const struct finder *finder)
{
    struct sendmail *sendmail = finder->sendmail;

    for (size_t i = 0; i < finder->count; i++) {
        struct found_table *found = &finder->tables[i];
        if (found->from < sendmail->directive_count)
            found->table.from = &sendmail->items[found->from];
        for (size_t j = 0; j < found->table.count; j++)
            sendmail->items[found->table.first + j].table = found->table.from;
        sendmail->tables = arena_grow(sendmail->arena, sendmail->tables, sendmail->table_count,
                                      &sendmail->table_capacity, sizeof *sendmail->tables);
        sendmail->tables[sendmail->table_count++] = found->table;
    }
}

struct str sendmail_add_tables(struct sendmail *sendmail)
{
    struct finder finder = {.sendmail = sendmail, .error = STR_NONE};
    struct sendmail_own *own = sendmail->own;

    map_init(&own->files, sendmail->arena);
    find_features(&finder);
    find_routing(&finder);
    find_defines(&finder);
    find_lines(&finder);
    for (size_t i = 0; i < finder.count && finder.error.at == NULL; i++) {
        struct found_table *found = &finder.tables[i];
        struct str name = write_name(sendmail->arena, &found->table);
        if (found->table.path.len == 0 || map_get(&own->files, name) != NULL)
            continue;
        found->table.source = open_table(&finder, found->table.path);
        if (found->table.source == NULL)
            continue;
        map_put(&own->files, name, own);
        read_lines(&finder, found);
    }
    keep_tables(&finder);
    return finder.error;
}
