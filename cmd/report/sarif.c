/* SARIF 2.1.0 (OASIS), for code scanning; columns are characters, as it demands */
#include "base/json.h"
#include "cmd/report/describe.h"

static const char schema[] =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

static const char *const levels[] = {
    [SEVERITY_ADVICE] = "note", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"};

/* --- the rules ----------------------------------------------------------------------------- */

static json_t *make_text(struct arena *arena, struct str text)
{
    json_t *object = json_object();

    json_object_set_new(object, "text", json_text(arena, text));
    return object;
}

static json_t *make_rule(struct arena *arena, const char *name, const char *summary,
                         const char *why, enum severity severity)
{
    json_t *object = json_object();
    json_t *configuration = json_object();

    json_object_set_new(object, "id", json_string(name));
    json_object_set_new(object, "shortDescription", make_text(arena, str_of(summary)));
    json_object_set_new(object, "fullDescription", make_text(arena, str_of(why)));
    json_object_set_new(object, "help", make_text(arena, str_of(why)));
    json_object_set_new(configuration, "level", json_string(levels[severity]));
    json_object_set_new(object, "defaultConfiguration", configuration);
    return object;
}

static json_t *make_driver(struct arena *arena)
{
    json_t *driver = json_object();
    json_t *list = json_array();
    size_t count;
    const struct rule *const *rules = rules_all(&count);

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, make_rule(arena, rules[i]->name, rules[i]->summary,
                                              rules[i]->why, rules[i]->severity));
    json_array_append_new(list, make_rule(arena, report_unreadable, "an input cannot be read",
                                          "What cannot be read was not checked.", SEVERITY_ERROR));
    json_object_set_new(driver, "name", json_string("postmend"));
    json_object_set_new(driver, "version", json_string(POSTMEND_VERSION));
    json_object_set_new(driver, "rules", list);
    return driver;
}

/* --- places -------------------------------------------------------------------------------- */

/* make_artifact - a path as a URI: what is relative stays so */
static json_t *make_artifact(struct arena *arena, struct str path)
{
    json_t *object = json_object();
    struct buffer uri;

    buffer_init(&uri, arena);
    buffer_add_cstr(&uri, str_starts(path, "/") ? "file://" : "");
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.at[i];
        if (is_alnum((char)c) || (c != 0 && strchr("/-._~", c) != NULL))
            buffer_add_char(&uri, (char)c);
        else
            buffer_printf(&uri, "%%%02X", c);
    }
    json_object_set_new(object, "uri", json_text(arena, buffer_str(&uri)));
    return object;
}

static json_t *make_region(struct span span)
{
    struct position start = source_position(span.source, span.at);
    struct position end = source_position(span.source, span.at + span.len);
    json_t *region = json_object();

    json_object_set_new(region, "startLine", json_count(start.line));
    json_object_set_new(region, "startColumn", json_count(describe_column(span.source, span.at)));
    json_object_set_new(region, "endLine", json_count(end.line));
    json_object_set_new(region, "endColumn",
                        json_count(describe_column(span.source, span.at + span.len)));
    json_object_set_new(region, "byteOffset", json_count(span.at));
    json_object_set_new(region, "byteLength", json_count(span.len));
    return region;
}

static json_t *make_locations(struct arena *arena, struct str path, struct span span)
{
    json_t *list = json_array();
    json_t *location = json_object();
    json_t *physical = json_object();

    json_object_set_new(physical, "artifactLocation", make_artifact(arena, path));
    if (span.source != NULL)
        json_object_set_new(physical, "region", make_region(span));
    json_object_set_new(location, "physicalLocation", physical);
    json_array_append_new(list, location);
    return list;
}

/* --- fixes --------------------------------------------------------------------------------- */

static json_t *make_replacement(struct arena *arena, const struct edit *edit)
{
    json_t *replacement = json_object();

    json_object_set_new(replacement, "deletedRegion", make_region(edit->span));
    json_object_set_new(replacement, "insertedContent", make_text(arena, edit->text));
    return replacement;
}

