/* findings for programs: one JSON object; docs/json.md describes it */

#include "base/json.h"
#include "cmd/report/report.h"

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

static json_t *make_finding(struct arena *arena, const struct finding *finding)
{
    json_t *object = json_object();

    json_object_set_new(object, "rule", json_string(finding->rule->name));
    json_object_set_new(object, "severity", json_string(severity_name(finding->severity)));
    if (finding->span.source != NULL) {
        struct position place = source_position(finding->span.source, finding->span.at);
        json_object_set_new(object, "file", json_text(arena, finding->span.source->path));
        json_object_set_new(object, "line", json_count(place.line));
        json_object_set_new(object, "column", json_count(place.column));
        json_object_set_new(object, "offset", json_count(finding->span.at));
        json_object_set_new(object, "length", json_count(finding->span.len));
    }
    json_object_set_new(object, "message", json_text(arena, finding->message));
    json_object_set_new(object, "advice", json_text(arena, finding->advice));
    json_object_set_new(object, "edits", make_edits(arena, finding));
    return object;
}

static void begin_json(struct buffer *out)
{
    buffer_add_cstr(out, "{\"configurations\": [");
}

static void add_json_item(struct buffer *out, const struct report_item *item,
                          const struct report_style *style)
{
    struct arena *arena = out->arena;
    json_t *object = json_object();
    json_t *findings = json_array();

    for (size_t i = 0; i < item->findings->count; i++)
        json_array_append_new(findings, make_finding(arena, &item->findings->items[i]));
    json_object_set_new(object, "path", json_text(arena, item->config->path));
    json_object_set_new(object, "platform", json_text(arena, item->config->platform->name));
    json_object_set_new(object, "findings", findings);
    buffer_add_cstr(out, style->first ? "\n" : ",\n");
    json_print(out, object, 1);
}

static void end_json(struct buffer *out, size_t configurations, const size_t by_severity[3])
{
    json_t *object = json_object();

    json_object_set_new(object, "configurations", json_count(configurations));
    json_object_set_new(object, "errors", json_count(by_severity[SEVERITY_ERROR]));
    json_object_set_new(object, "warnings", json_count(by_severity[SEVERITY_WARNING]));
    json_object_set_new(object, "advice", json_count(by_severity[SEVERITY_ADVICE]));
    buffer_add_cstr(out, "\n], \"summary\":\n");
    json_print(out, object, 1);
    buffer_add_cstr(out, "}\n");
}

const struct report_format report_json = {
    .name = "json",
    .summary = "for programs: one object; docs/json.md describes it",
    .begin = begin_json,
    .item = add_json_item,
    .end = end_json,
};
