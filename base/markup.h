/*
 * markup - text within XML, HTML and Markdown
 *
 * Controls and invisible characters are shown as escapes (base/terminal.h), and bytes that are not
 * UTF-8 as U+FFFD.
 */
#ifndef BASE_MARKUP_H
#define BASE_MARKUP_H

#include "base/arena.h"

/* between tags, or between the quotes of an attribute */
void markup_add_xml(struct buffer *out, struct str text);

/* Markdown that is not taken for markup, in a line or in a table */
void markup_add_markdown(struct buffer *out, struct str text);
/* the same as code */
void markup_add_code(struct buffer *out, struct str text);

#endif
