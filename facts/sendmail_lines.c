/*
 * sendmail_lines - the lines that Sendmail's m4 files add: see facts/sendmail_lines.h
 */
#include "facts/sendmail_lines.h"

#include "facts/tables.h"

/* FNV-1a, a public-domain hash: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t add_byte(uint64_t hash, char c)
{
    return (hash ^ (unsigned char)c) * UINT64_C(0x100000001b3);
}

static uint64_t start(struct str ruleset)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < ruleset.len; i++)
        hash = add_byte(hash, ruleset.at[i]);
    return add_byte(hash, '\n');
}

uint64_t facts_sendmail_number(struct str ruleset, struct str line)
{
    return facts_sendmail_number_from(start(ruleset), line);
}

uint64_t facts_sendmail_number_from(uint64_t number, struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        number = add_byte(number, text.at[i]);
    return number;
}

struct str facts_sendmail_line(uint64_t number)
{
    size_t low = 0, high = facts_tables.sendmail_line_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (facts_tables.sendmail_lines[middle].hash < number)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < facts_tables.sendmail_line_count && facts_tables.sendmail_lines[low].hash == number)
        return facts_tables.sendmail_lines[low].made_by;
    return STR_NONE;
}

const struct sendmail_hole *facts_sendmail_holes(uint64_t before, size_t *count)
{
    const struct sendmail_hole *holes = facts_tables.sendmail_holes;
    size_t low = 0, high = facts_tables.sendmail_hole_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (holes[middle].before < before)
            low = middle + 1;
        else
            high = middle;
    }
    *count = 0;
    while (low + *count < facts_tables.sendmail_hole_count && holes[low + *count].before == before)
        (*count)++;
    return *count > 0 ? &holes[low] : NULL;
}

const struct sendmail_taken *facts_sendmail_taken(size_t *count)
{
    *count = facts_tables.sendmail_taken_count;
    return facts_tables.sendmail_taken;
}

const struct sendmail_expected *facts_sendmail_expected(size_t *count)
{
    *count = facts_tables.sendmail_expected_count;
    return facts_tables.sendmail_expected;
}

int facts_sendmail_releases(void)
{
    return facts_tables.sendmail_line_releases;
}
