/* the verdicts of a live test: a header, and one sentence each, on a screen of 40 lines */
#include "base/path.h"
#include "base/terminal.h"
#include "cmd/livetest/report.h"

enum {
    WIDTH = 80,
    LINES = 40,       /* of the whole report, unless all is wanted */
    LABEL_WIDTH = 10, /* "  FAIL    " */
};

/* --- one verdict ----------------------------------------------------------------------------- */

/* name_place - "main.cf:20"; empty: none is known */
static struct str name_place(struct arena *arena, const struct livetest_report *report,
                             struct span span)
{
    if (span.source == NULL)
        return (struct str)STR("");
    struct str path = span.source->path;
    struct str directory = report->config == NULL ? (struct str)STR("") : report->config->directory;
    size_t cut = path_trim_slashes(directory).len;

    if (cut > 0 && cut < path.len &&
        str_eq(str_slice(path, 0, cut), path_trim_slashes(directory)) && path.at[cut] == '/')
        path = str_slice(path, cut + 1, path.len);
    return arena_printf(arena, "%.*s:%zu", STR_ARG(path),
                        source_position(span.source, span.at).line);
}

/* next_line - as many words as fit into WIDTH columns, at least one */
static struct str next_line(struct str *text, size_t width)
{
    size_t end = 0;

    for (size_t at = 0; at < text->len;) {
        size_t next = str_find(*text, ' ', at);
        if (end > 0 && terminal_width(str_slice(*text, 0, next), 0) > width)
            break;
        end = next;
        at = next + 1;
    }
    struct str line = str_slice(*text, 0, end);
    *text = str_slice(*text, end + 1, text->len);
    return line;
}

static size_t add_verdict(struct buffer *out, const struct livetest_report *report,
                          const struct verdict *verdict)
{
    struct str place = name_place(out->arena, report, verdict->place);
    struct str rest = terminal_text(out->arena, verdict->text);
    size_t lines = 0, indent = LABEL_WIDTH, used = 0;

    place = terminal_text(out->arena, place);
    if (verdict->state == VERDICT_UNKNOWN)
        rest =
            arena_printf(out->arena, "%s: %.*s", verdict_state_name(verdict->state), STR_ARG(rest));
    buffer_printf(out, verdict->state == VERDICT_UNKNOWN ? "  " : "  %-8s",
                  verdict_state_name(verdict->state));
    if (verdict->state == VERDICT_UNKNOWN)
        indent = 2;
    while (rest.len > 0) {
        struct str line = next_line(&rest, WIDTH - indent);
        if (lines++ > 0)
            buffer_printf(out, "%*s", (int)LABEL_WIDTH, "");
        buffer_add(out, line);
        used = (lines > 1 ? (size_t)LABEL_WIDTH : indent) + terminal_width(line, 0);
        indent = LABEL_WIDTH;
        if (rest.len > 0)
            buffer_add_char(out, '\n');
    }
    if (place.len > 0 && used + 4 + place.len <= WIDTH) {
        buffer_printf(out, "    %.*s", STR_ARG(place));
    } else if (place.len > 0) {
        buffer_printf(out, "\n%*s%.*s", (int)LABEL_WIDTH, "", STR_ARG(place));
        lines++;
    }
    buffer_add_char(out, '\n');
    return lines;
}

/* --- what fits on a screen ------------------------------------------------------------------- */

/* the verdicts that are shown */
struct screen {
    const struct livetest_report *report;
    bool *hidden;
    size_t hidden_of[VERDICT_UNKNOWN + 1];
    size_t *lines; /* of each verdict */
    size_t total;
};

/* hide - verdicts of this state, from the last one on, until the others fit */
static void hide(struct screen *screen, enum verdict_state state, size_t keep)
{
    const struct verdict_list *list = &screen->report->verdicts;
    size_t left = verdict_count(list, state);

    for (size_t i = list->count; i > 0 && screen->total > LINES - 2 && left > keep; i--) {
        if (list->items[i - 1].state != state)
            continue;
        if (screen->hidden_of[state]++ == 0)
            screen->total++; /* "and N more" */
        screen->hidden[i - 1] = true;
        screen->total -= screen->lines[i - 1];
        left--;
    }
}

static void choose(struct screen *screen, struct arena *arena)
{
    const struct verdict_list *list = &screen->report->verdicts;
    struct buffer scratch;

    screen->hidden = arena_alloc(arena, (list->count + 1) * sizeof *screen->hidden);
    screen->lines = arena_alloc(arena, (list->count + 1) * sizeof *screen->lines);
    buffer_init(&scratch, arena);
    for (size_t i = 0; i < list->count; i++) {
        screen->lines[i] = add_verdict(&scratch, screen->report, &list->items[i]);
        screen->total += screen->lines[i];
    }
    if (screen->report->verbose)
        return;
    hide(screen, VERDICT_OK, 4);
    hide(screen, VERDICT_UNKNOWN, 3);
    hide(screen, VERDICT_WARN, 3);
    hide(screen, VERDICT_FAIL, 8);
    hide(screen, VERDICT_OK, 0);
    hide(screen, VERDICT_UNKNOWN, 0);
    hide(screen, VERDICT_WARN, 0);
    hide(screen, VERDICT_FAIL, 1);
}

/* --- the report ------------------------------------------------------------------------------ */

static void add_header(struct buffer *out, const struct livetest_report *report)
{
    struct livetest_count count = livetest_report_count(out->arena, report);
    struct str name = livetest_report_hostname(report);
    struct buffer line;

    buffer_init(&line, out->arena);
    buffer_add(&line, terminal_text(out->arena, name));
    if (report->config != NULL) {
        const struct platform *platform = report->config->platform;
        bool upstream = str_starts(platform->name, "postfix-");
        buffer_printf(&line, upstream ? " as Postfix %.*s" : " as %.*s",
                      STR_ARG(upstream ? platform->release->series : platform->title));
        if (!upstream)
            buffer_printf(&line, " (Postfix %.*s)", STR_ARG(platform->release->series));
    }
    buffer_printf(&line, ": %zu question%s to %.*s, %ld s", count.asked,
                  count.asked == 1 ? "" : "s", STR_ARG(terminal_text(out->arena, report->asked)),
                  report->seconds);
    struct str rest = buffer_str(&line);
    for (size_t indent = 0; rest.len > 0; indent = 4) {
        struct str part = next_line(&rest, WIDTH - indent);
        buffer_printf(out, "%*s%.*s\n", (int)indent, "", STR_ARG(part));
    }
}

void livetest_report_verdicts(struct buffer *out, const struct livetest_report *report)
{
    static const enum verdict_state order[] = {VERDICT_FAIL, VERDICT_WARN, VERDICT_OK,
                                               VERDICT_UNKNOWN};
    struct screen screen = {.report = report};

    choose(&screen, out->arena);
    add_header(out, report);
    for (size_t i = 0; i < report->verdicts.count; i++)
        if (!screen.hidden[i])
            add_verdict(out, report, &report->verdicts.items[i]);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        size_t count = screen.hidden_of[order[i]];
        if (count > 0 && order[i] == VERDICT_UNKNOWN)
            buffer_printf(out, "  cannot be determined: %zu more (-v)\n", count);
        else if (count > 0)
            buffer_printf(out, "  %-8s%zu more (-v)\n", verdict_state_name(order[i]), count);
    }
}
