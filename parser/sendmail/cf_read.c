/* sendmail_cf_read - the items of a sendmail.cf: see parser/sendmail/cf_model.h */
#include "parser/sendmail/cf.h"
#include "parser/sendmail/cf_model.h"

/* join_lines - the logical line whose first physical line starts at AT */
static struct str join_lines(struct arena *arena, const struct source *source, size_t *at,
                             size_t *end)
{
    struct str bytes = source->bytes;
    struct buffer joined;
    bool copied = false;

    *end = str_find(bytes, '\n', *at);
    struct str text = str_slice(bytes, *at, *end);
    *at = *end + 1;
    while (text.len > 0 && text.at[0] != '#' && *at < bytes.len &&
           (bytes.at[*at] == ' ' || bytes.at[*at] == '\t')) {
        if (!copied) {
            buffer_init(&joined, arena);
            buffer_add(&joined, text);
        }
        copied = true;
        *end = str_find(bytes, '\n', *at);
        buffer_add_char(&joined, '\n');
        buffer_add(&joined, str_slice(bytes, *at, *end));
        *at = *end + 1;
    }
    return copied ? buffer_str(&joined) : text;
}

void sendmail_cf_read(struct sendmail *sendmail, const struct source *source)
{
    struct source_cursor cursor = {0};
    struct cf_model model;

    cf_model_begin(&model, sendmail);
    for (size_t at = 0; at < source->bytes.len;) {
        size_t start = at, end;
        struct str text = join_lines(sendmail->arena, source, &at, &end);
        struct sendmail_item item = {.span = {source, start, end - start}};
        if (str_trim(text).len == 0 || text.at[0] == '#')
            continue;
        item.line = source_position_next(&cursor, source, start).line;
        if (!sendmail_cf_line(sendmail->arena, text, &item)) {
            item.kind = ITEM_TEXT;
            item.name = str_of("");
            sendmail_set_arguments(sendmail->arena, &item, &text, 1);
        }
        cf_model_add(&model, text, item);
    }
    cf_model_end(&model);
}
