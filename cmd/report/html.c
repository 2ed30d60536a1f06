/* one page for a browser: what was found by rule and by configuration, then each finding */
#include "base/markup.h"
#include "cmd/report/describe.h"
#include "cmd/report/html_page.h"
#include "cmd/report/text.h"

static const enum severity worst_first[] = {SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_ADVICE};

enum { SEVERITY_COUNT = sizeof worst_first / sizeof *worst_first };

/* --- the tables at the top ---------------------------------------------------------------------
 */

static void add_severity(struct buffer *out, enum severity severity)
{
    buffer_printf(out, "<strong class=\"%s\">%s</strong>", severity_name(severity),
                  severity_name(severity));
}

static void add_rules(struct buffer *out, const struct rule_count *rules, size_t count)
{
    buffer_add_cstr(out, "<h2>By rule</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" "
                         "aria-label=\"Findings by rule\"><table>\n"
                         "<thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Rule</th>"
                         "<th scope=\"col\" class=\"number\">Configurations</th>"
                         "<th scope=\"col\" class=\"number\">Findings</th>"
                         "<th scope=\"col\">What it is about</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < count; i++) {
        buffer_add_cstr(out, "<tr><td>");
        add_severity(out, rules[i].worst);
        buffer_printf(out,
                      "</td><td><a href=\"#findings\" data-rule=\"%s\"><code>%s</code></a></td>"
                      "<td class=\"number\">%zu</td><td class=\"number\">%zu</td><td>",
                      rules[i].rule->name, rules[i].rule->name, rules[i].configurations,
                      rules[i].findings);
        markup_add_xml(out, str_of(rules[i].rule->summary));
        buffer_add_cstr(out, "</td></tr>\n");
    }
    buffer_add_cstr(out, "</tbody></table></div>\n");
}

static void add_configuration(struct buffer *out, const struct tally_configuration *item)
{
    buffer_printf(out, "<tr><td class=\"path\"><a href=\"#%.*s\">",
                  STR_ARG(describe_anchor(out->arena, item->path)));
    markup_add_xml(out, item->path);
    buffer_add_cstr(out, "</a></td>");
    if (item->problem.at != NULL) {
        buffer_add_cstr(out, "<td colspan=\"5\">cannot be read: ");
        markup_add_xml(out, item->problem);
        buffer_add_cstr(out, "</td></tr>\n");
        return;
    }
    buffer_add_cstr(out, "<td>");
    markup_add_xml(out, item->platform);
    buffer_add_cstr(out, "</td>");
    for (int i = 0; i < SEVERITY_COUNT; i++)
        buffer_printf(out, "<td class=\"number\">%zu</td>", item->by_severity[worst_first[i]]);
    buffer_add_cstr(out, "<td>");
    for (size_t i = 0; i < item->rule_count; i++)
        buffer_printf(out, "%s<span class=\"%s\">%s</span>%s", i > 0 ? ", " : "",
                      severity_name(item->rules[i].worst), item->rules[i].rule->name,
                      item->rules[i].findings > 1
                          ? arena_printf(out->arena, " %zu", item->rules[i].findings).at
                          : "");
    buffer_add_cstr(out, "</td></tr>\n");
}

static void add_configurations(struct buffer *out, const struct tally *tally)
{
    buffer_add_cstr(out,
                    "<h2>By configuration</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" "
                    "aria-label=\"Findings by configuration\"><table>\n"
                    "<thead><tr><th scope=\"col\">Configuration</th><th scope=\"col\">Platform</th>"
                    "<th scope=\"col\" class=\"number\">Errors</th>"
                    "<th scope=\"col\" class=\"number\">Warnings</th>"
                    "<th scope=\"col\" class=\"number\">Advice</th>"
                    "<th scope=\"col\">Rules</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < tally->count; i++)
        add_configuration(out, &tally->items[i]);
    buffer_add_cstr(out, "</tbody></table></div>\n");
}

static void add_filters(struct buffer *out, const struct rule_count *rules, size_t count)
{
    buffer_add_cstr(out, "<h2 id=\"findings\">Findings</h2>\n<form hidden>\n");
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        buffer_printf(out, "<label><input type=\"checkbox\" name=\"%s\" checked> ",
                      severity_name(worst_first[i]));
        add_severity(out, worst_first[i]);
        buffer_add_cstr(out, "</label>\n");
    }
    buffer_add_cstr(out, "<label>Rule <select name=\"rule\"><option value=\"\">all</option>\n");
    for (size_t i = 0; i < count; i++)
        buffer_printf(out, "<option>%s</option>\n", rules[i].rule->name);
    buffer_add_cstr(out, "</select></label>\n"
                         "<label>With the words <input type=\"search\" name=\"text\"></label>\n"
                         "<output id=\"count\" class=\"quiet\"></output>\n</form>\n");
}

