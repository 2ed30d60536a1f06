#include "parser/sendmail/sendmail.h"

#include <string.h>

#include "facts/sendmail.h"
#include "parser/sendmail/parts.h"

struct sendmail_item *sendmail_add(struct sendmail *sendmail, struct sendmail_item item)
{
    sendmail->items = arena_grow_own(sendmail->arena, sendmail->items, sendmail->count,
                                     &sendmail->capacity, sizeof item);
    item.number = sendmail->count;
    sendmail->items[sendmail->count] = item;
    return &sendmail->items[sendmail->count++];
}

void sendmail_also(struct sendmail *sendmail, struct sendmail_item item)
{
    struct sendmail_own *own = sendmail->own;
    struct sendmail_item *copy = arena_alloc(sendmail->arena, sizeof *copy);

    *copy = item;
    own->also = arena_grow(sendmail->arena, own->also, own->also_count, &own->also_capacity,
                           sizeof *own->also);
    own->also[own->also_count++] = copy;
}

void sendmail_set_arguments(struct arena *arena, struct sendmail_item *item,
                            const struct str *texts, size_t count)
{
    struct str *copy = arena_alloc(arena, (count > 0 ? count : 1) * sizeof *copy);

    for (size_t i = 0; i < count; i++)
        copy[i] = texts[i];
    item->arguments = copy;
    item->argument_count = count;
}

/* --- what is in effect ------------------------------------------------------------------------ */

const struct sendmail_item *sendmail_define(const struct sendmail *sendmail, const char *name)
{
    const struct sendmail_own *own = sendmail->own;
    const struct sendmail_item *item = map_get(&own->defines, str_of(name));

    return item != NULL && item->kind == ITEM_DEFINE ? item : NULL;
}

struct str sendmail_value(const struct sendmail *sendmail, const char *define)
{
    const struct sendmail_item *item = sendmail_define(sendmail, define);

    if (item != NULL)
        return item->argument_count > 0 ? item->arguments[0] : str_of("");
    const struct sendmail_fact *fact = facts_sendmail(SENDMAIL_DEFINE, str_of(define));
    if (fact == NULL || fact->option.len == 0)
        return STR_NONE;
    for (size_t i = sendmail->directive_count; i-- > 0;) {
        item = &sendmail->items[i];
        if (item->kind == ITEM_OPTION && item->refused == NULL &&
            facts_sendmail_option(item->name) == fact)
            return item->arguments[0];
    }
    return STR_NONE;
}

bool sendmail_has_default(const struct sendmail *sendmail, const char *define)
{
    const struct sendmail_fact *fact = facts_sendmail(SENDMAIL_DEFINE, str_of(define));
    const struct sendmail_item *item = NULL;

    if (sendmail_value(sendmail, define).at != NULL)
        return false;
    while (sendmail->is_cf && (item = sendmail_next(sendmail, ITEM_CF_LINE, "O", item)) != NULL)
        if (item->stock && facts_sendmail_option(sendmail_argument(item, 0)) == fact)
            return true;
    return !sendmail->is_cf;
}

/* the items of one kind and name, in their order */
struct sendmail_index {
    size_t *next;    /* by an item's number: that of the next one of its kind and name, or count */
    struct map same; /* a kind and a name to their struct same_items */
};

/* the items of one kind and name */
struct same_items {
    size_t first, last;
    const struct sendmail_item *effective; /* the last one that is not overridden, or NULL */
};

enum { KEY_SIZE = 128 };

/* write_key - of a kind and a name; SPACE is used if it is large enough */
static struct str write_key(struct arena *arena, enum sendmail_item_kind kind, struct str name,
                            char space[KEY_SIZE])
{
    char *key = name.len < KEY_SIZE ? space : arena_alloc_raw(arena, name.len + 1);

    key[0] = (char)('a' + (int)kind);
    if (name.len > 0)
        memcpy(key + 1, name.at, name.len);
    return (struct str){key, name.len + 1};
}

static void index_item(const struct sendmail *sendmail, struct sendmail_index *index,
                       const struct sendmail_item *item)
{
    char space[KEY_SIZE];
    struct str key = write_key(sendmail->arena, item->kind, item->name, space);
    struct same_items *same = map_get(&index->same, key);

    index->next[item->number] = sendmail->count;
    if (same == NULL) {
        same = arena_alloc(sendmail->arena, sizeof *same);
        same->first = item->number;
        map_put(&index->same, arena_copy(sendmail->arena, key), same);
    } else {
        index->next[same->last] = item->number;
    }
    same->last = item->number;
    if (!item->overridden)
        same->effective = item;
}

