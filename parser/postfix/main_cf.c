#include "parser/postfix/main_cf.h"

void problem_add(struct problem_list *list, struct arena *arena, struct problem problem)
{
    list->items = arena_grow(arena, list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count++] = problem;
}

const char *split_name_value(struct str text, struct str *name, struct str *value)
{
    size_t from = 0;

    while (from < text.len && is_space(text.at[from]))
        from++;
    if (from == text.len || text.at[from] == '=')
        return "missing attribute name";

    size_t to = from;
    while (to < text.len && !is_space(text.at[to]) && text.at[to] != '=')
        to++;
    size_t equals = to;
    while (equals < text.len && is_space(text.at[equals]))
        equals++;
    if (equals == text.len || text.at[equals] != '=')
        return "missing '=' after attribute name";

    *name = str_slice(text, from, to);
    *value = str_trim(str_slice(text, equals + 1, text.len));
    return NULL;
}

static const struct str stray_message =
    STR("this line starts with white space, but there is no line before it to continue: "
        "Postfix ignores it");
static const struct str stray_advice = STR("remove the white space or the line");
static const struct str nul_message = STR("Postfix ignores what follows the NUL byte");
static const struct str nul_advice = STR("remove the NUL byte");
static const struct str no_equals_advice =
    STR("write \"name = value\", or start the line with \"#\"");

/* check_line - reports what Postfix warns about in a logical line; false where it skips the line */
static bool check_line(struct main_cf *main_cf, struct arena *arena, const struct line *line)
{
    if (line->nul) {
        struct span end = line_span(line, str_slice(line->text, line->text.len, line->text.len));
        problem_add(&main_cf->problems, arena,
                    (struct problem){.span = {.source = end.source, .at = end.at, .len = 1},
                                     .message = nul_message,
                                     .advice = nul_advice});
    }
    if (line->stray)
        problem_add(&main_cf->problems, arena,
                    (struct problem){.span = line_span(line, str_trim(line->text)),
                                     .message = stray_message,
                                     .advice = stray_advice});
    return !line->stray;
}

static void add_entry(struct main_cf *main_cf, struct arena *arena, struct main_cf_entry *entry)
{
    struct main_cf_entry *earlier = map_get(&main_cf->names, entry->name);

    if (earlier != NULL)
        earlier->overridden = true;
    entry->earlier = earlier;
    main_cf->entries = arena_grow(arena, main_cf->entries, main_cf->count, &main_cf->capacity,
                                  sizeof(struct main_cf_entry *));
    main_cf->entries[main_cf->count++] = entry;
    map_put(&main_cf->names, entry->name, entry);
}

void main_cf_parse(struct main_cf *main_cf, struct arena *arena, const struct source *source)
{
    struct line_reader reader = {.source = source};
    struct line line;

    *main_cf = (struct main_cf){.source = source};
    map_init(&main_cf->names, arena);
    while (line_next(&reader, arena, &line)) {
        if (!check_line(main_cf, arena, &line))
            continue;
        struct main_cf_entry *entry = arena_alloc_raw(arena, sizeof *entry);
        *entry = (struct main_cf_entry){.line = line};
        const char *wrong = split_name_value(line.text, &entry->name, &entry->value);
        if (wrong == NULL)
            add_entry(main_cf, arena, entry);
        else
            problem_add(&main_cf->problems, arena,
                        (struct problem){.span = line_span(&line, str_trim(line.text)),
                                         .message = str_of(wrong),
                                         .advice = no_equals_advice,
                                         .fatal = true,
                                         .unreadable = true});
    }
}

const struct main_cf_entry *main_cf_get(const struct main_cf *main_cf, struct str name)
{
    return map_get(&main_cf->names, name);
}
