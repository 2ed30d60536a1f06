#include "cmd/report/tally.h"

#include <stdlib.h>

static struct tally_configuration *add_configuration(struct tally *tally, struct arena *arena)
{
    tally->items =
        arena_grow(arena, tally->items, tally->count, &tally->capacity, sizeof *tally->items);
    return &tally->items[tally->count++];
}

static int compare_names(const void *a, const void *b)
{
    const struct rule_count *x = a, *y = b;

    return strcmp(x->rule->name, y->rule->name);
}

/* join - makes one of the counts of a rule that stand beside each other; returns how many are left
 */
static size_t join(struct rule_count *counts, size_t count)
{
    size_t kept = 0;

    qsort(counts, count, sizeof *counts, compare_names);
    for (size_t i = 0; i < count; i++) {
        struct rule_count *last = kept > 0 ? &counts[kept - 1] : NULL;
        if (last == NULL || last->rule != counts[i].rule) {
            counts[kept++] = counts[i];
            continue;
        }
        last->findings += counts[i].findings;
        last->configurations += counts[i].configurations;
        last->worst = counts[i].worst > last->worst ? counts[i].worst : last->worst;
    }
    return kept;
}

/* count_rules - of one configuration */
static void count_rules(struct tally_configuration *item, struct arena *arena,
                        const struct finding_list *list)
{
    item->rules = arena_alloc(arena, (list->count + 1) * sizeof *item->rules);
    for (size_t i = 0; i < list->count; i++)
        item->rules[i] = (struct rule_count){list->items[i].rule, list->items[i].severity, 1, 0};
    item->rule_count = join(item->rules, list->count);
    for (size_t i = 0; i < item->rule_count; i++)
        item->rules[i].configurations = 1;
}

void tally_add(struct tally *tally, struct arena *arena, const struct report_item *item)
{
    struct tally_configuration *added = add_configuration(tally, arena);

    *added = (struct tally_configuration){.path = arena_copy(arena, item->path)};
    if (item->config == NULL) {
        added->problem = arena_copy(arena, item->problem);
        tally->unreadable++;
        return;
    }
    added->platform = arena_copy(arena, item->config->platform->name);
    count_rules(added, arena, item->findings);
    for (int i = 0; i < 3; i++) {
        added->by_severity[i] = item->findings->by_severity[i];
        tally->by_severity[i] += item->findings->by_severity[i];
    }
    tally->readable++;
}

void tally_merge(struct tally *tally, struct arena *arena, const struct tally *more)
{
    for (size_t i = 0; i < more->count; i++) {
        struct tally_configuration *added = add_configuration(tally, arena);
        *added = more->items[i];
        added->path = arena_copy(arena, added->path);
        added->platform = arena_copy(arena, added->platform);
        if (added->problem.at != NULL)
            added->problem = arena_copy(arena, added->problem);
        added->rules = arena_alloc(arena, (added->rule_count + 1) * sizeof *added->rules);
        if (added->rule_count > 0)
            memcpy(added->rules, more->items[i].rules, added->rule_count * sizeof *added->rules);
    }
    for (int i = 0; i < 3; i++)
        tally->by_severity[i] += more->by_severity[i];
    tally->readable += more->readable;
    tally->unreadable += more->unreadable;
}

static int compare_weights(const void *a, const void *b)
{
    const struct rule_count *x = a, *y = b;

    if (x->worst != y->worst)
        return x->worst < y->worst ? 1 : -1;
    if (x->configurations != y->configurations)
        return x->configurations < y->configurations ? 1 : -1;
    return strcmp(x->rule->name, y->rule->name);
}

struct rule_count *tally_rules(const struct tally *tally, struct arena *arena, size_t *count)
{
    size_t all = 0, at = 0;

    for (size_t i = 0; i < tally->count; i++)
        all += tally->items[i].rule_count;
    struct rule_count *counts = arena_alloc(arena, (all + 1) * sizeof *counts);
    for (size_t i = 0; i < tally->count; i++)
        for (size_t k = 0; k < tally->items[i].rule_count; k++)
            counts[at++] = tally->items[i].rules[k];
    *count = join(counts, all);
    qsort(counts, *count, sizeof *counts, compare_weights);
    return counts;
}
