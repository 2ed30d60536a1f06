#include "parser/value/text.h"

static bool fail_text(struct value_fault *fault, struct str part, const char *what,
                      const char *advice)
{
    fault->part = part;
    fault->what = str_of(what);
    fault->advice = str_of(advice);
    return false;
}

bool header_line_valid(struct arena *arena, const struct config *config, struct str line,
                       struct value_fault *fault)
{
    struct str name = str_slice(line, 0, str_find(line, ':', 0));

    (void)arena;
    (void)config;
    while (name.len > 0 && (name.at[name.len - 1] == ' ' || name.at[name.len - 1] == '\t'))
        name.len--;
    bool good = name.len > 0 && str_find(line, ':', 0) < line.len;
    for (size_t i = 0; i < name.len; i++)
        good = good && name.at[i] > ' ' && name.at[i] <= '~';
    return line.len == 0 || good || fail_text(fault, line, "is not a header", "write name: text");
}

/* find_end - of the "{...}" or "(...)" that TEXT begins with, behind its last bracket; 0: none */
static size_t find_end(struct str text)
{
    char open = text.at[0], close = open == '{' ? '}' : ')';
    size_t depth = 0;

    for (size_t i = 0; i < text.len; i++) {
        depth += text.at[i] == open;
        depth -= text.at[i] == close;
        if (depth == 0)
            return i + 1;
    }
    return 0;
}

static size_t find_name_end(struct str text)
{
    size_t end = 0;

    while (end < text.len && (str_is_digits(str_slice(text, end, end + 1)) || text.at[end] == '_' ||
                              (text.at[end] >= 'a' && text.at[end] <= 'z') ||
                              (text.at[end] >= 'A' && text.at[end] <= 'Z')))
        end++;
    return end;
}

bool macros_valid(struct arena *arena, const struct config *config, struct str text,
                  struct value_fault *fault)
{
    size_t at = str_find(text, '$', 0);

    (void)arena;
    (void)config;
    while (at < text.len) {
        struct str rest = str_slice(text, at + 1, text.len);
        bool braced = rest.len > 0 && (rest.at[0] == '{' || rest.at[0] == '(');
        size_t end = rest.len > 0 && rest.at[0] == '$' ? 1
                     : braced                          ? find_end(rest)
                                                       : find_name_end(rest);
        if (braced && end == 0)
            return fail_text(fault, str_slice(text, at, text.len), "has no closing brace",
                             "write ${name}");
        if (end == 0 || (braced && end == 2))
            return fail_text(fault, str_slice(text, at, text.len), "has a \"$\" without a name",
                             "write $name, or $$ for the character itself");
        at = str_find(text, '$', at + 1 + end);
    }
    return true;
}
