#include "smtp/service/reply.h"

#include <stdio.h>

/* measure_enhanced - the length of a code such as "5.7.1" at the start of TEXT, or 0 */
static size_t measure_enhanced(struct str text)
{
    size_t at = 0;

    if (text.len < 5 || (text.at[0] != '2' && text.at[0] != '4' && text.at[0] != '5'))
        return 0;
    for (int part = 0; part < 3; part++) {
        size_t digits = at;
        while (digits < text.len && digits - at < 3 && text.at[digits] >= '0' &&
               text.at[digits] <= '9')
            digits++;
        if (digits == at || (part < 2 && (digits == text.len || text.at[digits] != '.')))
            return 0;
        at = part < 2 ? digits + 1 : digits;
    }
    return at == text.len || text.at[at] == ' ' ? at : 0;
}

struct reply reply_of(int code, struct str text)
{
    size_t len = measure_enhanced(text);
    struct reply reply = {.code = code, .enhanced = str_slice(text, 0, len)};

    reply.text = str_slice(text, len > 0 && len < text.len ? len + 1 : len, text.len);
    return reply;
}

struct reply reply_printf(struct arena *arena, int code, const char *enhanced, const char *format,
                          ...)
{
    va_list arguments;
    struct reply reply = {.code = code, .enhanced = str_of(enhanced)};

    va_start(arguments, format);
    reply.text = arena_vprintf(arena, format, arguments);
    va_end(arguments);
    return reply;
}

void reply_print(struct buffer *out, struct reply reply)
{
    size_t from = 0;

    do {
        size_t end = str_find(reply.text, '\n', from);
        struct str line = str_slice(reply.text, from, end);
        buffer_printf(out, "%03d%c", reply.code, end < reply.text.len ? '-' : ' ');
        buffer_add(out, reply.enhanced);
        if (reply.enhanced.len > 0 && line.len > 0)
            buffer_add_char(out, ' ');
        buffer_add(out, line);
        buffer_add_cstr(out, "\r\n");
        from = end + 1;
    } while (from <= reply.text.len);
}

int reply_read(struct reply *reply, struct arena *arena, struct str line)
{
    int code = 0;

    for (size_t i = 0; i < 3; i++) {
        if (i >= line.len || line.at[i] < '0' || line.at[i] > '9')
            return -1;
        code = code * 10 + (line.at[i] - '0');
    }
    if (code < 100 || (line.len > 3 && line.at[3] != ' ' && line.at[3] != '-'))
        return -1;
    struct reply part = reply_of(code, str_slice(line, 4, line.len));
    if (reply->code == 0) {
        *reply =
            (struct reply){code, arena_copy(arena, part.enhanced), arena_copy(arena, part.text)};
    } else {
        reply->code = code;
        reply->text = arena_printf(arena, "%.*s\n%.*s", STR_ARG(reply->text), STR_ARG(part.text));
    }
    return line.len > 3 && line.at[3] == '-' ? 0 : 1;
}

bool reply_same_codes(struct reply a, struct reply b)
{
    return a.code == b.code && str_eq(a.enhanced, b.enhanced);
}
