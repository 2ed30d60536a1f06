#include "parser/postfix/written.h"

static void set_entry(struct written *written, const struct main_cf_entry *entry)
{
    *written = (struct written){.line = &entry->line,
                                .parameter = entry->parameter,
                                .name = entry->name,
                                .value = entry->value,
                                .entry = entry,
                                .overridden = entry->overridden};
}

static void set_override(struct written *written, const struct service *service,
                         const struct master_override *o)
{
    *written = (struct written){.line = &service->line,
                                .parameter = o->parameter,
                                .name = o->name,
                                .value = o->value,
                                .service = service,
                                .override = o,
                                .overridden = o->overridden};
}

/* written_next_any - like written_next(), with those that are overridden */
static bool written_next_any(struct written_walk *walk, struct written *written)
{
    const struct main_cf *main_cf = &walk->config->main_cf;
    const struct master_cf *master_cf = &walk->config->master_cf;

    if (walk->entries < main_cf->count) {
        set_entry(written, main_cf->entries[walk->entries++]);
        return true;
    }
    while (walk->next == NULL && walk->services < master_cf->count)
        walk->next = master_cf->services[walk->services++]->overrides;
    if (walk->next == NULL)
        return false;
    set_override(written, master_cf->services[walk->services - 1], walk->next);
    walk->next = walk->next->next;
    return true;
}

bool written_next(struct written_walk *walk, struct written *written)
{
    bool found;

    do
        found = written_next_any(walk, written);
    while (found && written->overridden && !walk->all);
    return found;
}
