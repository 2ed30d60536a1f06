/* findings for programs: one JSON object; docs/json.md describes it */
#include <jansson.h>
#include <stdlib.h>

#include "cmd/report/report.h"

/* text_of - a JSON string; bytes that are no UTF-8 become U+FFFD */
static json_t *text_of(struct arena *arena, struct str s)
{
    json_t *text = json_stringn(s.at != NULL ? s.at : "", s.len);
    struct buffer mended;

    if (text != NULL || s.at == NULL)
        return text;
    buffer_init(&mended, arena);
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] < 0x80)
            buffer_add_char(&mended, s.at[i]);
        else
            buffer_add_cstr(&mended, "\xEF\xBF\xBD");
    return json_stringn(mended.at, mended.len);
}

static json_t *number(size_t n)
{
    return json_integer((json_int_t)n);
}

static json_t *edits_of(struct arena *arena, const struct finding *finding)
{
    json_t *list = json_array();

    for (size_t i = 0; i < finding->edit_count; i++) {
        const struct edit *edit = &finding->edits[i];
        json_t *object = json_object();
        json_object_set_new(object, "file", text_of(arena, edit->span.source->path));
        json_object_set_new(object, "offset", number(edit->span.at));
        json_object_set_new(object, "length", number(edit->span.len));
        json_object_set_new(object, "text", text_of(arena, edit->text));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *finding_of(struct arena *arena, const struct finding *finding)
{
    json_t *object = json_object();

    json_object_set_new(object, "rule", json_string(finding->rule->name));
    json_object_set_new(object, "severity", json_string(severity_name(finding->severity)));
    if (finding->span.source != NULL) {
        struct position place = source_position(finding->span.source, finding->span.at);
        json_object_set_new(object, "file", text_of(arena, finding->span.source->path));
        json_object_set_new(object, "line", number(place.line));
        json_object_set_new(object, "column", number(place.column));
        json_object_set_new(object, "offset", number(finding->span.at));
        json_object_set_new(object, "length", number(finding->span.len));
    }
    json_object_set_new(object, "message", text_of(arena, finding->message));
    json_object_set_new(object, "advice", text_of(arena, finding->advice));
    json_object_set_new(object, "edits", edits_of(arena, finding));
    return object;
}

static void dump(struct buffer *out, json_t *object)
{
    char *text = json_dumps(object, JSON_INDENT(1));

    if (text != NULL)
        buffer_add_cstr(out, text);
    free(text);
    json_decref(object);
}

static void json_begin(struct buffer *out)
{
    buffer_add_cstr(out, "{\"configurations\": [");
}

static void json_item(struct buffer *out, const struct report_item *item,
                      const struct report_style *style)
{
    struct arena *arena = out->arena;
    json_t *object = json_object();
    json_t *findings = json_array();

    for (size_t i = 0; i < item->findings->count; i++)
        json_array_append_new(findings, finding_of(arena, &item->findings->items[i]));
    json_object_set_new(object, "path", text_of(arena, item->config->path));
    json_object_set_new(object, "platform", text_of(arena, item->config->platform->name));
    json_object_set_new(object, "findings", findings);
    buffer_add_cstr(out, style->first ? "\n" : ",\n");
    dump(out, object);
}

static void json_end(struct buffer *out, size_t configurations, const size_t by_severity[3])
{
    json_t *object = json_object();

    json_object_set_new(object, "configurations", number(configurations));
    json_object_set_new(object, "errors", number(by_severity[SEVERITY_ERROR]));
    json_object_set_new(object, "warnings", number(by_severity[SEVERITY_WARNING]));
    json_object_set_new(object, "advice", number(by_severity[SEVERITY_ADVICE]));
    buffer_add_cstr(out, "\n], \"summary\":\n");
    dump(out, object);
    buffer_add_cstr(out, "}\n");
}

const struct report_format report_json = {
    .name = "json",
    .summary = "for programs: one object; docs/json.md describes it",
    .begin = json_begin,
    .item = json_item,
    .end = json_end,
};
