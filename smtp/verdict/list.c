/* list - verdicts, and their names: see smtp/verdict/verdict.h */
#include "smtp/verdict/verdict.h"

const char *verdict_state_name(enum verdict_state state)
{
    static const char *const names[] = {[VERDICT_OK] = "ok",
                                        [VERDICT_FAIL] = "FAIL",
                                        [VERDICT_WARN] = "warn",
                                        [VERDICT_UNKNOWN] = "cannot be determined"};

    return names[state];
}

struct verdict *verdict_add(struct verdict_list *list, struct arena *arena)
{
    list->items = arena_grow(arena, list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count] = (struct verdict){.text = STR_NONE};
    return &list->items[list->count++];
}

size_t verdict_count(const struct verdict_list *list, enum verdict_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++)
        count += list->items[i].state == state;
    return count;
}
