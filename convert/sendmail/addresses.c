#include "convert/sendmail/addresses.h"

#include <string.h>

#include "convert/sendmail/value.h"

/* --- tables ----------------------------------------------------------------------------------- */

bool addresses_is_ldap(struct str type)
{
    if (type.len > 0 && type.at[type.len - 1] == ':')
        type.len--;
    return str_is_nocase(type, "ldap");
}

bool addresses_is_directory(const struct sendmail_table *table)
{
    return table->source == NULL && table->path.len == 0 && addresses_is_ldap(table->type);
}

/* why the directory that stands in for this table cannot become an ldap_table(5) */
static const struct directory_reason {
    const char *table, *reason;
} directory_reasons[] = {
    {"access", "Postfix does not understand Sendmail's values (RELAY, OK, ERROR:...) and does not "
               "look up its keys (\"Connect:\", parts of networks)"},
    {"mailertable",
     "its values (\"esmtp:[host]\", \"error:nohost ...\") are not valid in transport(5)"},
    {"genericstable", "its keys decide which addresses are rewritten where, and a key without a "
                      "domain has another meaning in Postfix"},
    {"domaintable", "the table changes the domain of every address, for which Postfix needs "
                    "\"@domain\" as key and \"@other\" as value"},
};

void addresses_open_directory(struct draft *draft, const struct sendmail_item *item,
                              const struct sendmail_table *table)
{
    for (size_t i = 0; i < sizeof directory_reasons / sizeof *directory_reasons; i++)
        if (str_is(table->name, directory_reasons[i].table)) {
            draft_open_point(draft, item, ADDRESSES_WRITE_OUT,
                             "the table is in an LDAP directory: %s", directory_reasons[i].reason);
            return;
        }
    draft_open_point(
        draft, item, ADDRESSES_WRITE_OUT,
        "the table is in an LDAP directory, and Postfix does not understand its values");
}

void addresses_open_missing(struct draft *draft, const struct sendmail_table *table)
{
    if (table->path.len > 0)
        draft_open_point(
            draft, table->from,
            "put the file next to the macro file and convert again, or convert its lines by hand",
            "%.*s was not found, its lines are not converted", STR_ARG(table->path));
    else if (addresses_is_directory(table))
        addresses_open_directory(draft, table->from, table);
    else
        draft_open_point(draft, table->from,
                         "create a Postfix lookup table for it (ldap_table(5), nisplus, ...) or "
                         "write its entries to a file",
                         "its entries are not in a file: %.*s %.*s", STR_ARG(table->type),
                         STR_ARG(table->flags));
}

bool addresses_table(struct draft *draft, const char *name)
{
    const struct sendmail_table *table = sendmail_table(draft->sendmail, name);

    if (table == NULL)
        return false;
    if (table->source != NULL)
        return true;
    if (table->from != NULL)
        addresses_open_missing(draft, table);
    return false;
}

const struct sendmail_item *addresses_line(const struct draft *draft, const char *table,
                                           const struct sendmail_item *after)
{
    const struct sendmail_item *item = after;

    do {
        item = sendmail_next(draft->sendmail, ITEM_TABLE_LINE, table, item);
    } while (item != NULL && item->overridden);
    return item;
}

/* --- texts ------------------------------------------------------------------------------------ */

struct str addresses_own_name(const struct draft *draft)
{
    const struct sendmail_item *item = sendmail_define(draft->sendmail, "confDOMAIN_NAME");

    if (item == NULL || !sendmail_is_plain(sendmail_item_value(draft, item)))
        return STR_NONE;
    return addresses_lower(draft->arena, sendmail_item_value(draft, item));
}

bool addresses_is_host(struct str word)
{
    if (word.len == 0 || word.at[0] == '.' || word.at[0] == '-')
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (!is_alnum(word.at[i]) && strchr(".-_", word.at[i]) == NULL)
            return false;
    return memchr(word.at, '\0', word.len) == NULL;
}

struct str addresses_lower(struct arena *arena, struct str text)
{
    char *copy = arena_alloc_raw(arena, text.len + 1);

    for (size_t i = 0; i < text.len; i++)
        copy[i] = char_lower(text.at[i]);
    copy[text.len] = '\0';
    return (struct str){copy, text.len};
}

void addresses_quote(struct buffer *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '\0' && strchr("\\^$.[]|()?*+{}/#", text.at[i]) != NULL)
            buffer_add_char(out, '\\');
        buffer_add_char(out, text.at[i]);
    }
}

void addresses_quote_result(struct buffer *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '$')
            buffer_add_char(out, '$');
        buffer_add_char(out, text.at[i]);
    }
}

struct str addresses_pattern(struct arena *arena, const char *before, struct str text,
                             const char *after)
{
    struct buffer pattern;

    buffer_init(&pattern, arena);
    buffer_add_cstr(&pattern, before);
    addresses_quote(&pattern, addresses_lower(arena, text));
    buffer_add_cstr(&pattern, after);
    return buffer_str(&pattern);
}

struct str addresses_domain(struct str address)
{
    size_t at = address.len;

    while (at > 0 && address.at[at - 1] != '@')
        at--;
    return str_slice(address, at, address.len);
}

/* --- error: ----------------------------------------------------------------------------------- */

