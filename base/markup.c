#include "base/markup.h"

#include "base/json.h"
#include "base/terminal.h"

/* show - TEXT as valid UTF-8 without controls */
static struct str show(struct arena *arena, struct str text)
{
    return json_utf8(arena, terminal_text(arena, text));
}

void markup_add_xml(struct buffer *out, struct str text)
{
    struct str shown = show(out->arena, text);

    for (size_t i = 0; i < shown.len; i++)
        switch (shown.at[i]) {
        case '<':
            buffer_add_cstr(out, "&lt;");
            break;
        case '>':
            buffer_add_cstr(out, "&gt;");
            break;
        case '&':
            buffer_add_cstr(out, "&amp;");
            break;
        case '"':
            buffer_add_cstr(out, "&quot;");
            break;
        case '\t':
            buffer_add_cstr(out, "&#9;");
            break;
        default:
            buffer_add_char(out, shown.at[i]);
        }
}

void markup_add_markdown(struct buffer *out, struct str text)
{
    struct str shown = show(out->arena, text);

    for (size_t i = 0; i < shown.len; i++) {
        if (strchr("|\\`*_[<", shown.at[i]) != NULL)
            buffer_add_char(out, '\\');
        buffer_add_char(out, shown.at[i] == '\t' ? ' ' : shown.at[i]);
    }
}

void markup_add_code(struct buffer *out, struct str text)
{
    struct str shown = show(out->arena, text);
    struct buffer code;
    size_t run = 0, longest = 0;

    buffer_init(&code, out->arena);
    for (size_t i = 0; i < shown.len; i++) {
        run = shown.at[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
        if (shown.at[i] == '|')
            buffer_add_char(&code, '\\');
        buffer_add_char(&code, shown.at[i]);
    }
    /* a fence that is longer than any in the text */
    for (size_t i = 0; i <= longest; i++)
        buffer_add_char(out, '`');
    buffer_printf(out, "%s%.*s%s", longest > 0 ? " " : "", STR_ARG(buffer_str(&code)),
                  longest > 0 ? " " : "");
    for (size_t i = 0; i <= longest; i++)
        buffer_add_char(out, '`');
}