static void begin_html(struct buffer *out, const struct tally *tally)
{
    size_t count;
    const struct rule_count *rules = tally_rules(tally, out->arena, &count);

    buffer_printf(out,
                  "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<title>Postfix configuration: postmend</title>\n<style>\n%s</style>\n</head>\n"
                  "<body>\n<header>\n<h1>Postfix configuration</h1>\n<p class=\"quiet\">",
                  html_style);
    describe_tally(out, tally);
    if (tally->unreadable > 0)
        buffer_printf(out, ", %zu that could not be read", tally->unreadable);
    buffer_add_cstr(out, "</p>\n</header>\n<main>\n");
    add_rules(out, rules, count);
    add_configurations(out, tally);
    add_filters(out, rules, count);
}

/* --- the findings ------------------------------------------------------------------------------
 */

/* add_excerpt - what the text report shows of the file */
static void add_excerpt(struct buffer *out, const struct finding *finding)
{
    struct buffer excerpt;

    buffer_init(&excerpt, out->arena);
    text_add_excerpt(&excerpt, finding);
    if (excerpt.len == 0)
        return;
    buffer_add_cstr(out, "<pre tabindex=\"0\">");
    for (struct str rest = buffer_str(&excerpt); rest.len > 0;) {
        size_t end = str_find(rest, '\n', 0);
        struct str line = str_slice(rest, 0, end);
        const char *mark = str_starts(line, "       - ")   ? "del"
                           : str_starts(line, "       + ") ? "ins"
                                                           : NULL;
        if (mark != NULL)
            buffer_printf(out, "<%s>", mark);
        markup_add_xml(out, line);
        if (mark != NULL)
            buffer_printf(out, "</%s>", mark);
        buffer_add_char(out, '\n');
        rest = str_slice(rest, end + 1, rest.len);
    }
    buffer_add_cstr(out, "</pre>\n");
}

static void add_finding(struct buffer *out, const struct report_item *item,
                        const struct finding *finding)
{
    struct described_place place = describe_place(item, finding);
    const char *severity = severity_name(finding->severity);

    buffer_printf(out, "<li class=\"is-%s\" data-severity=\"%s\" data-rule=\"%s\">\n<p>", severity,
                  severity, finding->rule->name);
    add_severity(out, finding->severity);
    buffer_add_cstr(out, ": ");
    markup_add_xml(out, finding->message);
    buffer_printf(out, " <code class=\"quiet\">%s</code></p>\n<p class=\"quiet\">",
                  finding->rule->name);
    markup_add_xml(out, place.file);
    if (place.known)
        buffer_printf(out, ":%zu:%zu", place.start.line, place.start.column);
    buffer_add_cstr(out, "</p>\n");
    if (finding->advice.len > 0) {
        buffer_printf(out, "<p>%s: ", finding->edit_count > 0 ? "Fix" : "Do");
        markup_add_xml(out, finding->advice);
        buffer_add_cstr(out, "</p>\n");
    }
    add_excerpt(out, finding);
    buffer_add_cstr(out, "</li>\n");
}

static void add_html_item(struct buffer *out, const struct report_item *item,
                          const struct report_style *style)
{
    (void)style;
    buffer_printf(out, "<section class=\"configuration\" id=\"%.*s\">\n<h3>",
                  STR_ARG(describe_anchor(out->arena, item->path)));
    markup_add_xml(out, item->path);
    if (item->config == NULL) {
        buffer_add_cstr(out, "</h3>\n<p class=\"error\">cannot be read: ");
        markup_add_xml(out, item->problem);
        buffer_add_cstr(out, "</p>\n</section>\n");
        return;
    }
    buffer_add_cstr(out, " <span class=\"quiet\">as ");
    markup_add_xml(out, item->config->platform->name);
    buffer_add_cstr(out, "</span></h3>\n");
    if (item->findings->count == 0)
        buffer_add_cstr(out, "<p>No problems found.</p>\n");
    else
        buffer_add_cstr(out, "<ol class=\"findings\">\n");
    for (size_t i = 0; i < item->findings->count; i++)
        add_finding(out, item, &item->findings->items[i]);
    buffer_add_cstr(out, item->findings->count > 0 ? "</ol>\n</section>\n" : "</section>\n");
}

static void end_html(struct buffer *out, const struct tally *tally,
                     const struct report_style *style)
{
    (void)tally;
    (void)style;
    buffer_printf(out, "</main>\n<script>\n%s</script>\n</body>\n</html>\n", html_script);
}

const struct report_format report_html = {
    .name = "html",
    .summary = "one page for a browser, with filters",
    .tally_first = true,
    .begin = begin_html,
    .item = add_html_item,
    .end = end_html,
};
