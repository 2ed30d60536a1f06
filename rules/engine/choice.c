#include "rules/engine/choice.h"

#include "base/nearest.h"
#include "parser/text/token.h"
#include "rules/engine/engine.h"

static bool is_known(struct str name)
{
    size_t count;
    const struct rule *const *rules = rules_all(&count);

    for (size_t i = 0; i < count; i++)
        if (str_is(name, rules[i]->name) || str_is(name, rule_family(rules[i])))
            return true;
    return false;
}

/* suggest - what an unknown name is probably meant to be */
static struct str suggest(struct arena *arena, struct str name)
{
    struct nearest nearest;
    size_t count;
    const struct rule *const *rules = rules_all(&count);

    nearest_start(&nearest, name);
    for (size_t i = 0; i < count; i++) {
        nearest_try(&nearest, str_of(rules[i]->name));
        nearest_try(&nearest, str_of(rule_family(rules[i])));
    }
    if (nearest.found.at == NULL)
        return arena_printf(arena,
                            "the names of rules; \"%.*s\" is none, \"postmend rules\" "
                            "lists them",
                            STR_ARG(name));
    return arena_printf(arena, "the names of rules; \"%.*s\" is none, did you mean \"%.*s\"?",
                        STR_ARG(name), STR_ARG(nearest.found));
}

bool choice_add(struct str_list *list, struct arena *arena, struct str text, struct str *expected)
{
    struct str name;

    while (token_next_plain(&text, TOKEN_COMMAS, &name)) {
        struct str *items = arena_alloc(arena, (list->count + 1) * sizeof *items);
        if (!is_known(name)) {
            *expected = suggest(arena, name);
            return false;
        }
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof *items);
        items[list->count] = name;
        *list = (struct str_list){items, list->count + 1};
    }
    return true;
}

static bool is_in(const struct str_list *list, const struct rule *rule)
{
    return str_list_has(list, str_of(rule->name)) || str_list_has(list, str_of(rule_family(rule)));
}

bool choice_has(const struct rule_choice *choice, const struct rule *rule)
{
    return (choice->select.count == 0 || is_in(&choice->select, rule)) &&
           !is_in(&choice->ignore, rule);
}
