/* what rules call to report findings and to read values; see rule.h */
#include <stdio.h>
#include <string.h>

#include "parser/text/token.h"
#include "rules/rule/rule.h"
#include "smtp/service/policy.h"
#include "smtp/tls/ciphers.h"

/* --- findings ------------------------------------------------------------------------------- */

struct finding *check_report(struct check *check, struct span span, struct str message,
                             struct str advice)
{
    struct finding_list *list = check->list;

    list->items =
        arena_grow(check->arena, list->items, list->count, &list->capacity, sizeof *list->items);
    struct finding *finding = &list->items[list->count++];
    *finding = (struct finding){.rule = check->rule,
                                .severity = check->rule->severity,
                                .span = span,
                                .message = message,
                                .advice = advice,
                                .number = list->count};
    return finding;
}

struct finding *check_reportf(struct check *check, struct span span, const char *advice,
                              const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    struct str message = arena_vprintf(check->arena, format, arguments);
    va_end(arguments);
    return check_report(check, span, message, str_of(advice));
}

/* --- edits ----------------------------------------------------------------------------------- */

void finding_edit(struct check *check, struct finding *finding, struct span span, struct str text)
{
    struct edit *edits = arena_alloc_raw(check->arena, (finding->edit_count + 1) * sizeof *edits);

    if (finding->edit_count > 0)
        memcpy(edits, finding->edits, finding->edit_count * sizeof *edits);
    edits[finding->edit_count++] = (struct edit){.span = span, .text = text};
    finding->edits = edits;
}

/* get_line_end - the file's own line end: "\r\n" if its first line ends so */
static const char *get_line_end(const struct source *source)
{
    size_t newline = str_find(source->bytes, '\n', 0);
    bool cr = newline > 0 && newline < source->bytes.len && source->bytes.at[newline - 1] == '\r';

    return cr ? "\r\n" : "\n";
}

/* skip_line_end - the offset after the line end at AT */
static size_t skip_line_end(const struct source *source, size_t at)
{
    return at < source->bytes.len ? at + 1 : at;
}

void finding_remove_line(struct check *check, struct finding *finding, const struct line *line)
{
    const struct line_piece *piece = line->pieces ? line->pieces : &line->first_piece;

    /* only the pieces that hold text: comments between them stay */
    for (size_t i = 0; i < line->piece_count; i++) {
        size_t from = piece[i].source_at;
        size_t end = str_find(line->source->bytes, '\n', from);
        struct span span = {line->source, from, skip_line_end(line->source, end) - from};
        finding_edit(check, finding, span, (struct str)STR(""));
    }
}

/* insert_line - TEXT as a line of its own after the physical line that ends at END */
static void insert_line(struct check *check, struct finding *finding, const struct source *source,
                        size_t end, struct str text)
{
    bool has_end = end < source->bytes.len;
    const char *newline = get_line_end(source);
    struct span span = {source, has_end ? end + 1 : end, 0};
    struct str line = has_end ? arena_printf(check->arena, "%.*s%s", STR_ARG(text), newline)
                              : arena_printf(check->arena, "%s%.*s",
                                             source->bytes.len > 0 ? newline : "", STR_ARG(text));

    finding_edit(check, finding, span, line);
}

void finding_insert_after(struct check *check, struct finding *finding, const struct line *line,
                          struct str text)
{
    insert_line(check, finding, line->source, line->end, text);
}

void finding_append_main(struct check *check, struct finding *finding, struct str text)
{
    const struct source *source = check->config->main_cf.source;
    size_t length = source->bytes.len;

    if (length == 0 || source->bytes.at[length - 1] == '\n') {
        struct str line = arena_printf(check->arena, "%.*s%s", STR_ARG(text), get_line_end(source));
        finding_edit(check, finding, (struct span){source, length, 0}, line);
    } else {
        insert_line(check, finding, source, length, text);
    }
}

/* find_indent - the white space before the first -o that starts a line of the service */
static struct str find_indent(const struct service *service)
{
    struct str bytes = service->line.source->bytes;

    for (const struct master_override *o = service->overrides; o != NULL; o = o->next) {
        size_t at = line_at(&service->line, o->place.at);
        size_t from = at;
        while (from > 0 && (bytes.at[from - 1] == ' ' || bytes.at[from - 1] == '\t'))
            from--;
        if (from > 0 && bytes.at[from - 1] == '\n')
            return str_slice(bytes, from, at);
    }
    return (struct str)STR("  ");
}

/* find_override_place - where one more -o goes: after the last one, or after the command */
static const char *find_override_place(const struct service *service)
{
    const char *place = service->command.at + service->command.len;

    for (size_t i = 0; i < service->argument_count && service->arguments[i].option; i++)
        place = service->arguments[i].place.at + service->arguments[i].place.len;
    return place;
}

/* is_open - do the options end inside a brace, so that what follows would be part of it? */
static bool is_open(const struct service *service)
{
    size_t level = 0;
    size_t last = 0;

    while (last < service->argument_count && service->arguments[last].option)
        last++;
    if (last == 0)
        return false;
    /* all of them: "-{o" is one word and two arguments */
    struct str word = service->arguments[last - 1].place;
    for (const char *at = service->arguments[0].place.at; at < word.at + word.len; at++)
        if (*at == '{')
            level++;
        else if (*at == '}' && level > 0)
            level--;
    return level > 0;
}

