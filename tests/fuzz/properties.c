#include "tests/fuzz/properties.h"

#include <string.h>

#include "base/terminal.h"
#include "cmd/report/report.h"

/* what is found on the way through one source */
struct trail {
    struct arena *arena;
    const struct source *source;
    struct edit *edits; /* each writes what stands there already */
    size_t count, capacity;
    const char *wrong; /* the first thing that does not hold */
};

static void demand(struct trail *trail, bool holds, const char *wrong)
{
    if (!holds && trail->wrong == NULL)
        trail->wrong = wrong;
}

static bool same_bytes(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static bool span_inside(struct span span, const struct source *source)
{
    size_t len = source->bytes.len;

    return span.source == source && span.at <= len && span.len <= len - span.at;
}

static bool part_of(struct str part, struct str whole)
{
    return part.at >= whole.at && part.at <= whole.at + whole.len &&
           part.len <= (size_t)(whole.at + whole.len - part.at);
}

/* trace - PART of the line's text: each of its bytes stands where line_at() says */
static void trace(struct trail *trail, const struct line *line, struct str part)
{
    struct str bytes = trail->source->bytes;

    demand(trail, part_of(part, line->text), "a part lies outside its line");
    if (trail->wrong != NULL)
        return;
    size_t before = 0;
    for (size_t i = 0; i < part.len; i++) {
        size_t at = line_at(line, part.at + i);
        demand(trail, at < bytes.len && bytes.at[at] == part.at[i], "a byte is not in its place");
        demand(trail, i == 0 || at > before, "places do not ascend");
        before = at;
    }
    struct span span = line_span(line, part);
    demand(trail, span_inside(span, trail->source), "a part's span lies outside the source");
    if (line->piece_count == 1)
        demand(trail, same_bytes(span_str(span), part), "a span does not hold the part's bytes");
}

/* keep - an edit that replaces PART by what stands there */
static void keep(struct trail *trail, const struct line *line, struct str part)
{
    trace(trail, line, part);
    if (trail->wrong != NULL)
        return;
    struct span span = line_span(line, part);
    trail->edits = arena_grow(trail->arena, trail->edits, trail->count, &trail->capacity,
                              sizeof *trail->edits);
    trail->edits[trail->count++] = (struct edit){.span = span, .text = span_str(span)};
}

static void check_problems(struct trail *trail, const struct problem_list *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        demand(trail, span_inside(problems->items[i].span, trail->source),
               "a problem's span lies outside the source");
        demand(trail, problems->items[i].message.len > 0, "a problem says nothing");
    }
}

/* check_identity - output = input + edits */
static void check_identity(struct trail *trail)
{
    struct str result;

    demand(trail, edit_apply(trail->arena, trail->source, NULL, 0, &result, NULL),
           "no edits, and they overlap");
    demand(trail, same_bytes(result, trail->source->bytes), "no edit, and other bytes");
    bool applied =
        edit_apply(trail->arena, trail->source, trail->edits, trail->count, &result, NULL);
    demand(trail, applied, "names and values overlap");
    if (applied)
        demand(trail, same_bytes(result, trail->source->bytes),
               "edits that change nothing give other bytes");
}

/* count_lines - the physical lines that are neither empty nor comments, counted another way */
static size_t count_lines(struct str bytes)
{
    enum { START, SKIPPED, COUNTED } state = START;
    size_t count = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.at[i];
        if (c == '\n')
            state = START;
        else if (state == START && c == '#')
            state = SKIPPED;
        else if (state == START && (c == '\0' || strchr(" \t\v\f\r", c) == NULL)) {
            count++;
            state = COUNTED;
        }
    }
    return count;
}

static void check_lines(struct trail *trail)
{
    struct line_reader reader = {.source = trail->source};
    struct line line;
    size_t count = 0;

    while (line_next(&reader, trail->arena, &line)) {
        count += line.piece_count;
        trace(trail, &line, line.text);
    }
    demand(trail, count == count_lines(trail->source->bytes), "a line was left out");
}

const char *property_main_cf(struct arena *arena, const struct source *source)
{
    struct trail trail = {.arena = arena, .source = source};
    struct main_cf main_cf;

    check_lines(&trail);
    main_cf_parse(&main_cf, arena, source);
    for (size_t i = 0; i < main_cf.count; i++) {
        const struct main_cf_entry *entry = main_cf.entries[i];
        keep(&trail, &entry->line, entry->name);
        keep(&trail, &entry->line, entry->value);
        demand(&trail, entry->name.len > 0, "a name is empty");
        demand(&trail, entry->overridden || main_cf_get(&main_cf, entry->name) == entry,
               "an entry holds that is not found by its name");
    }
    check_problems(&trail, &main_cf.problems);
    check_identity(&trail);
    return trail.wrong;
}

static void check_service(struct trail *trail, const struct service *service)
{
    for (int i = 0; i < MASTER_FIELD_COUNT; i++)
        keep(trail, &service->line, service->fields[i]);
    for (size_t i = 0; i < service->argument_count; i++)
        trace(trail, &service->line, service->arguments[i].place);
    for (const struct master_override *o = service->overrides; o != NULL; o = o->next) {
        keep(trail, &service->line, o->name);
        keep(trail, &service->line, o->value);
        trace(trail, &service->line, o->place);
    }
    if (service->port.at != NULL) {
        trace(trail, &service->line, service->port);
        trace(trail, &service->line, service->host);
    }
    demand(trail, service_port(service) >= 0, "a port is negative");
}

