/* table_class - what the kinds of lookup tables share: see parser/tables/class.h */
#include "parser/tables/class.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "parser/text/token.h"

/* --- results ------------------------------------------------------------------------- */

enum { SHOWN_MAX = 200 };

struct str table_shown(const struct table_opening *opening, struct str text)
{
    return arena_shorten(opening->arena, text, SHOWN_MAX);
}

struct lookup lookup_found(struct str value, struct span span)
{
    return (struct lookup){.status = LOOKUP_FOUND, .value = value, .span = span};
}

struct lookup lookup_failed(enum lookup_status status, struct str reason)
{
    return (struct lookup){.status = status, .reason = reason};
}

void table_refuse(struct table *table, struct table_opening *opening, enum lookup_status status,
                  const char *reason, ...)
{
    va_list arguments;

    va_start(arguments, reason);
    table->reason = arena_vprintf(opening->arena, reason, arguments);
    va_end(arguments);
    table->status = status;
    table->fixed = status == LOOKUP_UNKNOWN && table->fixed;
}

struct table_entry *table_entry_add(struct table *table, struct table_opening *opening,
                                    struct table_entry entry)
{
    opening->entries = arena_grow_own(opening->arena, opening->entries, table->entry_count,
                                      &opening->entry_capacity, sizeof entry);
    opening->entries[table->entry_count] = entry;
    table->entries = opening->entries;
    return &opening->entries[table->entry_count++];
}

bool table_fault_add(struct table *table, struct table_opening *opening, struct span span,
                     struct str what)
{
    opening->faults = arena_grow(opening->arena, opening->faults, table->fault_count,
                                 &opening->fault_capacity, sizeof *opening->faults);
    opening->faults[table->fault_count++] = (struct table_fault){.span = span, .what = what};
    table->faults = opening->faults;
    return false;
}

/* table_is_keyword - does TEXT start with WORD, without a letter or digit after it? */
bool table_is_keyword(struct str text, const char *word)
{
    size_t length = strlen(word);

    return text.len >= length && strncasecmp(text.at, word, length) == 0 &&
           !(text.len > length && is_alnum(text.at[length]));
}

/* --- files --------------------------------------------------------------------------- */

/* find_path - the path of the file NAME, or STR_NONE with the table refused */
static struct str find_path(struct table *table, struct table_opening *opening)
{
    const struct config *config = opening->tables->config;
    struct str name = opening->name;
    struct str path;

    if (name.at[0] == '{') {
        table_refuse(table, opening, LOOKUP_ERROR, "this type does not support rules in its name");
        return STR_NONE;
    }
    if (name.at[0] != '/') {
        table_refuse(table, opening, LOOKUP_UNKNOWN, "%.*s is not an absolute path",
                     STR_ARG(table_shown(opening, name)));
        return STR_NONE;
    }
    if (config_owns_file(config, name, &path))
        return path;
    table_refuse(table, opening, LOOKUP_UNKNOWN, "%.*s is outside the directory",
                 STR_ARG(table_shown(opening, name)));
    return STR_NONE;
}

bool table_read(struct table *table, struct table_opening *opening)
{
    if (opening->source != NULL) {
        table->source = opening->source;
        return true;
    }
    struct str path = find_path(table, opening);
    struct str shown = table_shown(opening, opening->name);

    if (path.at == NULL)
        return false;
    table->source = config_read(opening->tables->config, opening->arena, path);
    if (table->source != NULL)
        return true;
    int failure = errno;
    if (opening->type->kind == TABLE_INDEXED && failure == ENOENT) {
        struct str built = arena_printf(opening->arena, "%.*s%.*s", STR_ARG(path),
                                        STR_ARG(opening->type->extension));
        if (access(built.at, F_OK) == 0) {
            table_refuse(table, opening, LOOKUP_UNKNOWN, "only the database built from %.*s exists",
                         STR_ARG(shown));
            return false;
        }
    }
    if ((failure == ENOENT || failure == ENOTDIR) && !config_is_own(opening->tables->config)) {
        table_refuse(table, opening, LOOKUP_UNKNOWN, "the directory does not contain %.*s",
                     STR_ARG(shown));
        return false;
    }
    /* Postfix reads a file of any size */
    if (failure == ENOENT || failure == ENOTDIR) {
        table_refuse(table, opening, LOOKUP_ERROR, "%.*s was not found", STR_ARG(shown));
        return false;
    }
    struct str why = source_problem(opening->arena, failure);
    table_refuse(table, opening, failure == EFBIG ? LOOKUP_UNKNOWN : LOOKUP_ERROR, "%.*s: %.*s",
                 STR_ARG(shown), STR_ARG(why));
    return false;
}

bool table_lines_open(struct table_lines *lines, struct table *table, struct table_opening *opening,
                      bool inline_allowed)
{
    *lines = (struct table_lines){.table = table, .opening = opening};
    if (!inline_allowed || opening->name.at[0] != '{') {
        bool got = table_read(table, opening);
        lines->reader.source = table->source;
        return got;
    }
    lines->in_name = true;
    const char *wrong = token_unbrace(opening->name, false, &lines->rest);
    if (wrong != NULL)
        table_refuse(table, opening, LOOKUP_ERROR, "%s", wrong);
    return wrong == NULL;
}

/* take_inline - the next rule of "{ {rule}, {rule} }"; it may be empty or a comment */
static bool take_inline(struct table_lines *lines, struct str *text)
{
    struct str word;

    if (!token_next(&lines->rest, TOKEN_COMMAS, &word))
        return false;
    const char *wrong = token_unbrace(word, true, text);
    if (wrong != NULL)
        table_refuse(lines->table, lines->opening, LOOKUP_ERROR, "%s", wrong);
    return wrong == NULL;
}

bool table_lines_next(struct table_lines *lines, struct str *text, struct span *span)
{
    struct line line;

    *span = SPAN_NONE;
    while (lines->in_name) {
        if (!take_inline(lines, text))
            return false;
        if (text->len > 0 && text->at[0] != '#')
            return true;
    }
    do {
        if (!line_next(&lines->reader, lines->opening->arena, &line))
            return false;
    } while (line.stray);
    *text = line.text;
    *span = line_span(&line, line.text);
    return true;
}