void finding_add_override(struct check *check, struct finding *finding,
                          const struct service *service, struct str name_value)
{
    const char *place = find_override_place(service);

    if (is_open(service))
        return; /* the rule "syntax" reports the unbalanced braces */
    const struct line *line = &service->line;
    /* from the byte before it: PLACE itself may be the start of the next piece of the line */
    size_t at = line_at(line, place - 1) + 1;
    struct str indent = find_indent(service);
    struct str text = arena_printf(check->arena, "%s%.*s-o %.*s", get_line_end(line->source),
                                   STR_ARG(indent), STR_ARG(name_value));
    /* arguments may follow on the same line: then the -o goes between them, on that line */
    size_t end = str_find(line->source->bytes, '\n', at);
    struct str following = str_trim(str_slice(line->source->bytes, at, end));

    if (following.len > 0 && following.at[0] != '#')
        text = arena_printf(check->arena, " -o %.*s", STR_ARG(name_value));
    finding_edit(check, finding, (struct span){line->source, at, 0}, text);
}

void finding_remove_argument(struct check *check, struct finding *finding,
                             const struct service *service, struct str place)
{
    struct span span = line_span(&service->line, place);
    struct str bytes = span.source->bytes;
    size_t from = span.at;
    size_t to = span.at + span.len;

    while (from > 0 && (bytes.at[from - 1] == ' ' || bytes.at[from - 1] == '\t'))
        from--;
    if (from > 0 && bytes.at[from - 1] == '\n') {
        size_t end = str_find(bytes, '\n', to);
        /* remove the line end before it: another finding may insert after its own */
        if (str_trim(str_slice(bytes, to, end)).len > 0)
            from = span.at; /* something follows on the line: keep the indentation */
        else
            from -= from > 1 && bytes.at[from - 2] == '\r' ? 2 : 1;
    }
    finding_edit(check, finding, (struct span){span.source, from, to - from}, (struct str)STR(""));
}

/* --- the runbook ------------------------------------------------------------------------------ */

void check_step(struct check *check, enum step_phase phase, struct str command, struct str reason)
{
    struct finding_list *list = check->list;
    const struct step step = {.phase = phase, .command = command, .reason = reason};

    if (!step_is_new(&list->known_steps, check->arena, &step))
        return;
    list->steps = arena_grow(check->arena, list->steps, list->step_count, &list->step_capacity,
                             sizeof *list->steps);
    list->steps[list->step_count++] = step;
}

/* --- values ---------------------------------------------------------------------------------- */

/* get_usable - VALUE, or an empty text if it is not known */
static struct str get_usable(struct str value, int flags)
{
    if (value.at == NULL || (flags & (EXPAND_FAILED | EXPAND_HAS_UNDETERMINED)))
        return (struct str)STR("");
    return value;
}

struct str check_value(const struct check *check, const struct service *service,
                       enum parameter_number number)
{
    int flags;
    struct str value = config_value(check->config, service, number, &flags, NULL);

    return get_usable(value, flags);
}

struct str check_value_named(const struct check *check, const struct service *service,
                             struct str name)
{
    int flags;
    struct str value = config_value_named(check->config, service, name, &flags, NULL);

    return get_usable(value, flags);
}

static bool is_in_files(struct setting setting)
{
    return setting.origin == ORIGIN_MAIN_CF || setting.origin == ORIGIN_OVERRIDE;
}

bool check_is_set(const struct check *check, const struct service *service,
                  enum parameter_number number)
{
    return is_in_files(config_find(check->config, service, number));
}

bool check_is_set_named(const struct check *check, const struct service *service, struct str name)
{
    return is_in_files(config_find_named(check->config, service, name));
}

struct span check_span(const struct check *check, const struct service *service,
                       enum parameter_number number)
{
    struct setting setting = config_find(check->config, service, number);

    if (setting.line != NULL)
        return line_span(setting.line, setting.value);
    if (service != NULL)
        return line_span(&service->line, service->name);
    const struct source *source = check->config->main_cf.source;
    return (struct span){source, source != NULL ? source->bytes.len : 0, 0};
}

/*
 * assume_hostname - CONFIG, with a host name where none is known: lists that contain $mydomain
 * would otherwise be undetermined as a whole, and whether they let strangers relay does not depend
 * on it
 */
static const struct config *assume_hostname(struct check *check)
{
    if (check->config->host.hostname.at != NULL)
        return check->config;
    struct config *config = arena_alloc(check->arena, sizeof *config);
    *config = *check->config;
    config->host.hostname = str_of("mail.host.invalid");
    return config;
}

const struct policy *check_policy(struct check *check)
{
    if (check->shared->policy == NULL)
        check->shared->policy = policy_open(check->arena, assume_hostname(check));
    return check->shared->policy;
}

struct tls_ciphers *check_ciphers(struct check *check)
{
    if (check->shared->ciphers == NULL)
        check->shared->ciphers = tls_ciphers_create(check->arena);
    return check->shared->ciphers;
}

bool check_is_reported(const struct check *check, struct span span)
{
    const struct finding_list *list = check->list;

    for (size_t i = 0; i < list->count; i++) {
        const struct finding *finding = &list->items[i];
        if (finding->rule == check->rule && finding->span.source == span.source &&
            finding->span.at == span.at && finding->span.len == span.len)
            return true;
    }
    return false;
}
