/* issues as Code Climate has them, each followed by a NUL; GitLab takes a list of them */
#include "base/json.h"
#include "cmd/report/describe.h"

static const char *const levels[] = {
    [SEVERITY_ADVICE] = "info", [SEVERITY_WARNING] = "major", [SEVERITY_ERROR] = "critical"};

static json_t *make_issue(struct arena *arena, const char *rule, const char *level,
                          struct str description, struct str fingerprint)
{
    json_t *issue = json_object();
    json_t *categories = json_array();

    json_array_append_new(categories, json_string("Bug Risk"));
    json_object_set_new(issue, "type", json_string("issue"));
    json_object_set_new(issue, "check_name", json_string(rule));
    json_object_set_new(issue, "description", json_text(arena, description));
    json_object_set_new(issue, "categories", categories);
    json_object_set_new(issue, "severity", json_string(level));
    json_object_set_new(issue, "fingerprint", json_text(arena, fingerprint));
    return issue;
}

static void set_location(struct arena *arena, json_t *issue, struct str file, size_t first,
                         size_t last)
{
    json_t *location = json_object();
    json_t *lines = json_object();

    json_object_set_new(lines, "begin", json_count(first));
    json_object_set_new(lines, "end", json_count(last));
    json_object_set_new(location, "path", json_text(arena, file));
    json_object_set_new(location, "lines", lines);
    json_object_set_new(issue, "location", location);
}

static json_t *describe_issue(struct arena *arena, const struct report_item *item,
                              const struct finding *finding, struct str fingerprint)
{
    struct described_place place = describe_place(item, finding);
    json_t *issue = make_issue(arena, finding->rule->name, levels[finding->severity],
                               describe_text(arena, finding), fingerprint);

    set_location(arena, issue, place.file, place.known ? place.start.line : 1,
                 place.known ? place.end.line : 1);
    return issue;
}

static json_t *describe_unreadable(struct arena *arena, const struct report_item *item)
{
    json_t *issue = make_issue(arena, report_unreadable, levels[SEVERITY_ERROR], item->problem,
                               describe_unreadable_fingerprint(arena, item));

    set_location(arena, issue, item->path, 1, 1);
    return issue;
}

/* add_issues - each with BETWEEN before all but the first, and AFTER after it */
static void add_issues(struct buffer *out, const struct report_item *item, const char *between,
                       struct str after)
{
    size_t count = item->config == NULL ? 1 : item->findings->count;
    const struct str *fingerprints =
        item->config == NULL ? NULL : describe_fingerprints(out->arena, item);

    for (size_t i = 0; i < count; i++) {
        buffer_add_cstr(out, i > 0 ? between : "");
        json_print_line(out, item->config == NULL
                                 ? describe_unreadable(out->arena, item)
                                 : describe_issue(out->arena, item, &item->findings->items[i],
                                                  fingerprints[i]));
        buffer_add(out, after);
    }
}

static void add_codeclimate_item(struct buffer *out, const struct report_item *item,
                                 const struct report_style *style)
{
    (void)style;
    add_issues(out, item, "", (struct str){"\0\n", 2});
}

const struct report_format report_codeclimate = {
    .name = "codeclimate",
    .summary = "issues of Code Climate's engines",
    .raw = true,
    .item = add_codeclimate_item,
};

static void begin_gitlab(struct buffer *out, const struct tally *tally)
{
    (void)tally;
    buffer_add_cstr(out, "[\n");
}

static void add_gitlab_item(struct buffer *out, const struct report_item *item,
                            const struct report_style *style)
{
    (void)style;
    add_issues(out, item, ",\n", STR_NONE);
}

static void end_gitlab(struct buffer *out, const struct tally *tally,
                       const struct report_style *style)
{
    (void)style;
    (void)tally;
    buffer_add_cstr(out, "\n]\n");
}

const struct report_format report_gitlab = {
    .name = "gitlab",
    .summary = "GitLab's report of code quality",
    .separator = ",\n",
    .begin = begin_gitlab,
    .item = add_gitlab_item,
    .end = end_gitlab,
};
