/*
 * write_table - the text of a table: see write.h
 *
 * Sources: postmap(1), postalias(1), cidr_table(5), regexp_table(5), ldap_table(5).
 */
#include "convert/write/write.h"
#include "smtp/address/form.h"

/* is_key - can a line start with KEY?  White space continues the line above, "#" starts a comment;
   in a postmap table white space ends the key unless the key is quoted, and the quotes are part of
   it */
static bool is_key(const struct draft *draft, const struct draft_table *table, struct str key)
{
    bool quotes = release_has(draft->platform->release, FEATURE_QUOTED_TABLE_KEYS);
    bool quoted = false;

    if (key.len == 0 || key.at[0] == '#' || is_space(key.at[0]))
        return false;
    for (size_t i = 0; table->kind == DRAFT_INDEXED && i < key.len; i++) {
        if (is_space(key.at[i]) && !quoted)
            return false;
        if (quotes && key.at[i] == '\\')
            i++;
        else if (quotes && key.at[i] == '"')
            quoted = !quoted;
    }
    return !quoted;
}

/* write_text - Postfix fails a lookup whose result is not valid UTF-8 (dict_utf8.c) */
static void write_text(const struct draft_table *table, struct str text, struct buffer *out)
{
    if ((table->kind != DRAFT_INDEXED && table->kind != DRAFT_ALIASES) || address_is_utf8(text)) {
        draft_write_line(out, text);
        return;
    }
    for (size_t i = 0; i < text.len; i++)
        draft_write_line(out, (unsigned char)text.at[i] < 0x80 ? str_slice(text, i, i + 1)
                                                               : str_of("?"));
}

static void write_entry(const struct draft *draft, const struct draft_table *table,
                        const struct draft_entry *entry, struct buffer *out)
{
    if (!is_key(draft, table, entry->key))
        buffer_add_cstr(out, "# not a valid key: ");
    write_text(table, entry->key, out);
    if (table->kind == DRAFT_ALIASES)
        buffer_add_cstr(out, ": ");
    else if (table->kind == DRAFT_LDAP)
        buffer_add_cstr(out, entry->value.len > 0 ? " = " : " =");
    else if (table->kind != DRAFT_LIST)
        buffer_add_char(out, '\t');
    if (table->kind != DRAFT_LIST)
        write_text(table, entry->value, out);
    buffer_add_char(out, '\n');
}

void draft_write_table(const struct draft *draft, const struct draft_table *table,
                       struct buffer *out)
{
    const struct sendmail_item *last = NULL;

    buffer_add_cstr(out, "# ");
    draft_write_line(out, draft_table_ref(draft, table));
    buffer_add_cstr(out, ", converted by postmend from ");
    draft_write_line(out, draft->sendmail->source->path);
    buffer_add_char(out, '\n');
    for (size_t i = 0; i < table->count; i++) {
        const struct draft_entry *entry = &table->entries[i];
        if (entry->item != last)
            draft_write_origin(entry->item, entry->reason, "", out);
        last = entry->item;
        write_entry(draft, table, entry, out);
    }
}
