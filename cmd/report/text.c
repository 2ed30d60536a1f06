/* findings for people: where, the line, a caret, the reason, and the fix as a diff */
#include <stdlib.h>
#include <string.h>

#include "base/terminal.h"
#include "cmd/report/describe.h"
#include "cmd/report/text.h"

enum {
    LINE_WIDTH_MAX = 160, /* bytes of a line that are shown */
    PREFIX_WIDTH = 9,     /* columns before it: "    12 | " */
};

static const char *const colors[] = {"\033[1;36m", "\033[1;33m", "\033[1;31m"};
static const char red[] = "\033[31m", green[] = "\033[32m", bold[] = "\033[1m", plain[] = "\033[0m";

static const char dots[] = "..."; /* for the rest of a long line */

struct text {
    struct buffer *out;
    bool color;
    struct source_cursor place; /* of the previous finding */
    struct map rules;           /* that have been printed */
};

static void add_color(const struct text *text, const char *color)
{
    if (text->color)
        buffer_add_cstr(text->out, color);
}

/* cut_line - the part of a line that is shown; *START is its offset */
static struct str cut_line(const struct finding *finding, size_t column, size_t *start)
{
    struct str line = source_line(finding->span.source, finding->span.at);

    *start = column > LINE_WIDTH_MAX ? column - LINE_WIDTH_MAX / 2 : 0;
    return str_slice(line, *start, *start + LINE_WIDTH_MAX);
}

/* add_blanks - as wide as TEXT, with its tabs */
static void add_blanks(struct buffer *out, struct str text)
{
    while (text.len > 0) {
        size_t tab = str_find(text, '\t', 0);
        buffer_printf(out, "%*s", (int)terminal_width(str_slice(text, 0, tab), 0), "");
        if (tab < text.len)
            buffer_add_char(out, '\t');
        text = str_slice(text, tab + 1, text.len);
    }
}

static void print_line(const struct text *text, const struct finding *finding,
                       struct position place)
{
    size_t start;
    struct str line = cut_line(finding, place.column - 1, &start);
    size_t at = place.column - 1 - start;
    struct str before = str_slice(line, 0, at);
    struct str marked = str_slice(line, at, at + finding->span.len);
    size_t indent = start > 0 ? sizeof dots - 1 : 0;
    size_t caret = terminal_width(before, PREFIX_WIDTH + indent);
    size_t width = terminal_width(marked, PREFIX_WIDTH + indent + caret);

    bool cut = start + line.len < source_line(finding->span.source, finding->span.at).len;

    buffer_printf(text->out, "%6zu | %s", place.line, start > 0 ? dots : "");
    terminal_add(text->out, line);
    buffer_add_cstr(text->out, cut ? dots : "");
    buffer_add_cstr(text->out, "\n       | ");
    buffer_printf(text->out, "%*s", (int)indent, "");
    add_blanks(text->out, before);
    add_color(text, green);
    buffer_add_char(text->out, '^');
    for (size_t i = 1; i < width; i++)
        buffer_add_char(text->out, '~');
    add_color(text, plain);
    buffer_add_char(text->out, '\n');
}

/* --- the fix -------------------------------------------------------------------------------- */

/* what is printed of a file: without the START of its first line, or the END of its last one */
struct cut_ends {
    bool start, end;
};

static struct cut_ends find_cuts(struct str bytes, size_t from, size_t to)
{
    return (struct cut_ends){
        .start = from > 0 && bytes.at[from - 1] != '\n',
        .end = to > from && to < bytes.len && bytes.at[to] != '\n' && bytes.at[to - 1] != '\n',
    };
}

/* print_lines - each line after a sign */
static void print_lines(const struct text *text, char sign, struct str lines, struct cut_ends cut)
{
    for (bool first = true; lines.len > 0; first = false) {
        size_t end = str_find(lines, '\n', 0);
        add_color(text, sign == '-' ? red : green);
        buffer_printf(text->out, "       %c %s", sign, first && cut.start ? dots : "");
        struct str line = str_slice(lines, 0, end);
        terminal_add(text->out, str_ends(line, "\r") ? str_slice(line, 0, line.len - 1) : line);
        buffer_add_cstr(text->out, end == lines.len && cut.end ? dots : "");
        add_color(text, plain);
        buffer_add_char(text->out, '\n');
        lines = str_slice(lines, end + 1, lines.len);
    }
}

/* find_lines - the whole lines that an edit touches; of very long ones, the part near it */
static void find_lines(const struct edit *edit, size_t *from, size_t *to)
{
    struct str bytes = edit->span.source->bytes;

    *from = edit->span.at;
    while (*from > 0 && bytes.at[*from - 1] != '\n' && edit->span.at - *from < LINE_WIDTH_MAX)
        (*from)--;
    *to = edit->span.at + edit->span.len;
    bool whole_lines = *to > *from && bytes.at[*to - 1] == '\n' && edit->span.at == *from;
    bool inserts_lines = edit->span.len == 0 && edit->span.at == *from && edit->text.len > 0 &&
                         edit->text.at[edit->text.len - 1] == '\n';
    if (!whole_lines && !inserts_lines)
        *to = str_find(str_slice(bytes, 0, *to + LINE_WIDTH_MAX), '\n', *to);
}

