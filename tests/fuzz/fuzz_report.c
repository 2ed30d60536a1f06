/*
 * findings about any text, in each format of a report: nothing that a terminal would obey comes
 * out.
 *
 * The first byte chooses the format, the second how many bytes the printer gets at once.  Then come
 * a file name, a file, and messages with their advice, each behind a line "%%".
 */
#include <jansson.h>

#include "cmd/report/report.h"
#include "rules/engine/engine.h"
#include "tests/fuzz/fuzz.h"

enum { FINDINGS_MAX = 16 };

static const char separator[] = "\n%%\n";

static struct str next_part(struct str *rest)
{
    size_t end = str_search(*rest, separator);
    struct str part = str_slice(*rest, 0, end);

    *rest = str_slice(*rest, end + sizeof separator - 1, rest->len);
    return part;
}

static size_t hash_text(struct str text)
{
    size_t hash = 0;

    for (size_t i = 0; i < text.len; i++)
        hash = 31 * hash + (unsigned char)text.at[i];
    return hash;
}

/* make_finding - a place in the source that the message's own bytes choose, and an edit there */
static struct finding make_finding(struct arena *arena, const struct source *source,
                                   struct str message, struct str advice)
{
    size_t count, len = source->bytes.len;
    const struct rule *const *rules = rules_all(&count);
    size_t hash = hash_text(message);
    struct span span = {.source = source, .at = len > 0 ? hash % len : 0};
    struct edit *edit = arena_alloc(arena, sizeof *edit);

    span.len = (hash >> 8) % (len - span.at + 1);
    *edit = (struct edit){.span = span, .text = advice};
    return (struct finding){.rule = rules[hash % count],
                            .severity = (enum severity)(hash % 3),
                            .span = hash % 7 == 0 ? SPAN_NONE : span,
                            .message = message,
                            .advice = advice,
                            .edits = edit,
                            .edit_count = (hash >> 3) % 2};
}

static void add_findings(struct arena *arena, struct finding_list *list,
                         const struct source *source, struct str rest)
{
    while (rest.len > 0 && list->count < FINDINGS_MAX) {
        struct str message = next_part(&rest);
        struct finding finding = make_finding(arena, source, message, next_part(&rest));
        if (message.len == 0)
            continue;
        finding.number = list->count;
        list->by_severity[finding.severity]++;
        list->items[list->count++] = finding;
    }
}

static void print_item(struct buffer *out, const struct report_format *format,
                       const struct report_item *item, const struct report_style *style)
{
    struct buffer text;

    buffer_init(&text, out->arena);
    format->item(&text, item, style);
    if (text.len > 0 && out->len > 0 && format->separator != NULL)
        buffer_add_cstr(out, format->separator);
    buffer_add(out, buffer_str(&text));
}

/* print_report - of two operands, of which one cannot be read */
static struct str print_report(struct arena *arena, const struct report_format *format,
                               const struct report_item *item, bool brief)
{
    const struct report_item unreadable = {.path = item->path, .problem = item->path};
    const struct report_style style = {.brief = brief};
    struct tally tally = {0};
    struct buffer out, items;

    tally_add(&tally, arena, item);
    tally_add(&tally, arena, &unreadable);
    buffer_init(&out, arena);
    buffer_init(&items, arena);
    if (format->begin != NULL)
        format->begin(&out, &tally);
    print_item(&items, format, item, &style);
    print_item(&items, format, &unreadable, &style);
    buffer_add(&out, buffer_str(&items));
    if (format->end != NULL)
        format->end(&out, &tally, &style);
    return buffer_str(&out);
}

static bool is_json(struct str text)
{
    json_error_t error;
    json_t *root = json_loadb(text.at, text.len, JSON_ALLOW_NUL, &error);

    json_decref(root);
    return root != NULL;
}

/* check_json - the formats for programs are JSON: the whole, or each part before END */
static const char *check_json(const struct report_format *format, struct str text)
{
    static const struct {
        const char *name;
        char end;
    } kinds[] = {
        {"json", '\0'}, {"sarif", '\0'}, {"gitlab", '\0'}, {"codeclimate", '\0'}, {"jsonl", '\n'}};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        while (str_is(str_of(format->name), kinds[i].name) && text.len > 0) {
            size_t end = str_find(text, kinds[i].end, 0);
            struct str part = str_slice(text, 0, end);
            if (str_span(part, 0, "\n") < part.len && !is_json(part))
                return "a report is not JSON";
            text = str_slice(text, end + 1, text.len);
        }
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    struct finding_list list = {0};
    size_t count;
    const struct report_format *const *formats = report_formats(&count);
    struct config config;
    struct str error;

    if (size < 2)
        return 0;
    if (arena == NULL)
        arena = arena_create(abort);
    struct str rest = arena_copy(arena, fuzz_input(data + 2, size - 2));
    struct str path = next_part(&rest);
    const struct source *source = source_of(arena, path, arena_copy(arena, next_part(&rest)));
    const struct config_input input = {
        .path = path, .main_source = source, .platform = facts_platform(str_of("rhel10"))};
    if (!config_open(&config, arena, &input, &error))
        fuzz_demand(arena_cstr(arena, error));
    list.items = arena_alloc(arena, FINDINGS_MAX * sizeof *list.items);
    add_findings(arena, &list, source, rest);
    const struct report_item item = {.path = path, .config = &config, .findings = &list};
    struct str text = print_report(arena, formats[data[0] % count], &item, data[0] >= 128);
    fuzz_demand(property_shown(arena, text, (size_t)data[1] + 1));
    fuzz_demand(check_json(formats[data[0] % count], text));
    arena_reset(arena);
    return 0;
}
