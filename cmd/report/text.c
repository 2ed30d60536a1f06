/* findings for people: where, the line, a caret, the reason, and the fix as a diff */
#include <string.h>

#include "base/terminal.h"
#include "cmd/report/report.h"

enum {
    LINE_WIDTH_MAX = 160, /* bytes of a line that are shown */
    PREFIX_WIDTH = 9,     /* columns before it: "    12 | " */
};

static const char *const colors[] = {"\033[1;36m", "\033[1;33m", "\033[1;31m"};
static const char red[] = "\033[31m", green[] = "\033[32m", bold[] = "\033[1m", plain[] = "\033[0m";

static const char dots[] = "..."; /* for the rest of a long line */

struct text {
    struct buffer *out;
    bool color;
    struct source_cursor place; /* of the previous finding */
    struct map rules;           /* that have been printed */
};

static void add_color(const struct text *text, const char *color)
{
    if (text->color)
        buffer_add_cstr(text->out, color);
}

/* cut_line - the part of a line that is shown; *START is its offset */
static struct str cut_line(const struct finding *finding, size_t column, size_t *start)
{
    struct str line = source_line(finding->span.source, finding->span.at);

    *start = column > LINE_WIDTH_MAX ? column - LINE_WIDTH_MAX / 2 : 0;
    return str_slice(line, *start, *start + LINE_WIDTH_MAX);
}

/* add_blanks - as wide as TEXT, with its tabs */
static void add_blanks(struct buffer *out, struct str text)
{
    while (text.len > 0) {
        size_t tab = str_find(text, '\t', 0);
        buffer_printf(out, "%*s", (int)terminal_width(str_slice(text, 0, tab), 0), "");
        if (tab < text.len)
            buffer_add_char(out, '\t');
        text = str_slice(text, tab + 1, text.len);
    }
}

static void print_line(const struct text *text, const struct finding *finding,
                       struct position place)
{
    size_t start;
    struct str line = cut_line(finding, place.column - 1, &start);
    size_t at = place.column - 1 - start;
    struct str before = str_slice(line, 0, at);
    struct str marked = str_slice(line, at, at + finding->span.len);
    size_t indent = start > 0 ? sizeof dots - 1 : 0;
    size_t caret = terminal_width(before, PREFIX_WIDTH + indent);
    size_t width = terminal_width(marked, PREFIX_WIDTH + indent + caret);

    bool cut = start + line.len < source_line(finding->span.source, finding->span.at).len;

    buffer_printf(text->out, "%6zu | %s", place.line, start > 0 ? dots : "");
    terminal_add(text->out, line);
    buffer_add_cstr(text->out, cut ? dots : "");
    buffer_add_cstr(text->out, "\n       | ");
    buffer_printf(text->out, "%*s", (int)indent, "");
    add_blanks(text->out, before);