/* print_fix - the lines that the finding's edits touch, before and after */
static void print_fix(const struct text *text, const struct finding *finding)
{
    struct arena *arena = text->out->arena;

    for (size_t i = 0; i < finding->edit_count;) {
        const struct source *source = finding->edits[i].span.source;
        size_t from, to, next_from, next_to;
        struct str result;
        find_lines(&finding->edits[i], &from, &to);
        size_t count = 1;
        while (i + count < finding->edit_count && finding->edits[i + count].span.source == source) {
            find_lines(&finding->edits[i + count], &next_from, &next_to);
            if (next_from != from)
                break;
            to = next_to > to ? next_to : to;
            count++;
        }
        struct str before = str_slice(source->bytes, from, to);
        const struct source *piece = source_of(arena, source->path, before);
        struct edit *edits = arena_alloc_raw(arena, count * sizeof *edits);
        for (size_t k = 0; k < count; k++) {
            edits[k] = finding->edits[i + k];
            edits[k].span = (struct span){piece, edits[k].span.at - from, edits[k].span.len};
        }
        if (edit_apply(arena, piece, edits, count, &result, NULL)) {
            struct cut_ends cut = find_cuts(source->bytes, from, to);
            print_lines(text, '-', before, cut);
            print_lines(text, '+',
                        str_starts(result, "\n") && before.len == 0
                            ? str_slice(result, 1, result.len)
                            : result,
                        cut);
        }
        i += count;
    }
}

void text_add_excerpt(struct buffer *out, const struct finding *finding)
{
    const struct text text = {.out = out};

    if (finding->span.source != NULL)
        print_line(&text, finding, source_position(finding->span.source, finding->span.at));
    print_fix(&text, finding);
}

/* cut_first_sentence - up to the first full stop that two spaces or nothing follow */
static struct str cut_first_sentence(const char *paragraph)
{
    struct str text = str_of(paragraph);
    size_t end = str_find(text, '.', 0);

    while (end + 2 < text.len && !(is_space(text.at[end + 1]) && is_space(text.at[end + 2])))
        end = str_find(text, '.', end + 1);
    return str_slice(text, 0, end);
}

/* is_first_of_rule - is this the first finding of its rule in the configuration?  It is noted */
static bool is_first_of_rule(struct text *text, const struct rule *rule)
{
    struct str name = str_of(rule->name);

    if (map_get(&text->rules, name) != NULL)
        return false;
    map_put(&text->rules, name, text);
    return true;
}

/* --- worst first, and those of one cause together ----------------------------------------------
 */

/* the findings of one cause; most have no others */
struct group {
    const struct finding **items;
    size_t count, capacity;
    struct group *next;
};

/* name_cause - the same text for findings of which one text may speak for all */
static struct str name_cause(struct arena *arena, const struct finding *finding, size_t number)
{
    if (finding->span.source == NULL)
        return arena_printf(arena, "%zu", number);
    struct str message = finding->rule->one_cause ? str_of("") : finding->message;
    return arena_printf(arena, "%s %d %.*s", finding->rule->name, (int)finding->severity,
                        STR_ARG(message));
}

static void add_to_group(struct arena *arena, struct group *group, const struct finding *finding)
{
    group->items = arena_grow(arena, group->items, group->count, &group->capacity, sizeof(void *));
    group->items[group->count++] = finding;
}

/* group_findings - the groups, worst first */
static struct group *group_findings(struct arena *arena, const struct finding_list *list)
{
    struct group *first = NULL, **last = &first;
    struct map groups;

    map_init(&groups, arena);
    for (int severity = SEVERITY_ERROR; severity >= SEVERITY_ADVICE; severity--)
        for (size_t i = 0; i < list->count; i++) {
            const struct finding *finding = &list->items[i];
            if ((int)finding->severity != severity)
                continue;
            struct str cause = name_cause(arena, finding, i);
            struct group *group = map_get(&groups, cause);
            if (group == NULL) {
                group = *last = arena_alloc(arena, sizeof *group);
                last = &group->next;
                map_put(&groups, cause, group);
            }
            add_to_group(arena, group, finding);
        }
    return first;
}

/* print_places - of the others in the group: "main.cf:7, 12; master.cf:3" */
static void print_places(const struct text *text, const struct group *group)
{
    const struct source *source = NULL;

    buffer_printf(text->out, "  also: ");
    for (size_t i = 1; i < group->count; i++) {
        const struct span *span = &group->items[i]->span;
        if (span->source != source) {
            buffer_add_cstr(text->out, i > 1 ? "; " : "");
            terminal_add(text->out, span->source->path);
        }
        buffer_printf(text->out, "%s%zu", span->source != source ? ":" : ", ",
                      source_position(span->source, span->at).line);
        source = span->source;
    }
    buffer_add_char(text->out, '\n');
}

