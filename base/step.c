#include "base/step.h"

bool step_is_new(struct map *known, struct arena *arena, const struct step *step)
{
    struct str key =
        arena_printf(arena, "%d%c%.*s", (int)step->phase, step->command.len > 0 ? 'c' : 'n',
                     STR_ARG(step->command.len > 0 ? step->command : step->reason));

    if (known->arena == NULL)
        map_init(known, arena);
    if (map_get(known, key) != NULL)
        return false;
    map_put(known, key, known);
    return true;
}
