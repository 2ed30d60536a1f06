#include "convert/addresses/addresses.h"

#include <string.h>

#include "convert/addresses/ldap.h"
#include "convert/draft/value.h"
#include "parser/text/token.h"

const struct address_class class_local = {"w", "LOCAL_DOMAIN", "", "local-host-names"};
const struct address_class class_relay = {"R", "RELAY_DOMAIN", "RELAY_DOMAIN_FILE",
                                          "relay-domains"};
const struct address_class class_masquerade = {"M", "MASQUERADE_DOMAIN", "MASQUERADE_DOMAIN_FILE",
                                               "MASQUERADE_DOMAIN_FILE"};
const struct address_class class_exception = {
    "N", "MASQUERADE_EXCEPTION", "MASQUERADE_EXCEPTION_FILE", "MASQUERADE_EXCEPTION_FILE"};
const struct address_class class_exposed = {"E", "EXPOSED_USER", "EXPOSED_USER_FILE",
                                            "EXPOSED_USER_FILE"};
const struct address_class class_generics = {"G", "GENERICS_DOMAIN", "GENERICS_DOMAIN_FILE",
                                             "GENERICS_DOMAIN_FILE"};
const struct address_class class_virtual = {"VirtHost", "VIRTUSER_DOMAIN", "VIRTUSER_DOMAIN_FILE",
                                            "VIRTUSER_DOMAIN_FILE"};

/* --- classes ---------------------------------------------------------------------------------- */

static void add_word(const struct draft *draft, struct class_members *members, struct str word,
                     const struct sendmail_item *item)
{
    if (str_find(word, '$', 0) < word.len)
        members->incomplete = true;
    if (word.len > 1 && word.at[word.len - 1] == '.')
        word.len--;
    members->at = arena_grow(draft->arena, members->at, members->count, &members->capacity,
                             sizeof *members->at);
    members->at[members->count++] = (struct class_member){word, item};
    map_put(&members->words, addresses_lower(draft->arena, word), members);
}

static void add_words(const struct draft *draft, struct class_members *members,
                      const struct sendmail_item *item, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct str rest = sendmail_argument(item, i), word;
        while (token_next_plain(&rest, " \t\r\n'", &word)) {
            word = str_slice(word, str_span(word, 0, "`"), word.len); /* of quotes in quotes */
            if (word.len > 0)
                add_word(draft, members, word, item);
        }
    }
}

bool class_is_word_item(const struct address_class *class_kind, const struct sendmail_item *item)
{
    if (item->kind == ITEM_CLASS)
        return str_is(item->name, class_kind->name);
    return item->kind == ITEM_MACRO && str_is(item->name, class_kind->macro);
}

void class_read(const struct draft *draft, const struct address_class *class_kind,
                struct class_members *members)
{
    const struct sendmail *sendmail = draft->sendmail;

    *members = (struct class_members){0};
    map_init(&members->words, draft->arena);
    for (size_t i = 0; i < sendmail->count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if (class_is_word_item(class_kind, item))
            add_words(draft, members, item, item->kind == ITEM_MACRO ? 1 : item->argument_count);
        else if (item->kind == ITEM_TABLE_LINE && !item->overridden &&
                 str_is(item->name, class_kind->table))
            add_word(draft, members, item->arguments[0], item);
    }
    for (size_t i = 0; i < sendmail->table_count; i++)
        if (str_is(sendmail->tables[i].name, class_kind->table) &&
            sendmail->tables[i].from != NULL &&
            !sendmail_table_is_read(sendmail, &sendmail->tables[i]))
            members->incomplete = true;
}

struct str addresses_own_name(const struct draft *draft)
{
    const struct sendmail_item *item = sendmail_define(draft->sendmail, "confDOMAIN_NAME");

    if (item == NULL || !sendmail_is_plain(sendmail_item_value(draft, item)))
        return STR_NONE;
    return addresses_lower(draft->arena, sendmail_item_value(draft, item));
}

void class_read_local(const struct draft *draft, struct class_members *members)
{
    struct str own = addresses_own_name(draft);

    class_read(draft, &class_local, members);
    map_put(&members->words, str_of("localhost"), members);
    if (own.at != NULL)
        map_put(&members->words, own, members);
}

bool class_has(const struct class_members *members, struct str name)
{
    return map_get(&members->words, addresses_lower(members->words.arena, name)) != NULL;
}