const char *property_master_cf(struct arena *arena, const struct source *source)
{
    struct trail trail = {.arena = arena, .source = source};
    struct master_cf master_cf;

    master_cf_parse(&master_cf, arena, source);
    for (size_t i = 0; i < master_cf.count; i++) {
        demand(&trail, master_cf.services[i]->number == i, "a service has another's number");
        check_service(&trail, master_cf.services[i]);
    }
    check_problems(&trail, &master_cf.problems);
    check_identity(&trail);
    return trail.wrong;
}

/* --- expansion ------------------------------------------------------------------------------- */

static enum expand_found find_in_main(void *context, struct str name, struct str *value)
{
    const struct main_cf_entry *entry = main_cf_get(context, name);

    if (entry == NULL)
        return str_is(name, "myhostname") ? EXPAND_UNDETERMINED : EXPAND_UNDEFINED;
    *value = entry->value;
    return EXPAND_TEXT;
}

struct seen_in {
    struct trail *trail;
    struct str value;
};

static void check_reference(void *context, struct str name, struct str reference)
{
    const struct seen_in *seen = context;

    demand(seen->trail, part_of(reference, seen->value), "a reference lies outside the value");
    demand(seen->trail, part_of(name, reference), "a name lies outside its reference");
    demand(seen->trail, str_starts(reference, "$"), "a reference without a dollar sign");
}

const char *property_expand(struct arena *arena, const struct source *source,
                            const struct release *release)
{
    struct trail trail = {.arena = arena, .source = source};
    struct main_cf main_cf;

    main_cf_parse(&main_cf, arena, source);
    const struct expand_names names = {
        .find = find_in_main, .context = &main_cf, .release = release};
    for (size_t i = 0; i < main_cf.count; i++) {
        struct str value = main_cf.entries[i]->value;
        struct seen_in seen = {&trail, value};
        struct expand_error error = {.place = STR_NONE};
        struct buffer out;

        expand_scan(release, arena, value, check_reference, &seen, &error);
        buffer_init(&out, arena);
        int flags = expand(&names, value, &out, &error);
        if (!expand_needed(value))
            demand(&trail, flags == 0 && same_bytes(buffer_str(&out), value),
                   "a value without references changed");
        if (flags & EXPAND_FAILED)
            demand(&trail, error.message.len > 0 && error.place.at != NULL,
                   "an expansion failed and does not say where");
        demand(&trail, buffer_str(&out).len <= EXPAND_SIZE_MAX, "an expansion has no bound");
    }
    return trail.wrong;
}

const char *property_findings(const struct config *config, const struct finding_list *list,
                              size_t choice)
{
    const struct report_item item = {.path = config->path, .config = config, .findings = list};
    const struct report_style style = {.color = false};
    size_t count;
    const struct report_format *const *formats = report_formats(&count);
    struct buffer out;

    for (size_t i = 0; i < list->count; i++) {
        struct span span = list->items[i].span;
        if (span.source == NULL)
            continue;
        size_t len = span.source->bytes.len;
        if (span.at > len || span.len > len - span.at)
            return "a finding lies outside its file";
        if (list->items[i].message.len == 0)
            return "a finding says nothing";
    }
    buffer_init(&out, config->arena);
    formats[choice % count]->item(&out, &item, &style);
    return property_shown(config->arena, buffer_str(&out), 64);
}

/* --- terminals ------------------------------------------------------------------------------- */

/* read_character - its code, and how many bytes it has; a byte that is no part of UTF-8 stands for
   itself.  Not as the printer reads it, on purpose */
static unsigned read_character(struct str text, size_t at, size_t *len)
{
    const unsigned char *bytes = (const unsigned char *)text.at + at;
    size_t left = text.len - at;
    size_t more = bytes[0] >= 0xf0 && bytes[0] < 0xf5   ? 3
                  : bytes[0] >= 0xe0 && bytes[0] < 0xf0 ? 2
                  : bytes[0] >= 0xc2 && bytes[0] < 0xe0 ? 1
                                                        : 0;
    unsigned code = more == 0 ? bytes[0] : bytes[0] & (0x3fU >> more);

    *len = 1;
    if (more >= left)
        return bytes[0];
    for (size_t i = 1; i <= more; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return bytes[0];
        code = code << 6 | (bytes[i] & 0x3f);
    }
    *len = more + 1;
    return code;
}

static bool is_harmful(unsigned code)
{
    return (code < ' ' && code != '\n' && code != '\t') || (code >= 0x7f && code < 0xa0) ||
           code == 0xad || (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) ||
           code == 0xfeff || (code >= 0xe0000 && code <= 0xe007f);
}

const char *property_shown(struct arena *arena, struct str text, size_t size)
{
    struct terminal terminal = {0};
    struct buffer shown;
    size_t len;

    buffer_init(&shown, arena);
    for (size_t at = 0; at < text.len; at += size)
        terminal_filter(&terminal, &shown, str_slice(text, at, at + size));
    terminal_finish(&terminal, &shown);
    struct str bytes = buffer_str(&shown);
    for (size_t at = 0; at < bytes.len; at += len) {
        unsigned code = read_character(bytes, at, &len);
        bool line_end = code == '\r' && at + 1 < bytes.len && bytes.at[at + 1] == '\n';
        if (is_harmful(code) && !line_end)
            return arena_printf(arena, "U+%04X reaches the terminal, after %zu bytes", code, at).at;
    }
    return NULL;
}

const char *property_message(struct arena *arena, struct str text)
{
    if (text.len == 0)
        return "a message says nothing";
    if (str_find(text, '\n', 0) < text.len)
        return "a message has several lines";
    return property_shown(arena, text, text.len);
}
