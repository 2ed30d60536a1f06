/* the draft of a Sendmail configuration of texts, and what stands in it */
#ifndef TESTS_UNIT_SENDMAIL_DRAFT_H
#define TESTS_UNIT_SENDMAIL_DRAFT_H

#include "convert/convert.h"
#include "tests/unit/sendmail_text.h"

/* draft_of - the macro file MC and, where it is not NULL, an access table beside it */
static inline struct draft *draft_of(struct arena *arena, const char *mc, const char *access)
{
    const struct sendmail_file files[] = {{"sendmail.mc", mc}, {"access", access}};
    struct sendmail *sendmail = arena_alloc(arena, sizeof *sendmail);
    struct draft *draft = arena_alloc(arena, sizeof *draft);

    sendmail_files(sendmail, arena, files, access != NULL ? 2 : 1);
    draft_init(draft, arena, sendmail, facts_platform(str_of("debian13")));
    convert_sendmail(draft);
    return draft;
}

/* setting - the value in main.cf, without the directory of the tables; "(unset)" */
static inline const char *setting(const struct draft *draft, const char *name)
{
    struct str value = draft_value_named(draft, str_of(name));
    struct buffer out;

    if (value.at == NULL)
        return "(unset)";
    buffer_init(&out, draft->arena);
    for (size_t at = 0; at < value.len;) {
        struct str rest = str_slice(value, at, value.len);
        if (str_starts(rest, "hash:/etc/postfix/"))
            at += strlen("hash:/etc/postfix/");
        else if (str_starts(rest, "/etc/postfix/"))
            at += strlen("/etc/postfix/");
        else
            buffer_add_char(&out, value.at[at++]);
    }
    return arena_cstr(draft->arena, buffer_str(&out));
}

/* entries - the table's lines, "key=value;"; "(no table)" */
static inline const char *entries(const struct draft *draft, const char *name)
{
    struct buffer out;

    for (size_t i = 0; i < draft->table_count; i++) {
        const struct draft_table *table = draft->tables[i];
        if (!str_is(table->name, name))
            continue;
        buffer_init(&out, draft->arena);
        for (size_t j = 0; j < table->count; j++)
            buffer_printf(&out, "%.*s=%.*s;", STR_ARG(table->entries[j].key),
                          STR_ARG(table->entries[j].value));
        return arena_cstr(draft->arena, buffer_str(&out));
    }
    return "(no table)";
}

/* fate_of - of the item of that name whose first argument is FIRST (NULL: any): "mapped" */
static inline const char *fate_of(const struct draft *draft, const char *name, const char *first)
{
    for (size_t i = 0; i < draft->sendmail->count; i++) {
        const struct sendmail_item *item = &draft->sendmail->items[i];
        if (str_is(item->name, name) &&
            (first == NULL || str_is(sendmail_argument(item, 0), first)))
            return sendmail_fate_name(draft->fates[i].fate);
    }
    return "(no item)";
}

#endif
