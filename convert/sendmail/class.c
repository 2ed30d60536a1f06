#include "convert/sendmail/class.h"

#include "convert/sendmail/addresses.h"
#include "parser/text/token.h"

const struct class_kind class_local = {"w", "LOCAL_DOMAIN", "", "local-host-names"};
const struct class_kind class_relay = {"R", "RELAY_DOMAIN", "RELAY_DOMAIN_FILE", "relay-domains"};
const struct class_kind class_masquerade = {"M", "MASQUERADE_DOMAIN", "MASQUERADE_DOMAIN_FILE",
                                            "MASQUERADE_DOMAIN_FILE"};
const struct class_kind class_exception = {"N", "MASQUERADE_EXCEPTION", "MASQUERADE_EXCEPTION_FILE",
                                           "MASQUERADE_EXCEPTION_FILE"};
const struct class_kind class_exposed = {"E", "EXPOSED_USER", "EXPOSED_USER_FILE",
                                         "EXPOSED_USER_FILE"};
const struct class_kind class_generics = {"G", "GENERICS_DOMAIN", "GENERICS_DOMAIN_FILE",
                                          "GENERICS_DOMAIN_FILE"};
const struct class_kind class_virtual = {"VirtHost", "VIRTUSER_DOMAIN", "VIRTUSER_DOMAIN_FILE",
                                         "VIRTUSER_DOMAIN_FILE"};

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
            word = str_slice(word, str_span(word, 0, "`"), word.len); /* nested quotes */
            if (word.len > 0)
                add_word(draft, members, word, item);
        }
    }
}

static bool is_word_item(const struct class_kind *class_kind, const struct sendmail_item *item)
{
    if (item->kind == ITEM_CLASS)
        return str_is(item->name, class_kind->name);
    return item->kind == ITEM_MACRO && str_is(item->name, class_kind->macro);
}

void class_read(const struct draft *draft, const struct class_kind *class_kind,
                struct class_members *members)
{
    const struct sendmail *sendmail = draft->sendmail;

    *members = (struct class_members){0};
    map_init(&members->words, draft->arena);
    for (size_t i = 0; i < sendmail->count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if (is_word_item(class_kind, item))
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

void class_decide_files(struct draft *draft, const struct class_kind *class_kind, const char *text)
{
    const struct sendmail *sendmail = draft->sendmail;

    for (size_t i = 0; i < sendmail->table_count; i++) {
        const struct sendmail_table *table = &sendmail->tables[i];
        if (!str_is(table->name, class_kind->table) || table->from == NULL)
            continue;
        if (!sendmail_table_is_read(sendmail, table))
            addresses_open_missing(draft, table);
        else
            draft_fate(draft, table->from, FATE_MAPPED, "%s", text);
    }
}
