/* table_fixed - static, fail and randmap: tables whose result does not depend on the key */
#include "parser/tables/class.h"
#include "parser/text/token.h"

/* --- static -------------------------------------------------------------------------- */

static void static_open(struct table *table, struct table_opening *opening)
{
    struct str value = opening->name;
    const char *wrong = NULL;

    if (value.at[0] == '{' && release_has(opening->release, FEATURE_BRACED_STATIC))
        wrong = token_unbrace(value, true, &value);
    if (wrong != NULL)
        table_refuse(table, opening, LOOKUP_ERROR, "%s", wrong);
    else
        table_entry_add(table, opening, (struct table_entry){.key = STR(""), .value = value});
}

static struct lookup static_find(const struct table *table, struct arena *arena, struct str key)
{
    (void)arena;
    (void)key;
    return lookup_found(table->entries[0].value, table->entries[0].span);
}

/* --- fail ---------------------------------------------------------------------------- */

static void fail_open(struct table *table, struct table_opening *opening)
{
    table_refuse(table, opening, LOOKUP_ERROR, "fail always fails");
}

/* --- randmap ------------------------------------------------------------------------- */

static void randmap_open(struct table *table, struct table_opening *opening)
{
    struct str rest, word;
    const char *wrong = token_unbrace(opening->name, false, &rest);

    while (wrong == NULL && token_next(&rest, TOKEN_COMMAS, &word))
        table_entry_add(table, opening, (struct table_entry){.key = STR(""), .value = word});
    table->fixed = false;
    if (wrong == NULL && table->entry_count == 0)
        wrong = "need randmap:{value...}";
    if (wrong != NULL)
        table_refuse(table, opening, LOOKUP_ERROR, "%s", wrong);
}

static struct lookup randmap_find(const struct table *table, struct arena *arena, struct str key)
{
    (void)arena;
    (void)key;
    for (size_t i = 1; i < table->entry_count; i++)
        if (!str_eq(table->entries[i].value, table->entries[0].value))
            return lookup_failed(LOOKUP_UNKNOWN, (struct str)STR("randmap gives a random result"));
    return lookup_found(table->entries[0].value, table->entries[0].span);
}

const struct table_class table_class_static = {static_open, static_find};
const struct table_class table_class_fail = {fail_open, NULL};
const struct table_class table_class_randmap = {randmap_open, randmap_find};
