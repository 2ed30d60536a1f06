#include "base/json.h"

#include <stdlib.h>

json_t *json_text(struct arena *arena, struct str text)
{
    json_t *string = text.at == NULL ? json_string("") : json_stringn(text.at, text.len);
    struct buffer replaced;

    if (string != NULL || text.at == NULL)
        return string;
    buffer_init(&replaced, arena);
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < 0x80)
            buffer_add_char(&replaced, text.at[i]);
        else
            buffer_add_cstr(&replaced, "\xEF\xBF\xBD");
    return json_stringn(replaced.at, replaced.len);
}

json_t *json_count(size_t count)
{
    return json_integer((json_int_t)count);
}

void json_print(struct buffer *out, json_t *value, size_t indent)
{
    char *text = json_dumps(value, JSON_INDENT(indent));

    if (text != NULL)
        buffer_add_cstr(out, text);
    free(text);
    json_decref(value);
}
