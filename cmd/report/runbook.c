#include "cmd/report/runbook.h"

#include "parser/text/token.h"

enum { COLUMNS = 78 };

static const char *const headings[] = {
    [STEP_PACKAGES] = "packages",    [STEP_BEFORE] = "on the old host, while it still runs",
    [STEP_TABLES] = "lookup tables", [STEP_FIREWALL] = "firewall",
    [STEP_CHECK] = "check",          [STEP_AFTER] = "manual steps",
};

/* the order of the steps */
static const enum step_phase order[] = {STEP_BEFORE,   STEP_PACKAGES, STEP_TABLES,
                                        STEP_FIREWALL, STEP_CHECK,    STEP_AFTER};

/* print_comment - text as comment lines of at most COLUMNS */
static void print_comment(struct buffer *out, struct str text)
{
    struct str word;
    size_t column = 0;

    while (token_next_plain(&text, TOKEN_BLANKS, &word)) {
        if (column == 0 || column + 1 + word.len > COLUMNS) {
            buffer_add_cstr(out, column == 0 ? "#" : "\n#");
            column = 1;
        }
        buffer_add_char(out, ' ');
        buffer_add(out, word);
        column += 1 + word.len;
    }
    buffer_add_char(out, '\n');
}

static void print_phase(struct buffer *out, const struct runbook *runbook, enum step_phase phase)
{
    bool headed = false;

    for (size_t i = 0; i < runbook->count; i++) {
        const struct step *step = &runbook->steps[i];
        if (step->phase != phase)
            continue;
        if (!headed)
            buffer_printf(out, "\n# --- %s\n", headings[phase]);
        headed = true;
        buffer_add_char(out, '\n');
        print_comment(out, step->reason);
        /* commands for the old host or for a human are comments */
        bool shown = phase == STEP_BEFORE || phase == STEP_AFTER;
        if (step->command.len > 0)
            buffer_printf(out, shown ? "#   %.*s\n" : "%.*s\n", STR_ARG(step->command));
    }
}

void runbook_print(struct buffer *out, const struct runbook *runbook)
{
    buffer_add_cstr(out, "#!/bin/sh\n");
    print_comment(out,
                  arena_printf(out->arena,
                               "Steps for the move from %.*s to %.*s.  Run them on the new host, "
                               "in this order, once the new files are in %.*s.  Read this "
                               "script before you run it.",
                               STR_ARG(runbook->from->title), STR_ARG(runbook->to->title),
                               STR_ARG(runbook->to->config_directory)));
    buffer_add_cstr(out, "set -eu\n");
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        print_phase(out, runbook, order[i]);
}
