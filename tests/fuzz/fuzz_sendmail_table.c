/* any bytes as each of Sendmail's tables: lines in order, none lost, none twice, each at its place
 */
#include <string.h>

#include "parser/sendmail/table.h"
#include "tests/fuzz/fuzz.h"

/* is there anything between FROM and TO that is neither blank nor a comment? */
static bool holds_text(struct str bytes, size_t from, size_t to)
{
    while (from < to) {
        size_t end = str_find(bytes, '\n', from);
        struct str line = str_slice(bytes, from, end < to ? end : to);
        line.len = str_find(line, '\0', 0);
        if (str_trim(line).len > 0 && line.at[0] != '#')
            return true;
        from = end + 1;
    }
    return false;
}

static void check_line(const struct source *source, const struct sendmail_table_line *line,
                       size_t behind)
{
    struct str bytes = source->bytes;

    if (line->span.source != source || line->span.at < behind ||
        line->span.at + line->span.len > bytes.len)
        fuzz_demand("a line does not stand where its span says");
    if (line->value.at != NULL && line->value.len == 0)
        fuzz_demand("an empty value is none");
    if (line->refused == NULL && line->key.at == NULL)
        fuzz_demand("a line without a key is taken");
}

static void check_targets(struct str value)
{
    struct str rest = value, target;
    size_t count = 0;

    while (sendmail_alias_target(&rest, &target)) {
        if (target.len == 0 || target.at < value.at ||
            target.at + target.len > value.at + value.len)
            fuzz_demand("a target does not stand in its value");
        if (++count > value.len)
            fuzz_demand("there are more targets than bytes");
    }
}

static void read_as(struct arena *arena, const struct source *source,
                    enum sendmail_table_format format)
{
    struct sendmail_table_reader reader = {source, format, 0};
    struct sendmail_table_line line;
    size_t behind = 0;

    while (sendmail_table_next(&reader, arena, &line)) {
        check_line(source, &line, behind);
        /* a comment of aliases may go on over lines of text */
        if (format != SENDMAIL_ALIASES && format != SENDMAIL_WORDS &&
            holds_text(source->bytes, behind, line.span.at))
            fuzz_demand("a line was left out");
        behind = line.span.at + line.span.len;
        if (format == SENDMAIL_ALIASES && line.value.at != NULL)
            check_targets(line.value);
    }
    if (format != SENDMAIL_ALIASES && format != SENDMAIL_WORDS &&
        holds_text(source->bytes, behind, source->bytes.len))
        fuzz_demand("the last line was left out");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create(abort);
    const struct source *source = fuzz_source(arena, "access", fuzz_input(data, size));

    read_as(arena, source, SENDMAIL_MAKEMAP);
    read_as(arena, source, SENDMAIL_ALIASES);
    read_as(arena, source, SENDMAIL_LIST);
    read_as(arena, source, SENDMAIL_WORDS);
    arena_destroy(arena);
    return 0;
}
