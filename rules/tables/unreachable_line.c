/* unreachable_line - lines of a table of networks or patterns after one that matches all they do */
#include <string.h>

#include "base/map.h"
#include "parser/tables/ref.h"
#include "parser/tables/table.h"
#include "parser/text/network.h"
#include "rules/tables/tables.h"
#include "smtp/service/policy.h"

/* has_conditions - with "if" and "!" lines, what matches depends on more than the lines before it
 */
static bool has_conditions(const struct table *table)
{
    struct str text = table->source != NULL ? table->source->bytes : table->text;

    return str_search(text, "\nif") < text.len || str_search(text, "\nIF") < text.len ||
           str_starts(text, "if") || str_search(text, "{ if") < text.len ||
           str_search(text, "{if") < text.len;
}

static void report_line(struct check *check, const struct used_table *use,
                        const struct table_entry *entry, const struct table_entry *cover)
{
    struct span span = entry->span.source != NULL ? entry->span : tables_span(check, use);
    struct str where = cover->span.source != NULL
                           ? arena_printf(check->arena, "line %zu",
                                          source_position(cover->span.source, cover->span.at).line)
                           : arena_printf(check->arena, "\"%.*s\" before it", STR_ARG(cover->key));

    if (!check_is_reported(check, span))
        check_reportf(check, span, "move it before that line, or remove it",
                      "\"%.*s\" has no effect: %.*s matches all that it matches, and the first "
                      "line that matches counts",
                      STR_ARG(entry->key), STR_ARG(where));
}

/* --- networks --------------------------------------------------------------------------------- */

/* find_cover - the earlier entry whose network holds NETWORK, or NULL.  It is noted */
static const struct table_entry *find_cover(struct map *seen, struct arena *arena,
                                            const struct network *network,
                                            const struct table_entry *entry)
{
    struct network wider = *network;

    for (int bits = network->bits; bits >= 0; bits--) {
        char key[sizeof wider.bytes + 2];
        if (bits < 8 * network->byte_count)
            wider.bytes[bits / 8] &= (unsigned char)(0xff00 >> (bits % 8));
        memcpy(key, wider.bytes, sizeof wider.bytes);
        key[sizeof wider.bytes] = (char)bits;
        key[sizeof wider.bytes + 1] = (char)network->byte_count;
        struct str text = {key, sizeof key};
        const struct table_entry *cover = map_get(seen, text);
        if (cover != NULL)
            return cover;
        if (bits == network->bits)
            map_put(seen, arena_copy(arena, text), (void *)entry);
    }
    return NULL;
}

static void check_networks(struct check *check, const struct used_table *use,
                           const struct table_entry *entries, size_t count)
{
    struct map seen;

    map_init(&seen, check->arena);
    for (size_t i = 0; i < count; i++) {
        struct network network = {0};
        if (!network_read(entries[i].key, &network))
            continue; /* "!network", or what Postfix skips */
        const struct table_entry *cover = find_cover(&seen, check->arena, &network, &entries[i]);
        if (cover != NULL)
            report_line(check, use, &entries[i], cover);
    }
}

/* --- patterns --------------------------------------------------------------------------------- */

static bool matches_all(struct str pattern)
{
    static const char *const texts[] = {"/^/",    "/.*/", "/./", "/.+/", "/^.*$/", "/^.*/",
                                        "/^.+$/", "//",   "/$/", "/^./", "/.*$/"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (str_is(pattern, texts[i]))
            return true;
    return false;
}

static void check_patterns(struct check *check, const struct used_table *use,
                           const struct table_entry *entries, size_t count)
{
    for (size_t i = 0; i + 1 < count; i++)
        if (matches_all(entries[i].key)) {
            report_line(check, use, &entries[i + 1], &entries[i]);
            return;
        }
}

static void see_use(void *context, const struct used_table *use)
{
    struct check *check = context;
    const struct table_type *type = use->ref->type;
    bool networks = str_is(type->name, "cidr");
    const struct table_entry *entries;

    if ((!networks && !str_is(type->name, "pcre") && !str_is(type->name, "regexp")) ||
        tables_only_allows(use->parameter))
        return;
    const struct table *table = table_open(check_policy(check)->tables, use->ref->text, TABLE_FOLD);
    size_t count = table_entries(table, &entries);
    if (count < 2 || has_conditions(table))
        return;
    if (networks)
        check_networks(check, use, entries, count);
    else
        check_patterns(check, use, entries, count);
}

static void check_lines(struct check *check)
{
    tables_each(check, see_use, check);
}

static const struct example examples[] = {
    {.title = "an exception after the network that it is in",
     .platform = "debian12",
     .main_cf = "smtpd_client_restrictions = check_client_access\n"
                "  cidr:{ { 192.168.0.0/16 REJECT } { 192.168.1.5 OK } { 10.0.0.0/8 OK } }\n",
     .findings = {{2, NULL}}},
    {.title = "a pattern that matches everything",
     .platform = "debian12",
     .main_cf = "header_checks = regexp:{ { /.*/ DUNNO } { /^Subject: x/ REJECT } }\n",
     .findings = {{1, NULL}}},
    {.title = "exceptions first, other networks, and conditions",
     .platform = "debian12",
     .main_cf =
         "smtpd_client_restrictions = check_client_access\n"
         "  cidr:{ { 192.168.1.5 OK } { 192.168.0.0/16 REJECT } { ::/0 OK } { 0.0.0.0/0 OK } }\n"
         "header_checks = regexp:{ { /^Subject: x/ REJECT } { /./ DUNNO } }\n"
         "body_checks = pcre:{ { if /x/ } { /./ DUNNO } { endif } { /y/ REJECT } }\n"},
};

const struct rule rule_unreachable_line = {
    .name = "unreachable-line",
    .summary = "a line of a table that an earlier line leaves nothing to match",
    .why = "Tables of networks and of patterns are read from the top, and the first line that "
           "matches counts, whatever its result.  An exception must thus be before the network or "
           "the pattern that it is an exception from.",
    .source = "cidr_table(5), pcre_table(5), regexp_table(5)",
    .severity = SEVERITY_WARNING,
    .needs_main_cf = true,
    .check = check_lines,
    RULE_EXAMPLES(examples),
};