static const struct sendmail_index *get_index(const struct sendmail *sendmail)
{
    struct sendmail_own *own = sendmail->own;

    if (own->index != NULL)
        return own->index;
    struct sendmail_index *index = arena_alloc(sendmail->arena, sizeof *index);
    index->next = arena_alloc_raw(sendmail->arena, (sendmail->count + 1) * sizeof *index->next);
    map_init(&index->same, sendmail->arena);
    for (size_t i = 0; i < sendmail->count; i++)
        index_item(sendmail, index, &sendmail->items[i]);
    own->index = index;
    return index;
}

/* find_same - the items of a kind and name; NULL where there are none */
static const struct same_items *find_same(const struct sendmail *sendmail,
                                          enum sendmail_item_kind kind, const char *name)
{
    char space[KEY_SIZE];

    return map_get(&get_index(sendmail)->same,
                   write_key(sendmail->arena, kind, str_of(name), space));
}

static bool is_item(const struct sendmail_item *item, enum sendmail_item_kind kind,
                    const char *name)
{
    return item->kind == kind && (name == NULL || str_is(item->name, name));
}

/* search_next - without the index */
static const struct sendmail_item *search_next(const struct sendmail *sendmail,
                                               enum sendmail_item_kind kind, const char *name,
                                               const struct sendmail_item *after)
{
    size_t end = kind == ITEM_TABLE_LINE ? sendmail->count : sendmail->directive_count;
    size_t at = after != NULL ? after->number + 1 : 0;

    if (kind == ITEM_TABLE_LINE && at < sendmail->directive_count)
        at = sendmail->directive_count;
    for (; at < end; at++)
        if (is_item(&sendmail->items[at], kind, name))
            return &sendmail->items[at];
    return NULL;
}

const struct sendmail_item *sendmail_next(const struct sendmail *sendmail,
                                          enum sendmail_item_kind kind, const char *name,
                                          const struct sendmail_item *after)
{
    const struct sendmail_own *own = sendmail->own;
    const struct same_items *same;

    if (!own->complete || name == NULL || (after != NULL && !is_item(after, kind, name)))
        return search_next(sendmail, kind, name, after);
    if (after != NULL) {
        size_t next = get_index(sendmail)->next[after->number];
        return next < sendmail->count ? &sendmail->items[next] : NULL;
    }
    same = find_same(sendmail, kind, name);
    return same == NULL ? NULL : &sendmail->items[same->first];
}

/* find_feature - the last one among the items that is not overridden */
static const struct sendmail_item *find_feature(const struct sendmail *sendmail, const char *name)
{
    const struct sendmail_own *own = sendmail->own;
    const struct sendmail_item *found = NULL, *item = NULL;

    if (own->complete) {
        const struct same_items *same = find_same(sendmail, ITEM_FEATURE, name);
        return same != NULL ? same->effective : NULL;
    }
    while ((item = search_next(sendmail, ITEM_FEATURE, name, item)) != NULL)
        if (!item->overridden)
            found = item;
    return found;
}

const struct sendmail_item *sendmail_feature(const struct sendmail *sendmail, const char *name)
{
    const struct sendmail_own *own = sendmail->own;
    const struct sendmail_item *found = find_feature(sendmail, name);

    for (size_t i = 0; i < own->also_count && found == NULL; i++)
        if (own->also[i]->kind == ITEM_FEATURE && str_is(own->also[i]->name, name))
            found = own->also[i];
    return found;
}

const struct sendmail_item *sendmail_part(const struct sendmail *sendmail, size_t i)
{
    const struct sendmail_own *own = sendmail->own;

    return i < own->also_count ? own->also[i] : NULL;
}

struct str sendmail_argument(const struct sendmail_item *item, size_t i)
{
    return i < item->argument_count ? item->arguments[i] : STR_NONE;
}

const struct sendmail_table *sendmail_table(const struct sendmail *sendmail, const char *name)
{
    for (size_t i = 0; i < sendmail->table_count; i++)
        if (str_is(sendmail->tables[i].name, name))
            return &sendmail->tables[i];
    return NULL;
}

/* is_key - is TEXT's first letter KEY?  setsockaddroptions() in sendmail/daemon.c */
static bool is_key(struct str text, char key)
{
    if (text.len == 0)
        return false;
    if (text.at[0] == key)
        return true;
    return key != '\0' && strchr("AFILMNPS", key) != NULL && text.at[0] == key - 'A' + 'a';
}

struct str sendmail_pair(struct str text, char key)
{
    struct str found = STR_NONE;

    for (size_t at = 0; at < text.len;) {
        size_t end = str_find(text, ',', at);
        struct str pair = str_trim(str_slice(text, at, end));
        size_t equals = str_find(pair, '=', 0);
        if (equals < pair.len && is_key(pair, key))
            found = str_trim(str_slice(pair, equals + 1, pair.len));
        at = end + 1;
    }
    return found;
}
