#include "cmd/fix.h"

#include <string.h>

enum { PASSES_MAX = 6 };

/* find_file - the present state of a file: as fixed by earlier passes, or as it is */
static struct fixed_file *find_file(struct fix *fix, struct str path)
{
    for (size_t i = 0; i < fix->file_count; i++)
        if (str_eq(fix->files[i].source->path, path))
            return &fix->files[i];
    return NULL;
}

static void keep_bytes(struct fix *fix, struct arena *arena, const struct source *source,
                       struct str bytes)
{
    struct fixed_file *file = find_file(fix, source->path);

    if (file != NULL) {
        file->bytes = bytes;
        return;
    }
    if (str_eq(bytes, source->bytes))
        return;
    fix->files =
        arena_grow(arena, fix->files, fix->file_count, &fix->file_capacity, sizeof *fix->files);
    fix->files[fix->file_count++] = (struct fixed_file){source, bytes};
}

static void keep_steps(struct fix *fix, struct arena *arena, const struct finding_list *list)
{
    for (size_t i = 0; i < list->step_count; i++) {
        const struct step *step = &list->steps[i];
        if (!step_is_new(&fix->known_steps, arena, step))
            continue;
        fix->steps =
            arena_grow(arena, fix->steps, fix->step_count, &fix->step_capacity, sizeof *fix->steps);
        fix->steps[fix->step_count++] = *step;
    }
}

/* edit_source - the source's edits of this pass; *NEXT is its new state */
static bool edit_source(struct fix *fix, struct arena *arena, const struct finding_list *list,
                        const struct source *source, const struct source **next, struct str *error)
{
    struct str bytes;

    *next = source;
    if (source == NULL)
        return true;
    if (!engine_apply(arena, list, source, &bytes, error))
        return false;
    if (str_eq(bytes, source->bytes))
        return true;
    keep_bytes(fix, arena, source, bytes);
    *next = source_of(arena, source->path, bytes);
    return true;
}

/* edit_tables - edits in files other than main.cf and master.cf; they need one pass */
static bool edit_tables(struct fix *fix, const struct config *config,
                        const struct finding_list *list, struct str *error)
{
    for (size_t i = 0; i < list->count; i++)
        for (size_t k = 0; k < list->items[i].edit_count; k++) {
            const struct source *source = list->items[i].edits[k].span.source;
            const struct source *next;
            if (source == config->main_cf.source || source == config->master_cf.source ||
                find_file(fix, source->path) != NULL)
                continue;
            if (!edit_source(fix, config->arena, list, source, &next, error))
                return false;
        }
    return true;
}

/* has_edits - does a finding of the list edit main.cf or master.cf? */
static bool has_edits(const struct config *config, const struct finding_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        for (size_t k = 0; k < list->items[i].edit_count; k++) {
            const struct source *source = list->items[i].edits[k].span.source;
            if (source == config->main_cf.source || source == config->master_cf.source)
                return true;
        }
    return false;
}

/* apply_findings - CONFIG with the edits of LIST made */
static bool apply_findings(struct fix *fix, const struct config *config,
                           const struct finding_list *list, struct config *next, struct str *error)
{
    struct config_input input = {.path = config->directory,
                                 .folder = config->folder,
                                 .failure = config->failure,
                                 .platform = config->platform,
                                 .host = config->host};

    if (!edit_source(fix, config->arena, list, config->main_cf.source, &input.main_source, error) ||
        !edit_source(fix, config->arena, list, config->master_cf.source, &input.master_source,
                     error) ||
        !edit_tables(fix, config, list, error))
        return false;
    struct config opened;
    if (!config_open(&opened, config->arena, &input, error))
        return false;
    opened.path = config->path;
    opened.only = config->only;
    *next = opened;
    return true;
}

/*
 * drop_fixed - removes findings with edits from the last pass: they are about tables, which the
 * rules read from the disk, where they are not fixed yet
 */
static void drop_fixed(struct finding_list *list)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].edit_count > 0)
            list->by_severity[list->items[i].severity]--;
        else
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

/* report_endless - after PASSES_MAX */
static bool report_endless(const struct config *config, struct str *error)
{
    *error =
        arena_printf(config->arena,
                     "%.*s: internal error: there are still fixes after %d passes; nothing was "
                     "changed",
                     STR_ARG(config->path), PASSES_MAX);
    return false;
}

/* --- syntax errors -----------------------------------------------------------------------------
 */

static void refuse(struct fix *fix, const struct config *config, struct span span,
                   struct str message)
{
    struct position place = source_position(span.source, span.at);

    fix->refused =
        arena_printf(config->arena, "%.*s:%zu:%zu: %.*s; correct this first: nothing was changed",
                     STR_ARG(span.source->path), place.line, place.column, STR_ARG(message));
}

/* is_refused - does a syntax error stand in one of the files?  A comment that silences the rule
   does not make the line readable */
static bool is_refused(struct fix *fix, const struct config *config,
                       const struct finding_list *list)
{
    const struct problem_list *const problems[] = {&config->main_cf.problems,
                                                   &config->master_cf.problems};

    for (size_t i = 0; i < sizeof problems / sizeof *problems && fix->refused.at == NULL; i++)
        for (size_t k = 0; k < problems[i]->count && fix->refused.at == NULL; k++)
            if (problems[i]->items[k].fatal)
                refuse(fix, config, problems[i]->items[k].span, problems[i]->items[k].message);
    for (size_t i = 0; i < list->count && fix->refused.at == NULL; i++) {
        const struct finding *finding = &list->items[i];
        if (finding->severity == SEVERITY_ERROR && finding->span.source != NULL &&
            (strcmp(finding->rule->name, "syntax") == 0 ||
             strcmp(finding->rule->name, "sendmail-syntax") == 0))
            refuse(fix, config, finding->span, finding->message);
    }
    return fix->refused.at != NULL;
}

bool fix_run(struct fix *fix, const struct config *config, const struct rules_request *request,
             struct str *error)
{
    struct finding_list list;

    *fix = (struct fix){.fixed = *config, .refused = STR_NONE};
    engine_run(&list, config, request);
    fix->before = list;
    fix->after = list;
    if (is_refused(fix, config, &list))
        return true;
    for (int pass = 0; pass < PASSES_MAX; pass++) {
        keep_steps(fix, config->arena, &list);
        if (pass > 0 && !has_edits(&fix->fixed, &list)) {
            drop_fixed(&list);
            fix->after = list;
            return true;
        }
        struct config current = fix->fixed;
        if (!apply_findings(fix, &current, &list, &fix->fixed, error))
            return false;
        engine_run(&list, &fix->fixed, request);
    }
    return report_endless(config, error);
}

bool fix_run_sendmail(struct fix *fix, const struct config *config, const struct sendmail *sendmail,
                      const struct rules_request *request, struct str *error)
{
    const struct sendmail *current = sendmail;
    struct finding_list list;

    *fix = (struct fix){.fixed = *config, .refused = STR_NONE};
    engine_run_sendmail(&list, config, current, request);
    fix->before = list;
    fix->after = list;
    if (is_refused(fix, config, &list))
        return true;
    for (int pass = 0; pass < PASSES_MAX; pass++) {
        const struct source *next;
        if (!edit_source(fix, config->arena, &list, current->source, &next, error))
            return false;
        if (next == current->source) {
            fix->after = list;
            return true;
        }
        struct sendmail *read = arena_alloc(config->arena, sizeof *read);
        struct str why;
        sendmail_read(read, config->arena, next, current->directory, &why);
        current = read;
        engine_run_sendmail(&list, config, current, request);
    }
    return report_endless(config, error);
}
