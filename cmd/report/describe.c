#include "cmd/report/describe.h"

#include <openssl/evp.h>

#include "base/map.h"

const char report_unreadable[] = "unreadable";

enum {
    FINGERPRINT_BYTES = 16,
    NEAR = 256, /* bytes of a line before and after a place */
};

static struct str file_of(const struct report_item *item, const struct finding *finding)
{
    return finding->span.source == NULL ? item->path : finding->span.source->path;
}

struct described_place describe_place(const struct report_item *item, const struct finding *finding)
{
    const struct source *source = finding->span.source;

    if (source == NULL)
        return (struct described_place){.file = item->path};
    return (struct described_place){
        .file = source->path,
        .known = true,
        .start = source_position(source, finding->span.at),
        .end = source_position(source, finding->span.at + finding->span.len),
    };
}

size_t describe_column(const struct source *source, size_t at)
{
    size_t first = at - (source_position(source, at).column - 1);
    size_t column = 1;

    for (size_t i = first; i < at; i++)
        column += ((unsigned char)source->bytes.at[i] & 0xC0) != 0x80; /* not within a character */
    return column;
}

/* line_of - its text, without white space at both ends; of a long one what is near the place */
static struct str line_of(const struct finding *finding)
{
    if (finding->span.source == NULL)
        return finding->message;
    struct str line = source_line(finding->span.source, finding->span.at);
    size_t at = finding->span.at - (size_t)(line.at - finding->span.source->bytes.at);
    return str_trim(
        str_slice(line, at > NEAR ? at - NEAR : 0, at + NEAR < line.len ? at + NEAR : line.len));
}

static struct str shorten_to_digest(struct arena *arena, struct str text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    struct buffer digits;

    EVP_Digest(text.at, text.len, digest, &length, EVP_sha256(), NULL);
    buffer_init(&digits, arena);
    for (unsigned int i = 0; i < length && i < FINGERPRINT_BYTES; i++)
        buffer_printf(&digits, "%02x", digest[i]);
    return buffer_str(&digits);
}

struct str *describe_fingerprints(struct arena *arena, const struct report_item *item)
{
    size_t count = item->findings->count;
    struct str *list = arena_alloc(arena, (count + 1) * sizeof *list);
    struct map seen; /* how often */

    map_init(&seen, arena);
    for (size_t i = 0; i < count; i++) {
        const struct finding *finding = &item->findings->items[i];
        struct str what = arena_printf(arena, "%s\n%.*s\n%.*s", finding->rule->name,
                                       STR_ARG(file_of(item, finding)), STR_ARG(line_of(finding)));
        size_t *before = map_get(&seen, what);
        if (before == NULL) {
            before = arena_alloc(arena, sizeof *before);
            map_put(&seen, what, before);
        }
        list[i] =
            shorten_to_digest(arena, arena_printf(arena, "%.*s\n%zu", STR_ARG(what), (*before)++));
    }
    return list;
}

bool describe_is_fingerprint(struct str text)
{
    return text.len == (size_t)2 * FINGERPRINT_BYTES &&
           str_span(text, 0, "0123456789abcdef") == text.len;
}

struct str describe_unreadable_fingerprint(struct arena *arena, const struct report_item *item)
{
    return shorten_to_digest(
        arena, arena_printf(arena, "%s\n%.*s", report_unreadable, STR_ARG(item->path)));
}

struct str describe_anchor(struct arena *arena, struct str path)
{
    return arena_printf(arena, "c-%.*s", STR_ARG(shorten_to_digest(arena, path)));
}

static const char *plural_of(size_t count)
{
    return count == 1 ? "" : "s";
}

void describe_tally(struct buffer *out, const struct tally *tally)
{
    size_t errors = tally->by_severity[SEVERITY_ERROR];
    size_t warnings = tally->by_severity[SEVERITY_WARNING];

    buffer_printf(out, "%zu configuration%s: %zu error%s, %zu warning%s, %zu advice",
                  tally->readable, plural_of(tally->readable), errors, plural_of(errors), warnings,
                  plural_of(warnings), tally->by_severity[SEVERITY_ADVICE]);
}

struct str describe_text(struct arena *arena, const struct finding *finding)
{
    if (finding->advice.len == 0)
        return finding->message;
    return arena_printf(arena, "%.*s; %.*s", STR_ARG(finding->message), STR_ARG(finding->advice));
}
