#include "parser/table_ref.h"

#include "parser/token.h"

enum { DEPTH_MAX = 20 };

struct walk {
    void (*seen)(void *context, const struct table_ref *ref);
    void *context;
};

static void walk_list(const struct walk *walk, struct str text, const struct table_ref *inside,
                      int depth);

/* holds_tables - do the braces of such a table hold further tables? */
static bool holds_tables(const struct table_type *type)
{
    return type->kind == TABLE_COMBINED && !str_is(type->name, "randmap");
}

/* walk_word - "type:name", or a list in braces */
static void walk_word(const struct walk *walk, struct str word, const struct table_ref *inside,
                      int depth)
{
    struct str inner;

    if (word.len > 0 && word.at[0] == '!')
        word = str_slice(word, 1, word.len);
    if (word.len == 0 || depth == 0)
        return;
    if (word.at[0] == '{') {
        token_unbrace(word, true, &inner);
        walk_list(walk, inner, inside, depth - 1);
        return;
    }
    size_t colon = str_find(word, ':', 0);
    const struct table_type *type =
        colon < word.len ? facts_table_type(str_slice(word, 0, colon)) : NULL;
    if (type == NULL)
        return;
    struct table_ref ref = {.type = type,
                            .type_text = str_slice(word, 0, colon),
                            .name = str_slice(word, colon + 1, word.len),
                            .text = word,
                            .inside = inside};
    walk->seen(walk->context, &ref);
    if (type->kind == TABLE_ADAPTER)
        walk_word(walk, ref.name, &ref, depth - 1);
    else if (holds_tables(type) && ref.name.len > 0 && ref.name.at[0] == '{')
        walk_word(walk, ref.name, &ref, depth - 1);
}

static void walk_list(const struct walk *walk, struct str text, const struct table_ref *inside,
                      int depth)
{
    struct str word;

    while (token_next(&text, TOKEN_COMMAS, &word))
        walk_word(walk, word, inside, depth);
}

void table_refs(struct str value, void (*seen)(void *context, const struct table_ref *ref),
                void *context)
{
    const struct walk walk = {seen, context};

    if (str_find(value, ':', 0) < value.len)
        walk_list(&walk, value, NULL, DEPTH_MAX);
}