bool class_covers(const struct class_members *members, struct str name)
{
    struct str rest = addresses_lower(members->words.arena, name);

    while (rest.len > 0) {
        if (map_get(&members->words, rest) != NULL)
            return true;
        rest = str_slice(rest, str_find(rest, '.', 0) + 1, rest.len);
    }
    return false;
}

/* --- files ------------------------------------------------------------------------------------ */

static void open_missing(struct draft *draft, const struct sendmail_table *table)
{
    if (table->path.len > 0)
        draft_open_point(draft, table->from,
                         "put the file beside the macro file and convert again, or carry its "
                         "lines over by hand",
                         "%.*s was not given, so that its lines are not converted",
                         STR_ARG(table->path));
    else if (ldap_is(table->type))
        ldap_map_table(draft, table);
    else
        draft_open_point(draft, table->from,
                         "write a lookup table of Postfix for it (ldap_table(5), nisplus, ...) or "
                         "write its entries into a file",
                         "its entries are not in a file: %.*s %.*s", STR_ARG(table->type),
                         STR_ARG(table->flags));
}

void class_decide_files(struct draft *draft, const struct address_class *class_kind,
                        const char *text)
{
    const struct sendmail *sendmail = draft->sendmail;

    for (size_t i = 0; i < sendmail->table_count; i++) {
        const struct sendmail_table *table = &sendmail->tables[i];
        if (!str_is(table->name, class_kind->table) || table->from == NULL)
            continue;
        if (!sendmail_table_is_read(sendmail, table))
            open_missing(draft, table);
        else
            draft_fate(draft, table->from, FATE_MAPPED, "%s", text);
    }
}

bool addresses_table(struct draft *draft, const char *name)
{
    const struct sendmail_table *table = sendmail_table(draft->sendmail, name);

    if (table == NULL)
        return false;
    if (table->source != NULL)
        return true;
    if (table->from != NULL)
        open_missing(draft, table);
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

bool addresses_feature(struct draft *draft, const char *name, enum sendmail_fate fate,
                       const char *text)
{
    const struct sendmail_item *item = NULL;
    bool found = false;

    while ((item = sendmail_next(draft->sendmail, ITEM_FEATURE, name, item)) != NULL) {
        found = true;
        if (!draft->fates[item->number].decided)
            draft_fate(draft, item, fate, "%s", text);
    }
    return found;
}

struct draft_table *addresses_made_table(const struct draft *draft, const char *name)
{
    for (size_t i = 0; i < draft->table_count; i++)
        if (str_is(draft->tables[i]->name, name))
            return draft->tables[i];
    return NULL;
}

/* --- texts ------------------------------------------------------------------------------------ */

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
        copy[i] =
            text.at[i] >= 'A' && text.at[i] <= 'Z' ? (char)(text.at[i] - 'A' + 'a') : text.at[i];
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

struct str addresses_domain(struct str address)
{
    size_t at = address.len;

    while (at > 0 && address.at[at - 1] != '@')
        at--;
    return str_slice(address, at, address.len);
}

/* --- error: ----------------------------------------------------------------------------------- */

/* sendmail/parseaddr.c: a word for the exit status, and the reply that it makes */
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

    if (separator == ':') { /* what Sendmail says where neither word nor code stands there */
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
    size_t blank = str_find(error.text, ' ', 0);
    if (is_status(str_slice(error.text, 0, blank))) {
        error.status = str_slice(error.text, 0, blank);
        error.text = str_trim(str_slice(error.text, blank, error.text.len));
    }
    /* the first digits of code and status must agree for Postfix */
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

/* --- settings that several modules need ------------------------------------------------------- */

void addresses_rewrite_all_headers(struct draft *draft, const struct sendmail_item *item)
{
    if (draft_value(draft, "local_header_rewrite_clients").at != NULL)
        return;
    draft_set(draft, item, "local_header_rewrite_clients", "static:all");
    draft_reason(draft, "local_header_rewrite_clients",
                 "Sendmail rewrites the headers of all mail that it passes on, not only of its "
                 "own clients");
}

void addresses_drop_details(struct draft *draft)
{
    if (draft_value(draft, "propagate_unmatched_extensions").at != NULL)
        return;
    draft_set(draft, NULL, "propagate_unmatched_extensions", "%s", "");
    draft_reason(draft, "propagate_unmatched_extensions",
                 "Sendmail does not carry +detail over into the result of a table");
}

void addresses_begin_destinations(struct draft *draft)
{
    draft_add(draft, NULL, "mydestination", 100, "$myhostname");
    draft_add(draft, NULL, "mydestination", 101, "localhost.$mydomain");
    draft_add(draft, NULL, "mydestination", 102, "localhost");
}
