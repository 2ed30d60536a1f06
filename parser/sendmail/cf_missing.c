/*
 * sendmail_cf_missing - what the absence of lines means: see parser/sendmail/cf_model.h
 */
#include <stdlib.h>

#include "parser/sendmail/cf_model.h"
#include "parser/text/token.h"

static int compare_numbers(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* the numbers of all lines, sorted */
struct numbers {
    uint64_t *at;
    size_t count;
};

static struct numbers sort_numbers(const struct cf_model *model)
{
    struct numbers numbers = {
        arena_alloc(model->arena, (model->line_count + 1) * sizeof *numbers.at), model->line_count};

    for (size_t i = 0; i < numbers.count; i++)
        numbers.at[i] = model->lines[i].number;
    qsort(numbers.at, numbers.count, sizeof *numbers.at, compare_numbers);
    return numbers;
}

static bool has_number(const struct numbers *numbers, uint64_t number)
{
    return bsearch(&number, numbers->at, numbers->count, sizeof number, compare_numbers) != NULL;
}

/* --- features that remove lines -------------------------------------------------------------- */

/* find_ruleset_with - the ruleset that contains the line with this number; NULL where most of it is
   the site's own */
static const struct cf_ruleset *find_ruleset_with(const struct cf_model *model, uint64_t number)
{
    const struct cf_ruleset *found = NULL;
    size_t at = 0;

    while (at < model->line_count && model->lines[at].number != number)
        at++;
    for (size_t i = 0; i < model->ruleset_count && at < model->line_count; i++)
        if (model->rulesets[i].item <= model->lines[at].item &&
            (found == NULL || model->rulesets[i].item > found->item))
            found = &model->rulesets[i];
    return found != NULL && found->stock >= found->own ? found : NULL;
}

/* find_stock_item - the first stock line of that ruleset */
static struct sendmail_item *find_stock_item(const struct cf_model *model, uint64_t number)
{
    const struct cf_ruleset *ruleset = find_ruleset_with(model, number);

    for (size_t i = ruleset != NULL ? ruleset->item : model->sendmail->count;
         i < model->sendmail->count; i++)
        if (model->sendmail->items[i].stock)
            return &model->sendmail->items[i];
    return NULL;
}

void cf_model_taken(struct cf_model *model)
{
    struct numbers numbers = sort_numbers(model);
    size_t count;
    const struct sendmail_taken *rows = facts_sendmail_taken(&count);

    for (size_t first = 0, end; first < count; first = end) {
        struct str name = rows[first].feature;
        struct str key = arena_printf(model->arena, "FEATURE %.*s", STR_ARG(name));
        uint64_t beside = 0;
        bool taken = map_get(&model->known, key) == NULL;
        for (end = first; end < count && str_eq(rows[end].feature, name); end++) {
            bool there = has_number(&numbers, rows[end].line);
            if (there && rows[end].beside)
                beside = rows[end].line;
            taken &= !there || rows[end].beside;
        }
        struct sendmail_item *item = taken && beside != 0 ? find_stock_item(model, beside) : NULL;
        if (item == NULL)
            continue;
        struct cf_known *known = cf_model_add_known(model, key);
        known->confirmed = true;
        cf_model_stand_for(known, item, item->number);
    }
}

/* --- rules that a site removed ---------------------------------------------------------------- */

/* has_define - is there such a define, with that value if it is not empty? */
static bool has_define(const struct cf_model *model, struct str name, struct str value)
{
    for (size_t i = 0; i < model->sendmail->count; i++) {
        const struct sendmail_item *item = &model->sendmail->items[i];
        if ((item->kind == ITEM_DEFINE || item->kind == ITEM_MACRO) && str_eq(item->name, name) &&
            (value.len == 0 || str_eq(sendmail_argument(item, 0), value)))
            return true;
    }
    return false;
}

/* is_fact - "FEATURE access_db 2 skip", "define confLOCAL_MAILER cyrus" */
static bool is_fact(const struct cf_model *model, struct str fact)
{
    struct str rest = fact, kind, name, number;

    if (!token_next_plain(&rest, " ", &kind) || !token_next_plain(&rest, " ", &name))
        return false;
    if (str_is(kind, "define"))
        return has_define(model, name, str_trim(rest));
    struct str key = str_slice(fact, 0, (size_t)(name.at + name.len - fact.at));
    if (map_get(&model->known, key) == NULL)
        return false;
    if (rest.len == 0)
        return true;
    size_t at = 0;
    if (token_next_plain(&rest, " ", &number))
        at = (size_t)(number.at[0] - '1');
    for (size_t i = 0; i < model->known_count; i++) /* those of missing lines have none */
        if (str_eq(model->all[i]->name, key) && at < CF_ARGUMENTS &&
            str_eq(model->all[i]->arguments[at], str_trim(rest)))
            return true;
    return false;
}

/* all_are_facts - of a list separated by commas */
static bool all_are_facts(const struct cf_model *model, struct str facts)
{
    struct str fact;

    while (token_next_plain(&facts, ",", &fact))
        if (!is_fact(model, str_trim(fact)))
            return false;
    return true;
}

static bool none_is_fact(const struct cf_model *model, struct str facts)
{
    struct str fact;

    while (token_next_plain(&facts, ",", &fact))
        if (is_fact(model, str_trim(fact)))
            return false;
    return true;
}

/* find_ruleset - the ruleset with that number; NULL where most of it is the site's own */
static struct cf_ruleset *find_ruleset(const struct cf_model *model, const uint64_t *names,
                                       uint64_t number)
{
    for (size_t i = 0; i < model->ruleset_count; i++)
        if (names[i] == number)
            return model->rulesets[i].stock >= model->rulesets[i].own ? &model->rulesets[i] : NULL;
    return NULL;
}

/* the number of missing rules if the file is of a release */
struct missing {
    const struct cf_model *model;
    const uint64_t *names; /* the numbers of the rulesets */
    size_t *counts;        /* by release, then by ruleset */
};

static void count_missing(struct missing *missing, const struct numbers *numbers)
{
    const struct cf_model *model = missing->model;
    size_t count;
    const struct sendmail_expected *rows = facts_sendmail_expected(&count);
    bool applies = false;

    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !str_eq(rows[i].with, rows[i - 1].with) ||
            !str_eq(rows[i].without, rows[i - 1].without))
            applies = all_are_facts(model, rows[i].with) && none_is_fact(model, rows[i].without);
        if (!applies || has_number(numbers, rows[i].line))
            continue;
        const struct cf_ruleset *ruleset = find_ruleset(model, missing->names, rows[i].ruleset);
        if (ruleset == NULL)
            continue;
        for (int release = rows[i].first; release <= rows[i].last; release++)
            missing->counts[(size_t)release * model->ruleset_count +
                            (size_t)(ruleset - model->rulesets)]++;
    }
}

