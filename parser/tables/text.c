/* table_text - tables of fixed strings: hash and similar types, texthash, inline, internal */
#include <stdlib.h>

#include "parser/postfix/main_cf.h"
#include "parser/tables/alias.h"
#include "parser/tables/class.h"
#include "parser/text/token.h"

/* the entries that can be found, sorted by key; one of those with the same key */
struct text_contents {
    const struct table_entry **sorted; /* by KEYS */
    struct str *keys;                  /* folded where the table folds */
    size_t count;
    bool fold; /* the key of a lookup */
};

enum { LMDB_KEY_MAX = 511 /* bytes, with the NUL that postmap appends to a key */ };

/* one entry while they are sorted */
struct sortable {
    struct str key;
    const struct table_entry *entry;
};

enum duplicates { FIRST_COUNTS, LAST_COUNTS, DUPLICATES_FAIL };

static int compare_sortable(const void *left, const void *right)
{
    const struct sortable *a = left, *b = right;
    int order = str_cmp(a->key, b->key);

    if (order != 0)
        return order;
    return a->entry < b->entry ? -1 : a->entry > b->entry;
}

/* add_duplicate - ENTRY has the key of FIRST, which counts */
static void add_duplicate(struct table *table, struct table_opening *opening,
                          const struct table_entry *first, const struct table_entry *entry)
{
    size_t line = source_position(first->span.source, first->span.at).line;
    bool same = str_eq(first->value, entry->value);

    table_fault_add(table, opening, entry->span,
                    arena_printf(opening->arena, "has the key of line %zu, %s", line,
                                 same ? "and the same value" : "whose value counts"));
    opening->faults[table->fault_count - 1].harmless = same;
}

/* keep_sorted - sorts TABLE's entries as its contents; false where a duplicate is an error */
static bool keep_sorted(struct table *table, struct table_opening *opening, bool fold,
                        enum duplicates duplicates)
{
    struct text_contents *contents = arena_alloc(opening->arena, sizeof *contents);
    size_t count = table->entry_count, size = (count + 1) * sizeof(struct sortable);
    struct sortable *all = arena_alloc_raw(opening->arena, size);

    contents->fold = (opening->use & TABLE_FOLD) != 0;
    contents->sorted = arena_alloc_raw(opening->arena, (count + 1) * sizeof *contents->sorted);
    contents->keys = arena_alloc_raw(opening->arena, (count + 1) * sizeof *contents->keys);
    table->contents = contents;
    for (size_t i = 0; i < count; i++) {
        struct str key = table->entries[i].key;
        all[i] =
            (struct sortable){fold ? arena_lower(opening->arena, key) : key, &table->entries[i]};
    }
    qsort(all, count, sizeof *all, compare_sortable);
    for (size_t i = 0; i < count; i++) {
        size_t last = contents->count - 1;
        bool again = contents->count > 0 && str_eq(contents->keys[last], all[i].key);
        if (again && duplicates == DUPLICATES_FAIL) {
            table_refuse(table, opening, LOOKUP_ERROR, "duplicate entry: \"%.*s\"",
                         STR_ARG(table_shown(opening, all[i].key)));
            return false;
        }
        if (again && duplicates == FIRST_COUNTS) {
            add_duplicate(table, opening, contents->sorted[last], all[i].entry);
            continue;
        }
        size_t at = again ? last : contents->count++;
        contents->keys[at] = all[i].key;
        contents->sorted[at] = all[i].entry;
    }
    arena_give_back(opening->arena, all, size);
    return true;
}

static struct lookup text_find(const struct table *table, struct arena *arena, struct str key)
{
    const struct text_contents *contents = table->contents;
    size_t low = 0, high = contents->count;

    if (contents->fold)
        key = arena_lower(arena, key);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(key, contents->keys[middle]);
        if (order == 0)
            return lookup_found(contents->sorted[middle]->value, contents->sorted[middle]->span);
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return (struct lookup){.status = LOOKUP_NONE};
}