/* sendmail/parseaddr.c: the words for exit statuses, and the replies that they stand for */
static const struct error_word {
    struct str word, status, code;
} error_words[] = {
    {STR("dataerr"), STR("5.5.2"), STR("501")},  {STR("nohost"), STR("5.1.2"), STR("550")},
    {STR("noinput"), STR("5.3.0"), STR("550")},  {STR("nouser"), STR("5.1.1"), STR("550")},
    {STR("noperm"), STR("5.7.1"), STR("550")},   {STR("oserr"), STR("5.3.0"), STR("550")},
    {STR("osfile"), STR("5.3.0"), STR("550")},   {STR("protocol"), STR("5.5.0"), STR("554")},
    {STR("software"), STR("5.3.0"), STR("550")}, {STR("tempfail"), STR("4.0.0"), STR("450")},
    {STR("usage"), STR("5.5.4"), STR("501")},    {STR("unavailable"), STR("5.0.0"), STR("550")},
};

static bool is_status(struct str text)
{
    size_t first = str_find(text, '.', 0), second = str_find(text, '.', first + 1);

    return second < text.len && first == 1 && (text.at[0] == '5' || text.at[0] == '4') &&
           str_is_digits(str_slice(text, first + 1, second)) &&
           str_is_digits(str_slice(text, second + 1, text.len));
}

struct address_error addresses_error(struct draft *draft, struct str text, char separator)
{
    struct address_error error = {str_of("5.0.0"), str_of("550"), str_trim(text)};
    size_t colon = str_find(error.text, ':', 0), end = str_find(error.text, separator, 0);
    struct str word = str_trim(str_slice(error.text, 0, end));

    if (separator == ':') { /* what Sendmail answers if there is neither a word nor a code */
        error.status = str_of("5.3.0");
        error.code = str_of("553");
    }
    if (colon < error.text.len && is_status(str_slice(error.text, 0, colon))) {
        error.status = str_slice(error.text, 0, colon);
        error.text = str_trim(str_slice(error.text, colon + 1, error.text.len));
    } else if (end < error.text.len) {
        for (size_t i = 0; i < sizeof error_words / sizeof *error_words; i++)
            if (str_eq_nocase(word, error_words[i].word)) {
                error.status = error_words[i].status;
                error.code = error_words[i].code;
                error.text = str_trim(str_slice(error.text, end + 1, error.text.len));
                break;
            }
    }
    if (error.text.len >= 2 && error.text.at[0] == '"' && error.text.at[error.text.len - 1] == '"')
        error.text = str_trim(str_slice(error.text, 1, error.text.len - 1));
    if (error.text.len > 3 && str_is_digits(str_slice(error.text, 0, 3)) &&
        is_space(error.text.at[3]) && (error.text.at[0] == '4' || error.text.at[0] == '5')) {
        error.code = str_slice(error.text, 0, 3);
        error.text = str_trim(str_slice(error.text, 4, error.text.len));
    }
    size_t space = str_find(error.text, ' ', 0);
    if (is_status(str_slice(error.text, 0, space))) {
        error.status = str_slice(error.text, 0, space);
        error.text = str_trim(str_slice(error.text, space, error.text.len));
    }
    /* Postfix requires the first digits of code and status to agree */
    if (error.status.at[0] != error.code.at[0]) {
        if (str_is(error.status, "5.0.0") || error.status.at[0] == '5')
            error.status = arena_printf(draft->arena, "%c%.*s", error.code.at[0],
                                        (int)error.status.len - 1, error.status.at + 1);
        else
            error.code = str_of("450");
    }
    if (error.text.len == 0)
        error.text = str_of("User unknown");
    return error;
}

struct str addresses_error_transport(struct draft *draft, const struct address_error *error)
{
    return arena_printf(draft->arena, "%s:%.*s %.*s",
                        error->status.at[0] == '4' ? "retry" : "error", STR_ARG(error->status),
                        STR_ARG(error->text));
}

/* --- settings that several modules share ------------------------------------------------------ */

void addresses_rewrite_all_headers(struct draft *draft, const struct sendmail_item *item)
{
    if (draft_value(draft, PARAM_LOCAL_HEADER_REWRITE_CLIENTS).at != NULL)
        return;
    draft_set(draft, item, PARAM_LOCAL_HEADER_REWRITE_CLIENTS, "static:all");
    draft_reason(
        draft, PARAM_LOCAL_HEADER_REWRITE_CLIENTS,
        "Sendmail rewrites the headers of all mail that it relays, not only of its own clients");
}

void addresses_drop_details(struct draft *draft)
{
    if (draft_value(draft, PARAM_PROPAGATE_UNMATCHED_EXTENSIONS).at != NULL)
        return;
    draft_set(draft, NULL, PARAM_PROPAGATE_UNMATCHED_EXTENSIONS, "%s", "");
    draft_reason(draft, PARAM_PROPAGATE_UNMATCHED_EXTENSIONS,
                 "Sendmail does not copy +detail to the result of a table lookup");
}

void addresses_begin_destinations(struct draft *draft)
{
    draft_add(draft, NULL, PARAM_MYDESTINATION, 100, "$myhostname");
    draft_add(draft, NULL, PARAM_MYDESTINATION, 101, "localhost.$mydomain");
    draft_add(draft, NULL, PARAM_MYDESTINATION, 102, "localhost");
}
