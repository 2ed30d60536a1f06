/* the manual page postmend-rules(7), generated from the rules */
#include "cmd/report/manual.h"

#include <string.h>

#include "rules/engine/engine.h"

/* print_text - as roff: "\" and a leading "." or "'" are escaped; an empty line of PROSE ends a
 * paragraph */
static void print_text(struct buffer *out, const char *text, bool prose)
{
    bool line_start = true;

    for (const char *p = text; *p != '\0'; p++) {
        if (line_start && (*p == '.' || *p == '\''))
            buffer_add_cstr(out, "\\&");
        if (line_start && *p == '\n')
            buffer_add_cstr(out, prose ? ".Pp\n" : "\n");
        else if (*p == '\\')
            buffer_add_cstr(out, "\\e");
        else if (*p == '-')
            buffer_add_cstr(out, "\\-");
        else
            buffer_add_char(out, *p);
        line_start = *p == '\n';
    }
    if (!line_start)
        buffer_add_char(out, '\n');
}

static void print_file(struct buffer *out, const char *heading, const char *text)
{
    if (text == NULL)
        return;
    buffer_printf(out, ".Pp\n%s:\n.Bd -literal -offset indent\n", heading);
    print_text(out, text, false);
    buffer_add_cstr(out, ".Ed\n");
}

static void print_rule(struct buffer *out, const struct rule *rule)
{
    buffer_printf(out, ".Ss %s (%s)\n", rule->name, severity_name(rule->severity));
    print_text(out, rule->why, true);
    buffer_add_cstr(out, ".Pp\nSource: ");
    print_text(out, rule->source, true);
    for (size_t i = 0; i < rule->example_count; i++) {
        const struct example *example = &rule->examples[i];
        buffer_add_cstr(out, ".Pp\n.Em Example :\n");
        print_text(out, example->title, true);
        print_file(out, "main.cf", example->main_cf);
        print_file(out, "master.cf", example->master_cf);
        print_file(out, "sendmail.mc", example->sendmail_mc);
        print_file(out, "main.cf after the fix", example->fixed_main_cf);
        print_file(out, "master.cf after the fix", example->fixed_master_cf);
        print_file(out, "sendmail.mc after the fix", example->fixed_sendmail_mc);
    }
}

void manual_print(struct buffer *out)
{
    size_t count;
    const struct rule *const *rules = rules_all(&count);

    buffer_add_cstr(out, ".Dd $Mdocdate$\n.Dt POSTMEND-RULES 7\n.Os\n.Sh NAME\n"
                         ".Nm postmend-rules\n.Nd the rules of postmend lint and postmend upgrade\n"
                         ".Sh RULES\n");
    for (size_t i = 0; i < count; i++)
        print_rule(out, rules[i]);
    buffer_add_cstr(out, ".Sh SEE ALSO\n.Xr postmend 1\n");
}