/* --- text ---------------------------------------------------------------------------- */

/*
 * key_end - the end of the key at the start of TEXT: before white space, or "=" in inline tables,
 * that is neither in quotes nor escaped.  *BALANCED: the quotes are balanced.
 */
static size_t find_key_end(struct str text, bool equals_ends, bool *balanced)
{
    bool quoted = false;
    size_t i = 0;

    for (; i < text.len; i++) {
        char c = text.at[i];
        if (c == '\\') {
            if (++i == text.len)
                break;
        } else if ((is_space(c) || (equals_ends && c == '=')) && !quoted) {
            break;
        } else if (c == '"') {
            quoted = !quoted;
        }
    }
    *balanced = !quoted;
    return i;
}

/* split_entry - splits a logical line "key value"; false where Postfix skips it */
static bool split_entry(struct str text, const struct release *release, struct table_entry *entry)
{
    bool balanced = true;
    size_t end = release_has(release, FEATURE_QUOTED_TABLE_KEYS)
                     ? find_key_end(text, false, &balanced)
                     : str_span_not(text, 0, " \t\r\n");

    entry->key = str_slice(text, 0, end);
    entry->value = str_trim(str_slice(text, end, text.len));
    return balanced && entry->key.len > 0 && entry->value.len > 0;
}

/* is_utf8 - as Postfix checks it: no overlong forms, no surrogates, nothing above U+10FFFF */
static bool is_utf8(struct str s)
{
    for (size_t i = 0; i < s.len;) {
        unsigned char c = (unsigned char)s.at[i];
        size_t more = c < 0x80 ? 0 : c >= 0xc2 && c <= 0xdf ? 1 : c >= 0xe0 && c <= 0xef ? 2 : 3;
        unsigned char second = i + 1 < s.len ? (unsigned char)s.at[i + 1] : 0;
        if ((c >= 0x80 && c < 0xc2) || c > 0xf4 || s.len - i <= more)
            return false;
        for (size_t k = 1; k <= more; k++)
            if (((unsigned char)s.at[i + k] & 0xc0) != 0x80)
                return false;
        if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) ||
            (c == 0xf0 && second < 0x90) || (c == 0xf4 && second > 0x8f))
            return false;
        i += more + 1;
    }
    return true;
}

/* wants_utf8 - does Postfix require that the text is UTF-8? */
static bool wants_utf8(const struct table_opening *opening)
{
    return config_flag(opening->tables->config, NULL, PARAM_SMTPUTF8_ENABLE) == 1;
}

/* check_key - postmap(1) asks "is this an alias file?", and keeps the entry */
static void check_key(struct table *table, struct table_opening *opening,
                      const struct table_entry *entry)
{
    if (entry->key.at[entry->key.len - 1] != ':')
        return;
    table_fault_add(table, opening, entry->span,
                    (struct str)STR("has a key that ends in a colon, as in a file of aliases"));
    opening->faults[table->fault_count - 1].kept = true;
}

/* read_entries - the entries of a file; ALIAS: in the format of postalias(1) */
static bool read_entries(struct table *table, struct table_opening *opening, bool alias)
{
    struct table_lines lines;
    struct table_entry entry;
    struct str text;
    bool utf8 = wants_utf8(opening);

    if (!table_lines_open(&lines, table, opening, false))
        return false;
    while (table_lines_next(&lines, &text, &entry.span)) {
        if (utf8 && !is_utf8(text))
            table_fault_add(table, opening, entry.span, (struct str)STR("is not UTF-8"));
        else if (alias ? alias_split(opening->arena, text, &entry.key, &entry.value)
                       : split_entry(text, opening->release, &entry)) {
            if (!alias)
                check_key(table, opening, &entry);
            table_entry_add(table, opening, entry);
        } else
            table_fault_add(table, opening, entry.span,
                            alias ? (struct str)STR("is not \"name: value\" of a local name")
                                  : (struct str)STR("is not a key, white space and a value"));
    }
    return true;
}

