/*
 * write_table - the text of a table: see write.h
 *
 * Sources: postmap(1), postalias(1), cidr_table(5), regexp_table(5), ldap_table(5).
 */
#include "rules/sendmail/write.h"

/* is the place of KEY lost where it starts a line: a blank goes on from the line above, "#" is a
   comment? */
static bool is_misread(struct str key)
{
    return key.len == 0 || key.at[0] == '#' || is_space(key.at[0]);
}

/* needs_quotes - a key of postmap that holds a blank or starts as none may */
static bool needs_quotes(const struct draft *draft, struct str key)
{
    return release_has(draft->platform->release, "quoted-table-keys") && key.len > 0 &&
           (is_misread(key) || key.at[0] == '"' || str_span_not(key, 0, " \t") < key.len);
}

static void write_quoted(struct buffer *out, struct str key)
{
    buffer_add_char(out, '"');
    for (size_t i = 0; i < key.len; i++) {
        if (key.at[i] == '"' || key.at[i] == '\\')
            buffer_add_char(out, '\\');
        draft_write_line(out, str_slice(key, i, i + 1));
    }
    buffer_add_char(out, '"');
}

static void write_entry(const struct draft *draft, const struct draft_table *table,
                        const struct draft_entry *entry, struct buffer *out)
{
    if (table->kind == DRAFT_INDEXED && needs_quotes(draft, entry->key)) {
        write_quoted(out, entry->key);
    } else {
        if (is_misread(entry->key))
            buffer_add_cstr(out, "# cannot be written as a key: ");
        draft_write_line(out, entry->key);
    }
    if (table->kind == DRAFT_ALIASES)
        buffer_add_cstr(out, ": ");
    else if (table->kind == DRAFT_LDAP)
        buffer_add_cstr(out, entry->value.len > 0 ? " = " : " =");
    else if (table->kind != DRAFT_LIST)
        buffer_add_char(out, '\t');
    if (table->kind != DRAFT_LIST)
        draft_write_line(out, entry->value);
    buffer_add_char(out, '\n');
}

void draft_write_table(const struct draft *draft, const struct draft_table *table,
                       struct buffer *out)
{
    const struct sendmail_item *last = NULL;

    buffer_add_cstr(out, "# ");
    draft_write_line(out, draft_table_ref(draft, table));
    buffer_add_cstr(out, ", made by postmend from ");
    draft_write_line(out, draft->sendmail->source->path);
    buffer_add_char(out, '\n');
    for (size_t i = 0; i < table->count; i++) {
        const struct draft_entry *entry = &table->entries[i];
        if (entry->item != last)
            draft_write_origin(draft, entry->item, entry->reason, "", out);
        last = entry->item;
        write_entry(draft, table, entry, out);
    }
}
