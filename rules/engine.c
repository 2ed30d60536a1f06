#include "rules/engine.h"

#include <stdlib.h>
#include <string.h>

#include "parser/token.h"

/* --- "# postmend: ignore RULE" -----------------------------------------------------------------
 */

static const char ignore_mark[] = "postmend: ignore";

/* line_before - the physical line before the one that starts at AT, or false */
static bool line_before(struct str bytes, size_t at, size_t *from, struct str *text)
{
    if (at == 0)
        return false;
    size_t start = at - 1;
    while (start > 0 && bytes.at[start - 1] != '\n')
        start--;
    *from = start;
    *text = str_slice(bytes, start, at - 1);
    return true;
}

/* names_rule - does the comment silence RULE? */
static bool names_rule(struct str comment, const struct rule *rule)
{
    size_t mark = str_search(comment, ignore_mark);
    struct str rest = str_slice(comment, mark + sizeof ignore_mark - 1, comment.len);
    struct str word;

    if (mark == comment.len)
        return false;
    while (token_next_plain(&rest, TOKEN_COMMAS, &word))
        if (str_is(word, rule->name))
            return true;
    return false;
}

/* is_ignored - looks at the comments above the finding's line, up to where its logical line starts
 */
static bool is_ignored(const struct finding *finding)
{
    const struct source *source = finding->span.source;
    struct str text;

    if (source == NULL || str_search(source->bytes, ignore_mark) == source->bytes.len)
        return false;
    size_t at = finding->span.at;
    while (at > 0 && source->bytes.at[at - 1] != '\n')
        at--;
    bool started = at < source->bytes.len && !is_space(source->bytes.at[at]);
    while (line_before(source->bytes, at, &at, &text)) {
        bool comment = str_starts(str_trim(text), "#");
        if (comment && names_rule(text, finding->rule))
            return true;
        if (comment || (!started && text.len > 0 && is_space(text.at[0])))
            continue;
        if (started)
            return false;
        started = true;
    }
    return false;
}

/* --- order ------------------------------------------------------------------------------------ */

/* rank - main.cf before master.cf before other files before no place at all */
static int rank(const struct config *config, const struct finding *finding)
{
    const struct source *source = finding->span.source;

    if (source == NULL)
        return 3;
    if (source == config->main_cf.source)
        return 0;
    return source == config->master_cf.source ? 1 : 2;
}

static int compare_findings(const void *a, const void *b, void *context)
{
    const struct finding *x = a;
    const struct finding *y = b;
    int difference = rank(context, x) - rank(context, y);

    if (difference != 0)
        return difference;
    if (x->span.source != y->span.source)
        return str_cmp(x->span.source->path, y->span.source->path);
    if (x->span.at != y->span.at)
        return x->span.at < y->span.at ? -1 : 1;
    if (x->severity != y->severity)
        return (int)y->severity - (int)x->severity;
    int name = strcmp(x->rule->name, y->rule->name);
    return name != 0 ? name : x->number < y->number ? -1 : 1;
}

/* --- running ---------------------------------------------------------------------------------- */

static void run_rule(struct finding_list *list, const struct config *config,
                     const struct engine_request *request, const struct rule *rule)
{
    struct check check = {.config = config,
                          .arena = config->arena,
                          .rule = rule,
                          .from = request->from,
                          .keep_defaults = request->keep_defaults,
                          .list = list};
    rule->check(&check);
}

void engine_run(struct finding_list *list, const struct config *config,
                const struct engine_request *request)
{
    size_t rule_count;
    const struct rule *const *rules = rules_all(&rule_count);
    size_t kept = 0;

    *list = (struct finding_list){0};
    for (size_t i = 0; i < rule_count; i++)
        if (request->only == NULL || request->only == rules[i])
            run_rule(list, config, request, rules[i]);
    for (size_t i = 0; i < list->count; i++)
        if (!is_ignored(&list->items[i]))
            list->items[kept++] = list->items[i];
    list->count = kept;
    for (size_t i = 0; i < kept; i++)
        list->by_severity[list->items[i].severity]++;
    if (kept > 1)
        qsort_r(list->items, kept, sizeof *list->items, compare_findings, (void *)config);
}

bool engine_apply(struct arena *arena, const struct finding_list *list, const struct source *source,
                  struct str *result, struct str *error)
{
    struct edit *edits = NULL;
    const struct finding **owners = NULL;
    size_t count = 0, capacity = 0, owner_capacity = 0;
    struct edit_conflict conflict;

    for (size_t i = 0; i < list->count; i++)
        for (size_t k = 0; k < list->items[i].edit_count; k++) {
            edits = arena_grow(arena, edits, count, &capacity, sizeof *edits);
            owners = arena_grow(arena, owners, count, &owner_capacity, sizeof(void *));
            edits[count] = list->items[i].edits[k];
            owners[count++] = &list->items[i];
        }
    if (edit_apply(arena, source, edits, count, result, &conflict))
        return true;
    struct position place = source_position(source, edits[conflict.first].span.at);
    *error = arena_printf(arena,
                          "%.*s:%zu:%zu: the fixes of %s and %s overlap; this is a mistake in "
                          "postmend, and nothing was changed",
                          STR_ARG(source->path), place.line, place.column,
                          owners[conflict.first]->rule->name, owners[conflict.second]->rule->name);
    return false;
}

const struct rule *rule_named(struct str name)
{
    size_t count;
    const struct rule *const *rules = rules_all(&count);

    for (size_t i = 0; i < count; i++)
        if (str_is(name, rules[i]->name))
            return rules[i];
    return NULL;
}
