/* table_value - values of tables that are not what they look like, in the use made of the table */
#include "parser/tables/ref.h"
#include "parser/tables/table.h"
#include "parser/text/token.h"
#include "rules/tables/tables.h"
#include "smtp/service/policy.h"

/* what is wrong with a value */
struct value_doubt {
    const char *what;
    const char *advice;
};

/* --- addresses -------------------------------------------------------------------------------- */

static bool doubt_addresses(const struct table_entry *entry, struct value_doubt *doubt)
{
    struct str value = entry->value;
    size_t comment = str_search(value, " #");

    if (str_starts(value, "=") || str_is(value, ":"))
        *doubt = (struct value_doubt){"begins with a mark that belongs to the value: mail goes to "
                                      "an address of that name, too",
                                      "remove the mark; only white space is between key and value"};
    else if (comment < value.len || str_starts(value, "#"))
        *doubt = (struct value_doubt){"has a \"#\" in it, which begins no comment here: its words "
                                      "are addresses that get the mail, too",
                                      "put the comment on a line of its own"};
    else
        return false;
    return true;
}

/* doubt_lines - a continuation line that was meant to be an entry of its own */
static bool doubt_lines(const struct table_entry *entry, struct value_doubt *doubt)
{
    struct str text =
        entry->span.source != NULL
            ? str_slice(entry->span.source->bytes, entry->span.at, entry->span.at + entry->span.len)
            : str_of("");

    for (size_t end = str_find(text, '\n', 0); end < text.len;
         end = str_find(text, '\n', end + 1)) {
        struct str line = str_slice(text, end + 1, str_find(text, '\n', end + 1));
        struct str rest = str_trim(line);
        size_t blank = str_span_not(rest, 0, " \t");
        struct str before = str_trim(str_slice(text, 0, end));
        if (str_starts(rest, "#") || str_ends(before, ",") || blank == rest.len ||
            str_find(rest, ',', 0) < blank || str_find(rest, '@', 0) >= blank)
            continue;
        *doubt = (struct value_doubt){"has an indented line after it that looks like an entry: the "
                                      "line belongs to the value before it",
                                      "start the line in the first column"};
        return true;
    }
    return false;
}

/* --- passwords -------------------------------------------------------------------------------- */

static bool doubt_password(const struct table_entry *entry, struct value_doubt *doubt)
{
    struct str value = entry->value;

    if (value.len > 1 && (value.at[0] == '"' || value.at[0] == '\''))
        *doubt =
            (struct value_doubt){"begins with a quote, which belongs to the user name: smtp(8) "
                                 "cannot log in",
                                 "remove the quotes"};
    else if (str_find(value, ':', 0) == value.len)
        *doubt = (struct value_doubt){"has no colon: smtp(8) logs in with an empty password",
                                      "write user:password"};
    else
        return false;
    return true;
}

/* --- which tables ----------------------------------------------------------------------------- */

enum value_kind { KIND_OTHER, KIND_ADDRESSES, KIND_PASSWORD };

static enum value_kind find_kind(struct str parameter)
{
    static const char *const addresses[] = {"virtual_alias_maps",    "canonical_maps",
                                            "sender_canonical_maps", "recipient_canonical_maps",
                                            "recipient_bcc_maps",    "sender_bcc_maps"};

    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        if (str_is(parameter, addresses[i]))
            return KIND_ADDRESSES;
    return str_ends(parameter, "tp_sasl_password_maps") ? KIND_PASSWORD : KIND_OTHER;
}

static bool is_doubtful(enum value_kind kind, const struct table_entry *entry,
                        struct value_doubt *doubt)
{
    return kind == KIND_PASSWORD ? doubt_password(entry, doubt)
                                 : doubt_addresses(entry, doubt) || doubt_lines(entry, doubt);
}

static void see_use(void *context, const struct used_table *use)
{
    struct check *check = context;
    enum value_kind kind = find_kind(use->parameter);
    const struct table_entry *entries;
    struct value_doubt doubt;

    if (kind == KIND_OTHER || use->file.at != NULL)
        return;
    const struct table *table = table_open(check_policy(check)->tables, use->ref->text, TABLE_FOLD);
    size_t count = table_entries(table, &entries);
    for (size_t i = 0; i < count; i++) {
        if (!is_doubtful(kind, &entries[i], &doubt))
            continue;
        struct span span =
            entries[i].span.source != NULL ? entries[i].span : tables_span(check, use);
        if (!check_is_reported(check, span))
            check_reportf(check, span, doubt.advice, "the value of \"%.*s\" %s",
                          STR_ARG(entries[i].key), doubt.what);
    }
}

static void check_values(struct check *check)
{
    tables_each(check, see_use, check);
}

static const struct example examples[] = {
    {.title = "marks and comments in a value",
     .platform = "debian12",
     .main_cf = "virtual_alias_maps = inline:{ { bob@example.com = bob # our boss } }\n"
                "canonical_maps = inline:{ { eve@example.com = = eve@example.org } }\n",
     .findings = {{1, NULL}, {2, NULL}}},
    {.title = "passwords",
     .platform = "debian12",
     .main_cf = "smtp_sasl_password_maps = inline:{ mx.example.com=bob }, static:\"bob:secret\"\n",
     .findings = {{1, NULL}, {1, NULL}}},
    {.title = "addresses, and a password with marks in it",
     .platform = "debian12",
     .main_cf = "virtual_alias_maps = inline:{ { bob@example.com = bob, a#b@example.com } }\n"
                "smtp_sasl_password_maps = inline:{ { mx.example.com = bob:\"#= } }\n"
                "transport_maps = inline:{ { example.com = smtp:[mx.example.com] # x } }\n"},
};

const struct rule rule_table_value = {
    .name = "table-value",
    .summary = "a value of a table that is not what it looks like",
    .why = "In the text of a table, a comment is a line of its own, and an indented line continues "
           "the line before it.  In \"bob@example.com  bob # our boss\" the value has four "
           "addresses, and mail bounces for three of them.  A password is what follows the first "
           "colon, and quotes belong to the text.",
    .source = "postmap(1), virtual(5), SASL_README; measured with Postfix 3.7",
    .severity = SEVERITY_WARNING,
    .needs_main_cf = true,
    .check = check_values,
    RULE_EXAMPLES(examples),
};