/* make_changes - the edits, file by file */
static json_t *make_changes(struct arena *arena, const struct finding *finding)
{
    json_t *changes = json_array();
    json_t *replacements = NULL;

    for (size_t i = 0; i < finding->edit_count; i++) {
        const struct edit *edit = &finding->edits[i];
        if (i == 0 || edit->span.source != finding->edits[i - 1].span.source) {
            json_t *change = json_object();
            replacements = json_array();
            json_object_set_new(change, "artifactLocation",
                                make_artifact(arena, edit->span.source->path));
            json_object_set_new(change, "replacements", replacements);
            json_array_append_new(changes, change);
        }
        json_array_append_new(replacements, make_replacement(arena, edit));
    }
    return changes;
}

static json_t *make_fixes(struct arena *arena, const struct finding *finding)
{
    json_t *list = json_array();
    json_t *fix = json_object();

    json_object_set_new(fix, "description", make_text(arena, finding->advice));
    json_object_set_new(fix, "artifactChanges", make_changes(arena, finding));
    json_array_append_new(list, fix);
    return list;
}

/* --- results ------------------------------------------------------------------------------- */

static json_t *make_result(struct arena *arena, const char *rule, enum severity severity,
                           struct str message, struct str fingerprint)
{
    json_t *result = json_object();
    json_t *fingerprints = json_object();

    json_object_set_new(fingerprints, "postmend/v1", json_text(arena, fingerprint));
    json_object_set_new(result, "ruleId", json_string(rule));
    json_object_set_new(result, "level", json_string(levels[severity]));
    json_object_set_new(result, "message", make_text(arena, message));
    json_object_set_new(result, "partialFingerprints", fingerprints);
    return result;
}

static json_t *make_finding(struct arena *arena, const struct report_item *item,
                            const struct finding *finding, struct str fingerprint)
{
    json_t *result = make_result(arena, finding->rule->name, finding->severity,
                                 describe_text(arena, finding), fingerprint);

    json_object_set_new(result, "locations",
                        make_locations(arena, describe_place(item, finding).file, finding->span));
    if (finding->edit_count > 0)
        json_object_set_new(result, "fixes", make_fixes(arena, finding));
    return result;
}

static json_t *make_unreadable(struct arena *arena, const struct report_item *item)
{
    json_t *result = make_result(arena, report_unreadable, SEVERITY_ERROR, item->problem,
                                 describe_unreadable_fingerprint(arena, item));

    json_object_set_new(result, "locations", make_locations(arena, item->path, SPAN_NONE));
    return result;
}

static void begin_sarif(struct buffer *out, const struct tally *tally)
{
    (void)tally;
    json_t *tool = json_object();

    json_object_set_new(tool, "driver", make_driver(out->arena));
    buffer_printf(out, "{\"$schema\": \"%s\",\n\"version\": \"2.1.0\", \"runs\": [{\"tool\":\n",
                  schema);
    json_print(out, tool, 1);
    buffer_add_cstr(out, ",\n\"columnKind\": \"unicodeCodePoints\", \"results\": [\n");
}

static void add_sarif_item(struct buffer *out, const struct report_item *item,
                           const struct report_style *style)
{
    (void)style;
    if (item->config == NULL) {
        json_print(out, make_unreadable(out->arena, item), 1);
        return;
    }
    const struct str *fingerprints = describe_fingerprints(out->arena, item);
    for (size_t i = 0; i < item->findings->count; i++) {
        buffer_add_cstr(out, i > 0 ? ",\n" : "");
        json_print(out, make_finding(out->arena, item, &item->findings->items[i], fingerprints[i]),
                   1);
    }
}

static void end_sarif(struct buffer *out, const struct tally *tally,
                      const struct report_style *style)
{
    (void)style;
    (void)tally;
    buffer_add_cstr(out, "\n]}]}\n");
}

const struct report_format report_sarif = {
    .name = "sarif",
    .summary = "SARIF 2.1.0, for code scanning",
    .separator = ",\n",
    .begin = begin_sarif,
    .item = add_sarif_item,
    .end = end_sarif,
};
