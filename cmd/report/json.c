/* findings for programs: one JSON object, or one a line; docs/json.md describes them */
#include "base/json.h"
#include "cmd/report/describe.h"

enum { FORMAT_VERSION = 1 }; /* changes where a member changes its meaning or goes */

static json_t *make_edits(struct arena *arena, const struct finding *finding)
{
    json_t *list = json_array();

    for (size_t i = 0; i < finding->edit_count; i++) {
        const struct edit *edit = &finding->edits[i];
        json_t *object = json_object();
        json_object_set_new(object, "file", json_text(arena, edit->span.source->path));
        json_object_set_new(object, "offset", json_count(edit->span.at));
        json_object_set_new(object, "length", json_count(edit->span.len));
        json_object_set_new(object, "text", json_text(arena, edit->text));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *make_finding(struct arena *arena, const struct report_item *item,
                            const struct finding *finding, struct str fingerprint)
{
    struct described_place place = describe_place(item, finding);
    json_t *object = json_object();

    json_object_set_new(object, "rule", json_string(finding->rule->name));
    json_object_set_new(object, "severity", json_string(severity_name(finding->severity)));
    if (place.known) {
        json_object_set_new(object, "file", json_text(arena, place.file));
        json_object_set_new(object, "line", json_count(place.start.line));
        json_object_set_new(object, "column", json_count(place.start.column));
        json_object_set_new(object, "end_line", json_count(place.end.line));
        json_object_set_new(object, "end_column", json_count(place.end.column));
        json_object_set_new(object, "offset", json_count(finding->span.at));
        json_object_set_new(object, "length", json_count(finding->span.len));
    }
    json_object_set_new(object, "message", json_text(arena, finding->message));
    json_object_set_new(object, "advice", json_text(arena, finding->advice));
    json_object_set_new(object, "edits", make_edits(arena, finding));
    json_object_set_new(object, "fingerprint", json_text(arena, fingerprint));
    return object;
}

static json_t *make_configuration(struct arena *arena, const struct report_item *item)
{
    json_t *object = json_object();
    json_t *findings = json_array();

    json_object_set_new(object, "path", json_text(arena, item->path));
    if (item->config == NULL) {
        json_object_set_new(object, "problem", json_text(arena, item->problem));
    } else {
        json_object_set_new(object, "platform", json_text(arena, item->config->platform->name));
        const struct str *fingerprints = describe_fingerprints(arena, item);
        for (size_t i = 0; i < item->findings->count; i++)
            json_array_append_new(
                findings, make_finding(arena, item, &item->findings->items[i], fingerprints[i]));
    }
    json_object_set_new(object, "findings", findings);
    return object;
}

static json_t *make_summary(const struct tally *tally)
{
    json_t *object = json_object();

    json_object_set_new(object, "configurations", json_count(tally->readable));
    json_object_set_new(object, "unreadable", json_count(tally->unreadable));
    json_object_set_new(object, "errors", json_count(tally->by_severity[SEVERITY_ERROR]));
    json_object_set_new(object, "warnings", json_count(tally->by_severity[SEVERITY_WARNING]));
    json_object_set_new(object, "advice", json_count(tally->by_severity[SEVERITY_ADVICE]));
    return object;
}

static void begin_json(struct buffer *out, const struct tally *tally)
{
    (void)tally;
    buffer_printf(out, "{\"version\": %d, \"configurations\": [\n", FORMAT_VERSION);
}

static void add_json_item(struct buffer *out, const struct report_item *item,
                          const struct report_style *style)
{
    (void)style;
    json_print(out, make_configuration(out->arena, item), 1);
}

static void end_json(struct buffer *out, const struct tally *tally,
                     const struct report_style *style)
{
    (void)style;
    buffer_add_cstr(out, "\n], \"summary\":\n");
    json_print(out, make_summary(tally), 1);
    buffer_add_cstr(out, "}\n");
}

const struct report_format report_json = {
    .name = "json",
    .summary = "for programs: one object; docs/json.md describes it",
    .separator = ",\n",
    .begin = begin_json,
    .item = add_json_item,
    .end = end_json,
};

/* --- one object a line --------------------------------------------------------------------- */

static void add_jsonl_item(struct buffer *out, const struct report_item *item,
                           const struct report_style *style)
{
    (void)style;
    json_print_line(out, make_configuration(out->arena, item));
    buffer_add_char(out, '\n');
}

static void end_jsonl(struct buffer *out, const struct tally *tally,
                      const struct report_style *style)
{
    (void)style;
    json_t *object = json_object();

    json_object_set_new(object, "version", json_count(FORMAT_VERSION));
    json_object_set_new(object, "summary", make_summary(tally));
    json_print_line(out, object);
    buffer_add_char(out, '\n');
}

const struct report_format report_jsonl = {
    .name = "jsonl",
    .summary = "for programs: an object for each configuration, one a line",
    .item = add_jsonl_item,
    .end = end_jsonl,
};
