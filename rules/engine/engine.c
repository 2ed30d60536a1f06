#include "rules/engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "parser/text/token.h"

/* --- "# postmend: ignore RULE" --------------------------------------------------------------- */

static const char ignore_mark[] = "postmend: ignore";

static size_t find_line_start(struct str bytes, size_t at)
{
    const char *newline = at > 0 ? memrchr(bytes.at, '\n', at) : NULL;

    return newline == NULL ? 0 : (size_t)(newline - bytes.at) + 1;
}

/* does the source of the last finding silence any rule?  Findings are sorted by file */
struct marks {
    const struct source *source;
    bool any;
};

static bool has_marks(struct marks *marks, const struct source *source)
{
    if (marks->source != source) {
        marks->source = source;
        marks->any = str_search(source->bytes, ignore_mark) < source->bytes.len;
    }
    return marks->any;
}

/* names_rule - is LINE a comment that silences RULE?  *IS_MARK: it silences some rule */
static bool names_rule(struct str line, const struct rule *rule, bool *is_mark)
{
    struct str text = str_trim(line);
    struct str word;

    bool comment = str_starts(text, "dnl"); /* in sendmail.mc, with or without a "#" after it */
    if (comment)
        text = str_trim(str_slice(text, 3, text.len));
    if (str_starts(text, "#"))
        text = str_trim(str_slice(text, 1, text.len));
    else if (!comment)
        text = str_slice(text, 0, 0);
    *is_mark = str_starts(text, ignore_mark);
    if (!*is_mark)
        return false;
    text = str_slice(text, sizeof ignore_mark - 1, text.len);
    while (token_next_plain(&text, TOKEN_COMMAS, &word))
        if (str_is(word, rule->name))
            return true;
    return false;
}

/* silenced_above - do the comments right above the line that starts at AT silence RULE? */
static bool silenced_above(struct str bytes, size_t at, const struct rule *rule)
{
    bool is_mark = true;

    while (at > 0 && is_mark) {
        size_t from = find_line_start(bytes, at - 1);
        if (names_rule(str_slice(bytes, from, at - 1), rule, &is_mark))
            return true;
        at = from;
    }
    return false;
}

/* is_ignored - is there a comment above the finding's line, or above the logical line around it? */
static bool is_ignored(const struct finding *finding, struct marks *marks)
{
    const struct source *source = finding->span.source;

    if (source == NULL || !has_marks(marks, source))
        return false;
    struct str bytes = source->bytes;
    size_t at = find_line_start(bytes, finding->span.at);
    if (silenced_above(bytes, at, finding->rule))
        return true;
    bool continued = at < bytes.len && is_space(bytes.at[at]);
    while (continued && at > 0) {
        at = find_line_start(bytes, at - 1);
        continued = is_space(bytes.at[at]) || bytes.at[at] == '#';
    }
    return silenced_above(bytes, at, finding->rule);
}

/* --- order ------------------------------------------------------------------------------------ */

/* get_rank - main.cf before master.cf before other files before no place at all */
static int get_rank(const struct config *config, const struct finding *finding)
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
    int difference = get_rank(context, x) - get_rank(context, y);

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

/* --- what one finding explains -------------------------------------------------------------- */

/* find_end - where the logical line ends that the place is in; the place itself if it is in none */
static size_t find_end(const struct config *config, struct span span)
{
    for (size_t i = 0; span.source == config->main_cf.source && i < config->main_cf.count; i++) {
        const struct line *line = &config->main_cf.entries[i]->line;
        if (line->first_piece.source_at <= span.at && span.at < line->end)
            return line->end;
    }
    for (size_t i = 0; span.source == config->master_cf.source && i < config->master_cf.count;
         i++) {
        const struct line *line = &config->master_cf.services[i]->line;
        if (line->first_piece.source_at <= span.at && span.at < line->end)
            return line->end;
    }
    return span.at;
}

