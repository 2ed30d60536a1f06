#include "parser/sendmail/table.h"

#define BLANKS " \t\r\v\f"

static bool is_indent(char c)
{
    return c == ' ' || c == '\t';
}

/* take_line - the physical line at AT, without its end; *AT moves to the next one */
static struct str take_line(struct str bytes, size_t *at)
{
    size_t end = str_find(bytes, '\n', *at);
    struct str text = str_slice(bytes, *at, end);

    *at = end < bytes.len ? end + 1 : end;
    return text;
}

/* trim_line - TEXT up to a NUL, as C reads it, and without the CR of a DOS line end */
static struct str trim_line(struct str text)
{
    text.len = str_find(text, '\0', 0);
    if (text.len > 0 && text.at[text.len - 1] == '\r')
        text.len--;
    return text;
}

/* the bytes of a line without its end; sizeof ibuf in makemap.c */
enum { MAKEMAP_LINE_MAX = 1022 };

static void read_makemap(struct sendmail_table_line *line, struct str text)
{
    if (line->span.len > MAKEMAP_LINE_MAX) {
        line->key = str_slice(text, 0, MAKEMAP_LINE_MAX);
        line->key.len = str_span_not(line->key, 0, BLANKS);
        line->refused = "it is longer than the 1022 bytes that makemap accepts";
        return;
    }
    if (is_space(text.at[0])) {
        line->key = str_trim(text);
        line->refused = "it starts with white space";
        return;
    }
    size_t key_end = str_span_not(text, 0, BLANKS);
    size_t value_at = str_span(text, key_end, BLANKS);
    line->key = str_slice(text, 0, key_end);
    if (value_at == text.len)
        line->refused = "it has a key and no value";
    else
        line->value = str_slice(text, value_at, text.len);
}

static void read_list(struct sendmail_table_line *line, struct str text)
{
    text = str_trim(text);
    line->key = str_slice(text, 0, str_span_not(text, 0, BLANKS));
}

/* read_word - reads one word; the rest of the line is read next */
static void read_word(struct sendmail_table_reader *reader, struct sendmail_table_line *line,
                      struct str text)
{
    text = str_trim(text);
    line->key = str_slice(text, 0, str_span_not(text, 0, BLANKS "#"));
    line->span.at = (size_t)(line->key.at - reader->source->bytes.at);
    line->span.len = line->key.len;
    reader->at = line->span.at + line->span.len;
}

/* find_outside_quotes - the offset of the first of STOPS that is not in quotes, comments or angle
 * brackets */
static size_t find_outside_quotes(struct str text, size_t at, const char *stops)
{
    size_t comments = 0;
    bool quoted = false, bracketed = false;

    for (; at < text.len; at++) {
        char c = text.at[at];
        if (c == '\\' && at + 1 < text.len)
            at++;
        else if (c == '"' && comments == 0)
            quoted = !quoted;
        else if (quoted || (comments > 0 && c != '(' && c != ')'))
            continue;
        else if (c == '(')
            comments++;
        else if (c == ')' && comments > 0)
            comments--;
        else if (c == '<' || c == '>')
            bracketed = c == '<';
        else if (!bracketed && str_find(str_of(stops), c, 0) < str_of(stops).len)
            break;
    }
    return at;
}

static void read_alias(struct sendmail_table_line *line, struct str text)
{
    if (is_indent(text.at[0])) {
        line->key = str_trim(text);
        line->refused = "it starts with white space, but there is no line to continue";
        return;
    }
    size_t colon = find_outside_quotes(text, 0, ":");
    line->key = str_trim(str_slice(text, 0, colon));
    if (colon == text.len) {
        line->refused = "it has no colon";
        return;
    }
    struct str value = str_trim(str_slice(text, colon + 1, text.len));
    if (value.len == 0)
        line->refused = "it has no value";
    else
        line->value = value;
}

/* is_alias_continued - does the line at AT continue TEXT?  Removes a backslash at the end of *TEXT
 */
static bool is_alias_continued(struct str bytes, size_t at, struct str *text)
{
    if (at >= bytes.len)
        return false;
    if (text->len > 0 && text->at[text->len - 1] == '\\') {
        text->len--;
        return true;
    }
    return is_indent(bytes.at[at]);
}

/* join_alias - TEXT with the lines that continue it */
static struct str join_alias(struct sendmail_table_reader *reader, struct arena *arena,
                             struct str text)
{
    struct str bytes = reader->source->bytes;
    struct buffer joined;

    if (!is_alias_continued(bytes, reader->at, &text))
        return text;
    buffer_init(&joined, arena);
    buffer_add(&joined, text);
    for (bool more = true; more;) {
        text = trim_line(take_line(bytes, &reader->at));
        more = is_alias_continued(bytes, reader->at, &text);
        buffer_add(&joined, text);
    }
    return buffer_str(&joined);
}

bool sendmail_table_next(struct sendmail_table_reader *reader, struct arena *arena,
                         struct sendmail_table_line *line)
{
    struct str bytes = reader->source->bytes;

    while (reader->at < bytes.len) {
        size_t start = reader->at;
        struct str text = trim_line(take_line(bytes, &reader->at));
        if (reader->format == SENDMAIL_ALIASES)
            text = join_alias(reader, arena, text);
        if (str_trim(text).len == 0 || text.at[0] == '#' ||
            (reader->format == SENDMAIL_WORDS && str_trim(text).at[0] == '#'))
            continue;
        size_t end = reader->at;
        while (end > start && (bytes.at[end - 1] == '\n' || bytes.at[end - 1] == '\r'))
            end--;
        *line = (struct sendmail_table_line){.span = {reader->source, start, end - start}};
        if (reader->format == SENDMAIL_MAKEMAP)
            read_makemap(line, text);
        else if (reader->format == SENDMAIL_ALIASES)
            read_alias(line, text);
        else if (reader->format == SENDMAIL_WORDS)
            read_word(reader, line, text);
        else
            read_list(line, text);
        return true;
    }
    return false;
}

bool sendmail_alias_target(struct str *rest, struct str *target)
{
    while (rest->len > 0) {
        size_t end = find_outside_quotes(*rest, 0, ",");
        *target = str_trim(str_slice(*rest, 0, end));
        *rest = str_slice(*rest, end < rest->len ? end + 1 : end, rest->len);
        if (target->len > 0)
            return true;
    }
    return false;
}
