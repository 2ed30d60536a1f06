#include "parser/tables/ref.h"

#include "parser/text/token.h"

enum { DEPTH_MAX = 20 };

struct walk {
    void (*seen)(void *context, const struct table_ref *ref);
    void *context;
    bool cut; /* DEPTH_MAX was reached */
};

static void walk_list(struct walk *walk, struct str text, const struct table_ref *inside,
                      int depth);
static void walk_results(struct walk *walk, struct str text, const struct table_ref *inside,
                         int depth);

static bool starts_with_brace(struct str text)
{
    return text.len > 0 && text.at[0] == '{';
}

/* walk_inside - the tables in the braces after OUTER's type */
static void walk_inside(struct walk *walk, const struct table_ref *outer, int depth)
{
    struct str inner;

    if (!starts_with_brace(outer->name))
        return;
    token_unbrace(outer->name, true, &inner);
    /* randmap's words are results, not tables */
    if (outer->type->kind == TABLE_COMBINED && !str_is(outer->type->name, "randmap"))
        walk_list(walk, inner, outer, depth);
    else
        walk_results(walk, inner, outer, depth);
}

/* walk_word - WORD is "type:name", or a list in braces */
static void walk_word(struct walk *walk, struct str word, const struct table_ref *inside, int depth)
{
    struct str inner;

    word = str_slice(word, str_span(word, 0, "!"), word.len);
    walk->cut = walk->cut || (word.len > 0 && depth == 0);
    if (word.len == 0 || depth == 0)
        return;
    if (starts_with_brace(word)) {
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
    else
        walk_inside(walk, &ref, depth - 1);
}

static void walk_list(struct walk *walk, struct str text, const struct table_ref *inside, int depth)
{
    struct str word;

    while (token_next(&text, TOKEN_COMMAS, &word))
        walk_word(walk, word, inside, depth);
}

static bool takes_table(struct str word)
{
    const struct restriction *restriction = facts_restriction(word);

    return restriction != NULL && (restriction->argument == RESTRICTION_TABLE ||
                                   restriction->argument == RESTRICTION_CONTAINER);
}

/* walk_results - in free text only the word after a restriction that takes a table is one */
static void walk_results(struct walk *walk, struct str text, const struct table_ref *inside,
                         int depth)
{
    struct str word, inner;
    bool wanted = false;

    walk->cut = walk->cut || (depth == 0 && str_find(text, ':', 0) < text.len);
    while (depth > 0 && token_next(&text, TOKEN_COMMAS, &word)) {
        if (wanted) {
            walk_word(walk, word, inside, depth - 1);
        } else if (starts_with_brace(word)) {
            token_unbrace(word, true, &inner);
            walk_results(walk, inner, inside, depth - 1);
        }
        wanted = takes_table(word);
    }
}

bool table_refs(struct str value, void (*seen)(void *context, const struct table_ref *ref),
                void *context)
{
    struct walk walk = {seen, context, false};

    if (str_find(value, ':', 0) < value.len)
        walk_list(&walk, value, NULL, DEPTH_MAX);
    return !walk.cut;
}

bool table_refs_restrictions(struct str text,
                             void (*seen)(void *context, const struct table_ref *ref),
                             void *context)
{
    struct walk walk = {seen, context, false};

    if (str_find(text, ':', 0) < text.len)
        walk_results(&walk, text, NULL, DEPTH_MAX);
    return !walk.cut;
}
