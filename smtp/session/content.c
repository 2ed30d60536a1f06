/*
 * content - see content.h
 *
 * Postfix reads content in pieces of at most line_length_limit bytes, up to a line feed
 * (smtp_stream.c, smtp_get; smtpd.c, receive_data_message).  The result depends on where a piece
 * ends, so the same pieces are counted here, but not stored: memchr finds the line feed, and text
 * is copied directly to the output.  Only CRs are held back, since those before a line feed are not
 * text.
 */
#include "smtp/session/content.h"

#include <string.h>

enum { DEFAULT_LINE_LIMIT = 2048 };

static const char mailbox_line[] = "X-Mailbox-Line: ";

void content_init(struct content *content, enum bare_newline mode, size_t line_limit)
{
    *content = (struct content){
        .mode = mode,
        .line_limit = line_limit > 0 ? line_limit : DEFAULT_LINE_LIMIT,
        .first = true,
    };
}

void content_init_chunked(struct content *content, enum bare_newline mode, size_t line_limit)
{
    content_init(content, mode, line_limit);
    content->chunked = true;
}

/* --- the first line ---------------------------------------------------------------------- */

/* is_header - does the line begin with a header name and a colon?  Postfix's is_header(3) */
static bool is_header(struct str line)
{
    size_t at = 0;

    while (at < line.len && line.at[at] > ' ' && line.at[at] < 127 && line.at[at] != ':')
        at++;
    if (at == 0)
        return false;
    while (at < line.len && (line.at[at] == ' ' || line.at[at] == '\t'))
        at++;
    /* the name may be longer than the text that is held */
    return at == CONTENT_HELD || (at < line.len && line.at[at] == ':');
}

static void put_text(struct buffer *out, const char *at, size_t len)
{
    memcpy(out->at + out->len, at, len);
    out->len += len;
}

static void replace_carriage_returns(char *at, size_t len)
{
    char *end = at + len;

    while ((at = memchr(at, '\r', (size_t)(end - at))) != NULL)
        *at++ = ' ';
}

/* release_held - writes the start of the first line, and what must be before it */
static void release_held(struct content *content, struct buffer *out)
{
    struct str held = {content->held, content->held_len};
    size_t from = str_span(held, 0, ">");

    content->first = false;
    if (out == NULL)
        return;
    if (str_starts(str_slice(held, from, held.len), "From "))
        put_text(out, mailbox_line, sizeof mailbox_line - 1);
    else if (held.len > 0 && !is_header(held))
        put_text(out, "\n", 1);
    put_text(out, held.at, held.len);
    if (content->replaces_cr)
        replace_carriage_returns(out->at + out->len - held.len, held.len);
}

/* hold_text - keeps text of the first line while there is room; returns how much */
static size_t hold_text(struct content *content, const char *at, size_t len, struct buffer *out)
{
    size_t room = CONTENT_HELD - content->held_len;
    size_t take = len < room ? len : room;

    memcpy(content->held + content->held_len, at, take);
    content->held_len += take;
    if (content->held_len == CONTENT_HELD)
        release_held(content, out);
    return take;
}

/* --- lines ------------------------------------------------------------------------------- */

static void emit_text(struct content *content, const char *at, size_t len, struct buffer *out)
{
    size_t before = out != NULL ? out->len : 0;

    content->text += len;
    if (content->first) {
        size_t taken = hold_text(content, at, len, out);
        at += taken;
        len -= taken;
    }
    if (out == NULL)
        return;
    if (len > 0)
        put_text(out, at, len);
    if (content->replaces_cr)
        replace_carriage_returns(out->at + before, out->len - before);
}

static void emit_carriage_returns(struct content *content, size_t count, struct buffer *out)
{
    for (; count > 0; count--)
        emit_text(content, "\r", 1, out);
    content->carriage_returns = 0;
}

/* next_piece - counts the piece and begins the next one */
static void next_piece(struct content *content, bool continued)
{
    content->size += (long)content->text + 2;
    content->piece = content->text = 0;
    content->continued = continued;
    if (!continued)
        content->dotted = false;
}

/* end_line - at a line feed; true: the message ends here */
static bool end_line(struct content *content, struct buffer *out)
{
    bool strict = content->mode != BARE_NEWLINE_ACCEPT;
    bool bare = strict && content->carriage_returns == 0;
    bool previous_bare = content->previous_bare;

    /* removes all CRs before a line feed, but only one if bare line feeds are not accepted */
    emit_carriage_returns(
        content, strict && content->carriage_returns > 0 ? content->carriage_returns - 1 : 0, out);
    content->bare_newline |= bare;
    content->previous_bare = bare;
    if (content->dotted && !content->continued && content->text == 0) {
        if (!strict || (!bare && !previous_bare))
            return true;
        content->piece = 0;
        content->dotted = false;
        return false;
    }
    if (content->first)
        release_held(content, out);
    if (out != NULL)
        put_text(out, "\n", 1);
    next_piece(content, false);
    return false;
}

/* end_piece - the line continues after the limit */
static void end_piece(struct content *content, struct buffer *out)
{
    emit_carriage_returns(content, content->carriage_returns, out);
    content->previous_bare = false;
    next_piece(content, true);
}

/* add_text - bytes of a line, without a line feed */
static void add_text(struct content *content, const char *at, size_t len, struct buffer *out)
{
    size_t text = len;

    content->piece += len;
    while (text > 0 && at[text - 1] == '\r')
        text--;
    if (text > 0) {
        emit_carriage_returns(content, content->carriage_returns, out);
        emit_text(content, at, text, out);
    }
    content->carriage_returns += len - text;
}

/* reserve - makes room for all that a call may add, so that put_text() need not check */
static void reserve(const struct content *content, size_t len, struct buffer *out)
{
    size_t need =
        out->len + len + content->carriage_returns + content->held_len + sizeof mailbox_line + 1;

    if (need <= out->capacity)
        return;
    size_t capacity = need + need / 2;
    char *larger = arena_alloc_raw(out->arena, capacity);
    if (out->len > 0)
        memcpy(larger, out->at, out->len);
    out->at = larger;
    out->capacity = capacity;
}

size_t content_add(struct content *content, struct str in, struct buffer *out, bool *end)
{
    size_t at = 0;

    *end = false;
    if (out != NULL)
        reserve(content, in.len, out);
    while (at < in.len) {
        const char *from = in.at + at;
        /* a CR at the limit is held back, since a line feed may follow */
        if (content->piece >= content->line_limit && *from != '\n') {
            end_piece(content, out);
            continue;
        }
        if (content->piece == 0 && !content->continued && *from == '.' && !content->chunked) {
            content->dotted = true;
            content->piece = 1;
            at++;
            continue;
        }
        size_t room =
            content->piece < content->line_limit ? content->line_limit - content->piece : 1;
        size_t len = in.len - at < room ? in.len - at : room;
        const char *newline = memchr(from, '\n', len);
        if (newline != NULL)
            len = (size_t)(newline - from);
        add_text(content, from, len, out);
        at += len;
        if (newline != NULL) {
            at++;
            if ((*end = end_line(content, out)))
                return at;
        } else if (content->piece >= content->line_limit && content->carriage_returns == 0) {
            end_piece(content, out);
        }
    }
    return at;
}

void content_finish(struct content *content, struct buffer *out)
{
    if (out != NULL)
        reserve(content, 1, out);
    if (content->piece > 0) {
        emit_carriage_returns(content, content->carriage_returns, out);
        if (content->first)
            release_held(content, out);
        if (out != NULL)
            put_text(out, "\n", 1);
        next_piece(content, false);
    }
    if (content->first)
        release_held(content, out);
}
