#include "base/json.h"

#include <stdlib.h>

struct str json_utf8(struct arena *arena, struct str text)
{
    json_t *string = json_stringn(text.len > 0 ? text.at : "", text.len);
    struct buffer replaced;

    if (string != NULL) {
        json_decref(string);
        return text;
    }
    buffer_init(&replaced, arena);
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < 0x80)
            buffer_add_char(&replaced, text.at[i]);
        else
            buffer_add_cstr(&replaced, "\xEF\xBF\xBD");
    return buffer_str(&replaced);
}

json_t *json_text(struct arena *arena, struct str text)
{
    json_t *string = json_stringn(text.len > 0 ? text.at : "", text.len);

    if (string != NULL)
        return string;
    struct str valid = json_utf8(arena, text);
    return json_stringn(valid.at, valid.len);
}

json_t *json_count(size_t count)
{
    return json_integer((json_int_t)count);
}

static void print(struct buffer *out, json_t *value, size_t flags)
{
    char *text = json_dumps(value, flags);

    if (text != NULL)
        buffer_add_cstr(out, text);
    free(text);
    json_decref(value);
}

void json_print_line(struct buffer *out, json_t *value)
{
    print(out, value, JSON_ENCODE_ANY);
}

void json_print(struct buffer *out, json_t *value, size_t indent)
{
    print(out, value, JSON_INDENT(indent));
}
