/*
 * origin - the comment above a setting that shows its source: see write.h
 */
#include "convert/write/write.h"

void draft_write_line(struct buffer *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        buffer_add_char(out, (char)(c == '\n' || c == '\r' || c == '\0' ? ' ' : c));
    }
}

void draft_write_origin(const struct sendmail_item *item, struct str reason, const char *indent,
                        struct buffer *out)
{
    if (item != NULL && item->span.source != NULL) {
        buffer_printf(out, "%s# ", indent);
        draft_add_place(out, item);
        buffer_add_cstr(out, ": ");
        draft_add_source_text(out, item);
        buffer_add_char(out, '\n');
    }
    if (reason.len > 0) {
        buffer_printf(out, "%s# ", indent);
        draft_write_line(out, reason);
        buffer_add_char(out, '\n');
    }
}