/* is_about - is the finding about the file that was asked for? */
static bool is_about(const struct config *config, const struct finding *finding)
{
    return config->only.at == NULL ||
           (finding->span.source != NULL && str_eq(finding->span.source->path, config->only));
}

/* explain - marks what CAUSE explains */
static void explain(struct finding_list *list, const struct config *config, struct finding *cause)
{
    size_t end = find_end(config, cause->span);

    for (size_t i = 0; i < list->count; i++) {
        struct finding *other = &list->items[i];
        if (other->rule->explains_line || other->span.source != cause->span.source ||
            other->span.at + other->span.len <= cause->span.at || other->span.at >= end)
            continue;
        other->explained = true;
        if (other->severity > cause->severity)
            cause->severity = other->severity;
    }
}

static void explain_all(struct finding_list *list, const struct config *config, struct marks *marks)
{
    for (size_t i = 0; i < list->count; i++) {
        struct finding *finding = &list->items[i];
        if (finding->rule->explains_line && finding->span.source != NULL &&
            is_about(config, finding) && !is_ignored(finding, marks))
            explain(list, config, finding);
    }
}

/* --- running ---------------------------------------------------------------------------------- */

static void run_rule(struct finding_list *list, const struct config *config,
                     const struct sendmail *sendmail, const struct rules_request *request,
                     const struct rule *rule, struct check_shared *shared)
{
    struct check check = {.shared = shared,
                          .config = config,
                          .arena = config->arena,
                          .rule = rule,
                          .from = request->from,
                          .keep_defaults = request->keep_defaults,
                          .list = list,
                          .sendmail = sendmail};
    rule->check(&check);
}

/* keep_edits - a finding that changes other files, too, is left to whoever asks for all of them */
static void keep_edits(const struct config *config, struct finding *finding)
{
    for (size_t i = 0; i < finding->edit_count && config->only.at != NULL; i++)
        if (!str_eq(finding->edits[i].span.source->path, config->only))
            finding->edit_count = 0;
}

/* is_wanted - is the rule one of those for this source, and are the files there that it needs? */
static bool is_wanted(const struct rule *rule, const struct config *config, bool sendmail,
                      const struct rules_request *request)
{
    return rule->sendmail == sendmail && (request->only == NULL || request->only == rule) &&
           (request->choice == NULL || choice_has(request->choice, rule)) &&
           (config->main_cf.source != NULL || !rule->needs_main_cf);
}

static void run_rules(struct finding_list *list, const struct config *config,
                      const struct sendmail *sendmail, const struct rules_request *request)
{
    size_t rule_count;
    const struct rule *const *rules = rules_all(&rule_count);
    struct check_shared shared = {.ciphers = request->ciphers};
    struct marks marks = {0};
    size_t kept = 0;

    *list = (struct finding_list){0};
    for (size_t i = 0; i < rule_count; i++)
        if (is_wanted(rules[i], config, sendmail != NULL, request))
            run_rule(list, config, sendmail, request, rules[i], &shared);
    if (list->count > 1)
        qsort_r(list->items, list->count, sizeof *list->items, compare_findings, (void *)config);
    explain_all(list, config, &marks);
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].explained || !is_about(config, &list->items[i]) ||
            is_ignored(&list->items[i], &marks))
            continue;
        keep_edits(config, &list->items[i]);
        list->by_severity[list->items[i].severity]++;
        list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

void engine_run(struct finding_list *list, const struct config *config,
                const struct rules_request *request)
{
    run_rules(list, config, NULL, request);
}

void engine_run_sendmail(struct finding_list *list, const struct config *config,
                         const struct sendmail *sendmail, const struct rules_request *request)
{
    run_rules(list, config, sendmail, request);
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
    if (edit_apply(arena, source, edits, count, result, &conflict) || count == 0)
        return true;
    struct position place = source_position(source, edits[conflict.first].span.at);
    *error = arena_printf(arena,
                          "%.*s:%zu:%zu: the fixes of %s and %s overlap; this is a bug in "
                          "postmend; nothing was changed",
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