/* find_best_release - the release with the fewest missing rules; the newest of several */
static size_t find_best_release(const struct missing *missing)
{
    size_t best = 0, least = SIZE_MAX;

    for (int release = 0; release < facts_sendmail_releases(); release++) {
        size_t total = 0;
        for (size_t i = 0; i < missing->model->ruleset_count; i++)
            total += missing->counts[(size_t)release * missing->model->ruleset_count + i];
        if (total <= least) {
            least = total;
            best = (size_t)release;
        }
    }
    return best;
}

void cf_model_missing(struct cf_model *model)
{
    struct numbers numbers = sort_numbers(model);
    size_t releases = (size_t)facts_sendmail_releases(), count = model->ruleset_count;
    uint64_t *names = arena_alloc(model->arena, (count + 1) * sizeof *names);
    struct missing missing = {
        model, names, arena_alloc(model->arena, (releases * count + 1) * sizeof *missing.counts)};

    for (size_t i = 0; i < count; i++)
        names[i] = facts_sendmail_number(str_of(""), model->rulesets[i].name);
    count_missing(&missing, &numbers);
    size_t release = find_best_release(&missing);
    for (size_t i = 0; i < count; i++) {
        struct sendmail_item *item = &model->sendmail->items[model->rulesets[i].item];
        item->missing = missing.counts[release * count + i];
        if (item->missing > 0)
            item->stock = false;
    }
}