/* print_group - the text of the first, the other places, and the fixes of all */
static void print_group(struct text *text, const struct report_item *item,
                        const struct group *group)
{
    const struct finding *finding = group->items[0];
    struct position place = {0, 0};

    add_color(text, bold);
    if (finding->span.source != NULL) {
        place = source_position_next(&text->place, finding->span.source, finding->span.at);
        terminal_add(text->out, finding->span.source->path);
        buffer_printf(text->out, ":%zu:%zu: ", place.line, place.column);
    } else {
        terminal_add(text->out, item->config->path);
        buffer_add_cstr(text->out, ": ");
    }
    add_color(text, plain);
    add_color(text, colors[finding->severity]);
    buffer_printf(text->out, "%s: ", severity_name(finding->severity));
    add_color(text, plain);
    terminal_add(text->out, finding->message);
    buffer_printf(text->out, " [%s]\n", finding->rule->name);
    if (finding->span.source != NULL)
        print_line(text, finding, place);
    if (group->count > 1)
        print_places(text, group);
    if (is_first_of_rule(text, finding->rule))
        buffer_printf(text->out, "  why: %.*s.\n", STR_ARG(cut_first_sentence(finding->rule->why)));
    if (finding->advice.len > 0) {
        buffer_add_cstr(text->out, finding->edit_count > 0 ? "  fix: " : "  do:  ");
        terminal_add(text->out, finding->advice);
        buffer_add_char(text->out, '\n');
    }
    for (size_t i = 0; i < group->count; i++)
        print_fix(text, group->items[i]);
}

static void add_text_item(struct buffer *out, const struct report_item *item,
                          const struct report_style *style)
{
    struct text text = {.out = out, .color = style->color};

    if (item->config == NULL || style->brief) /* standard error says the former */
        return;
    map_init(&text.rules, out->arena);
    for (const struct group *group = group_findings(out->arena, item->findings); group != NULL;
         group = group->next)
        print_group(&text, item, group);
}

/* --- many configurations ---------------------------------------------------------------------- */

/* the most configurations with errors that are listed */
enum { LISTED_MAX = 10 };

static void print_rules(const struct text *text, const struct tally *tally)
{
    size_t count;
    const struct rule_count *rules = tally_rules(tally, text->out->arena, &count);

    for (size_t i = 0; i < count; i++) {
        add_color(text, colors[rules[i].worst]);
        buffer_printf(text->out, "%-7s", severity_name(rules[i].worst));
        add_color(text, plain);
        buffer_printf(text->out, " %6zu configuration%s  %-24s %s\n", rules[i].configurations,
                      rules[i].configurations == 1 ? " " : "s", rules[i].rule->name,
                      rules[i].rule->summary);
    }
}

static int compare_errors(const void *a, const void *b)
{
    const struct tally_configuration *const *x = a, *const *y = b;
    size_t left = (*x)->by_severity[SEVERITY_ERROR], right = (*y)->by_severity[SEVERITY_ERROR];

    return left != right ? (left < right ? 1 : -1) : str_cmp((*x)->path, (*y)->path);
}

/* print_worst - the configurations with the most errors */
static void print_worst(const struct text *text, const struct tally *tally)
{
    const struct tally_configuration **list =
        arena_alloc(text->out->arena, (tally->count + 1) * sizeof(*list));
    size_t count = 0;

    for (size_t i = 0; i < tally->count; i++)
        if (tally->items[i].by_severity[SEVERITY_ERROR] > 0)
            list[count++] = &tally->items[i];
    qsort(list, count, sizeof(*list), compare_errors);
    if (count > 0)
        buffer_printf(text->out, "\n%zu configuration%s errors%s:\n", count,
                      count == 1 ? " has" : "s have",
                      count > LISTED_MAX ? "; those with the most" : "");
    for (size_t i = 0; i < count && i < LISTED_MAX; i++) {
        buffer_printf(text->out, "%6zu  ", list[i]->by_severity[SEVERITY_ERROR]);
        terminal_add(text->out, list[i]->path);
        buffer_add_char(text->out, '\n');
    }
}

static void end_text(struct buffer *out, const struct tally *tally,
                     const struct report_style *style)
{
    const struct text text = {.out = out, .color = style->color};
    const size_t *found = tally->by_severity;

    if (tally->readable == 0)
        return;
    if (found[SEVERITY_ERROR] + found[SEVERITY_WARNING] + found[SEVERITY_ADVICE] == 0) {
        buffer_printf(out, "%zu configuration%s checked, no problems found\n", tally->readable,
                      tally->readable == 1 ? "" : "s");
        return;
    }
    if (style->brief) {
        print_rules(&text, tally);
        print_worst(&text, tally);
        buffer_add_char(out, '\n');
    }
    describe_tally(out, tally);
    buffer_add_cstr(out, style->brief ? "; --verbose prints each\n" : "\n");
}

const struct report_format report_text = {
    .name = "text",
    .summary = "for people: the line, the reason and the fix",
    .item = add_text_item,
    .end = end_text,
};
