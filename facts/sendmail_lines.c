#include "facts/sendmail_lines.h"

#include "facts/tables.h"

/* FNV-1a, a public-domain hash: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash_of(struct str line)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    bool blank = false, started = false;

    for (size_t i = 0; i < line.len; i++) {
        if (is_space(line.at[i])) {
            blank = started;
            continue;
        }
        if (blank)
            hash = (hash ^ ' ') * UINT64_C(0x100000001b3);
        hash = (hash ^ (unsigned char)line.at[i]) * UINT64_C(0x100000001b3);
        blank = false;
        started = true;
    }
    return hash;
}

struct str facts_sendmail_line(struct str line)
{
    uint64_t hash = hash_of(line);
    size_t low = 0, high = facts_tables.sendmail_line_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (facts_tables.sendmail_lines[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < facts_tables.sendmail_line_count && facts_tables.sendmail_lines[low].hash == hash)
        return facts_tables.sendmail_lines[low].made_by;
    return STR_NONE;
}
