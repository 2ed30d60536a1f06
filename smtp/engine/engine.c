#include "smtp/engine/engine.h"

const struct engine *engine_named(struct str name)
{
    static const struct engine *const engines[] = {&engine_builtin, &engine_postfix};

    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++)
        if (str_is(name, engines[i]->name))
            return engines[i];
    return NULL;
}
