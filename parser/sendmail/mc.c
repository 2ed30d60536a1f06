#include "parser/sendmail/mc.h"

#include <string.h>

#include "facts/sendmail.h"

enum { DIRECTIVES_MAX = 65536 };

/* a line of text made of the pieces that m4 returned */
struct text_line {
    bool started, written;
    struct str slice; /* while it is one part of the source */
    struct buffer joined;
    bool copied;
    struct span span;
    int divert;
    unsigned depth;
};

struct reader {
    struct sendmail_mc *mc;
    struct arena *arena;
    struct source_cursor cursor;
    struct text_line line;
    bool full; /* no more directives are read */
};

/* fail_too_many - there are more directives than are read */
static void fail_too_many(struct reader *reader, struct span span)
{
    struct sendmail_mc *mc = reader->mc;

    mc->m4.failed = true;
    mc->m4.error =
        arena_printf(reader->arena, "there are more than %d lines and calls", DIRECTIVES_MAX);
    mc->m4.error_span = span;
}

static void add_directive(struct reader *reader, struct sendmail_directive directive)
{
    struct sendmail_mc *mc = reader->mc;

    if (mc->count >= DIRECTIVES_MAX) {
        if (!reader->full && !mc->m4.failed)
            fail_too_many(reader, directive.span);
        reader->full = true;
        return;
    }
    if (directive.span.source != NULL)
        directive.line =
            source_position_next(&reader->cursor, directive.span.source, directive.span.at).line;
    mc->directives =
        arena_grow(reader->arena, mc->directives, mc->count, &mc->capacity, sizeof directive);
    mc->directives[mc->count++] = directive;
}

/* end_line - the line is a directive, unless it is empty or white space */
static void end_line(struct reader *reader)
{
    struct text_line *line = &reader->line;
    struct str text = line->copied ? buffer_str(&line->joined) : line->slice;
    bool started = line->started;

    line->started = false;
    if (!started || str_trim(text).len == 0)
        return;
    struct sendmail_directive directive = {
        .kind = line->divert < 0 ? SENDMAIL_IGNORED : SENDMAIL_TEXT,
        .written = line->written,
        .divert = line->divert,
        .depth = line->depth,
        .text = text,
        .span = line->span,
    };
    add_directive(reader, directive);
}

static void begin_line(struct reader *reader, const struct m4_item *item, struct str part)
{
    reader->line = (struct text_line){
        .started = true,
        .written = item->written,
        .slice = {part.at, 0},
        .span = item->span,
        .divert = item->divert,
        .depth = item->depth,
    };
    if (item->written) {
        reader->line.span.at += (size_t)(part.at - item->text.at);
        reader->line.span.len = 0;
    }
}

static void add_part(struct reader *reader, const struct m4_item *item, struct str part)
{
    struct text_line *line = &reader->line;
    struct span span = item->span;

    if (part.len == 0)
        return;
    if (line->started && line->divert != item->divert)
        end_line(reader);
    if (!line->started)
        begin_line(reader, item, part);
    if (!line->copied && line->slice.at + line->slice.len == part.at) {
        line->slice.len += part.len;
    } else {
        if (!line->copied) {
            buffer_init(&line->joined, reader->arena);
            buffer_add(&line->joined, line->slice);
        }
        line->copied = true;
        line->written = false;
        buffer_add(&line->joined, part);
    }
    if (item->written) {
        span.at += (size_t)(part.at - item->text.at);
        span.len = part.len;
    }
    if (span.source == line->span.source && span.at + span.len > line->span.at + line->span.len)
        line->span.len = span.at + span.len - line->span.at;
}

static void add_text(struct reader *reader, const struct m4_item *item)
{
    struct str text = item->text;

    for (size_t at = 0; at < text.len && !reader->full;) {
        size_t end = str_find(text, '\n', at);
        add_part(reader, item, str_slice(text, at, end));
        if (end < text.len)
            end_line(reader);
        at = end + 1;
    }
}

/* find_hidden_text - the text after dnl, without the quotation that ends the dnl of a macro */
static struct str find_hidden_text(const struct m4_item *item)
{
    struct str text = item->text;

    if (item->kind == M4_DNL && str_starts(text, "`'") && !str_starts(span_str(item->span), "dnl"))
        return str_slice(text, 2, text.len);
    return text;
}

static void add_item(struct reader *reader, const struct m4_item *item)
{
    struct str text = find_hidden_text(item);

    if (item->kind == M4_TEXT) {
        add_text(reader, item);
        return;
    }
    if (item->kind == M4_DNL && (str_trim(text).len == 0 || str_is(str_trim(text), "dnl")))
        return;
    struct sendmail_directive directive = {
        .kind = item->kind == M4_CALL ? SENDMAIL_CALL : SENDMAIL_COMMENT,
        .fate = item->fate,
        .written = item->written,
        .divert = item->divert,
        .depth = item->depth,
        .text = text,
        .arguments = item->arguments,
        .argument_count = item->argument_count,
        .span = item->span,
    };
    add_directive(reader, directive);
}

/* open_file - the file, or what facts/sendmail.yaml has of a file that comes with Sendmail */
static const struct source *open_file(void *context, struct arena *arena, struct str name)
{
    const struct source *source = m4_include_open(context, arena, name);

    if (source != NULL || !str_starts(name, "domain/") || !str_ends(name, ".m4"))
        return source;
    struct str domain = str_slice(name, strlen("domain/"), name.len - strlen(".m4"));
    const struct sendmail_fact *fact = facts_sendmail(SENDMAIL_DOMAIN, domain);
    return fact != NULL && fact->value.len > 0 ? source_of(arena, name, fact->value) : NULL;
}

bool sendmail_mc_parse(struct sendmail_mc *mc, struct arena *arena, const struct source *source,
                       struct m4_directories *includes)
{
    struct m4_input input = {
        .source = source,
        .open = includes != NULL ? open_file : NULL,
        .context = includes,
    };

    *mc = (struct sendmail_mc){.source = source};
    input.macros = sendmail_macros(&input.macro_count);
    if (str_search(source->bytes, SENDMAIL_PRELUDE) < source->bytes.len) {
        input.prelude = SENDMAIL_PRELUDE;
        m4_run(&mc->m4, arena, &input);
        mc->has_prelude = mc->m4.prelude_seen;
    }
    if (!mc->has_prelude) {
        input.prelude = NULL;
        m4_run(&mc->m4, arena, &input);
    }
    struct reader reader = {.mc = mc, .arena = arena};
    for (size_t i = 0; i < mc->m4.count && !reader.full; i++)
        add_item(&reader, &mc->m4.items[i]);
    end_line(&reader);
    mc->failed = mc->m4.failed;
    if (mc->failed) {
        mc->error = m4_error(&mc->m4, arena);
        mc->error_span = mc->m4.error_span;
    }
    return !mc->failed;
}

struct str sendmail_directive_argument(const struct sendmail_directive *directive, size_t number)
{
    return number >= 1 && number <= directive->argument_count ? directive->arguments[number - 1]
                                                              : STR_NONE;
}

bool sendmail_calls(const struct sendmail_directive *directive, const char *name)
{
    return directive->kind == SENDMAIL_CALL && str_is(directive->text, name);
}