/* lmdb_has_room - are all keys short enough?  Otherwise postmap fails, and the old database stays
 */
static bool lmdb_has_room(const struct table *table)
{
    for (size_t i = 0; i < table->entry_count; i++)
        if (table->entries[i].key.len >= LMDB_KEY_MAX)
            return false;
    return true;
}

/* indexed_open - postmap and postalias warn about duplicates and keep the first; both fold all keys
 */
static void indexed_open(struct table *table, struct table_opening *opening)
{
    bool alias = (opening->use & TABLE_ALIAS) != 0;

    if (!read_entries(table, opening, alias) || !keep_sorted(table, opening, true, FIRST_COUNTS))
        return;
    if (str_is(opening->type->name, "lmdb") && !lmdb_has_room(table))
        table_refuse(table, opening, LOOKUP_UNKNOWN,
                     "a key is longer than the %d bytes that lmdb accepts", LMDB_KEY_MAX - 1);
}

static void texthash_open(struct table *table, struct table_opening *opening)
{
    if (read_entries(table, opening, false))
        keep_sorted(table, opening, (opening->use & TABLE_FOLD) != 0,
                    (opening->use & TABLE_POSTMAP) != 0 ? FIRST_COUNTS : DUPLICATES_FAIL);
}

/* --- inline and internal ------------------------------------------------------------- */

/* split_inline - splits "key = value", where the key may have quotes; NULL, or what is wrong */
static const char *split_inline(struct str text, const struct release *release,
                                struct table_entry *entry)
{
    bool balanced;

    if (!release_has(release, FEATURE_QUOTED_TABLE_KEYS))
        return split_name_value(text, &entry->key, &entry->value);
    text = str_slice(text, str_span(text, 0, " \t\r\n\v\f"), text.len);
    if (text.len == 0)
        return "no key found; expected format: key = value";
    size_t end = find_key_end(text, true, &balanced);
    if (!balanced)
        return "unbalanced '\"'";
    size_t equals = str_span(text, end, " \t\r\n\v\f");
    if (equals == text.len || text.at[equals] != '=')
        return "missing '=' after attribute name";
    entry->key = str_slice(text, 0, end);
    entry->value = str_trim(str_slice(text, equals + 1, text.len));
    return NULL;
}

static const char *read_inline(struct table *table, struct table_opening *opening)
{
    struct str rest, word;
    const char *wrong = token_unbrace(opening->name, false, &rest);

    while (wrong == NULL && token_next(&rest, TOKEN_COMMAS, &word)) {
        struct table_entry entry = {0};
        if (word.at[0] == '{')
            wrong = token_unbrace(word, true, &word);
        if (wrong == NULL)
            wrong = split_inline(word, opening->release, &entry);
        if (wrong == NULL)
            table_entry_add(table, opening, entry);
    }
    return wrong == NULL && table->entry_count == 0 ? "empty table" : wrong;
}

static void inline_open(struct table *table, struct table_opening *opening)
{
    const char *wrong = read_inline(table, opening);

    if (wrong != NULL)
        table_refuse(table, opening, LOOKUP_ERROR, "%s", wrong);
    else
        keep_sorted(table, opening, (opening->use & TABLE_FOLD) != 0, LAST_COUNTS);
}

/* internal_open - an empty table that only programs fill */
static void internal_open(struct table *table, struct table_opening *opening)
{
    keep_sorted(table, opening, false, FIRST_COUNTS);
}

const struct table_class table_class_indexed = {indexed_open, text_find};
const struct table_class table_class_texthash = {texthash_open, text_find};
const struct table_class table_class_inline = {inline_open, text_find};
const struct table_class table_class_internal = {internal_open, text_find};

bool table_has_keys_alone(const struct table *table)
{
    return table->status == LOOKUP_FOUND && table->class != NULL && table->class->find == text_find;
}
