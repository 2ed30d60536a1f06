#include "convert/remaining/uses.h"

#include <stdlib.h>
#include <string.h>

/* of the text after a "$"; longer needles are searched in all lines */
enum { LENGTH_MAX = 256 };

/* one "$" of a line, and what follows it */
struct use {
    struct str text;
    const struct sendmail_item *item;
};

struct draft_uses {
    struct use *items; /* sorted by their texts */
    size_t count, capacity;
};

static int compare_uses(const void *a, const void *b)
{
    return str_cmp(((const struct use *)a)->text, ((const struct use *)b)->text);
}

static void add_uses(const struct draft *draft, struct draft_uses *uses,
                     const struct sendmail_item *item, struct str text)
{
    for (size_t at = str_find(text, '$', 0); at < text.len; at = str_find(text, '$', at + 1)) {
        uses->items = arena_grow(draft->arena, uses->items, uses->count, &uses->capacity,
                                 sizeof *uses->items);
        uses->items[uses->count++] = (struct use){str_slice(text, at, at + LENGTH_MAX), item};
    }
}

static const struct draft_uses *get_uses(struct draft *draft)
{
    const struct sendmail *sendmail = draft->sendmail;

    if (draft->uses != NULL)
        return draft->uses;
    struct draft_uses *uses = arena_alloc(draft->arena, sizeof *uses);
    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        for (size_t k = 0; k < item->argument_count && !item->stock; k++)
            add_uses(draft, uses, item, item->arguments[k]);
    }
    if (uses->count > 1)
        qsort(uses->items, uses->count, sizeof *uses->items, compare_uses);
    draft->uses = uses;
    return uses;
}

/* search_lines - in all lines */
static bool search_lines(const struct draft *draft, const struct sendmail_item *except,
                         struct str needle)
{
    const struct sendmail *sendmail = draft->sendmail;
    const char *text = arena_cstr(draft->arena, needle);

    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        for (size_t k = 0; k < item->argument_count && item != except && !item->stock; k++)
            if (str_search(item->arguments[k], text) < item->arguments[k].len)
                return true;
    }
    return false;
}

bool uses_contain(struct draft *draft, const struct sendmail_item *item, struct str needle)
{
    const struct draft_uses *uses = get_uses(draft);
    size_t low = 0, high = uses->count;

    if (needle.len > LENGTH_MAX)
        return search_lines(draft, item, needle);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_cmp(uses->items[middle].text, needle) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < uses->count && str_eq(str_slice(uses->items[low].text, 0, needle.len), needle);
         low++)
        if (uses->items[low].item != item)
            return true;
    return false;
}
