/*
 * finish - fates for the lines that no module decided, and the end of smtpd_relay_restrictions
 */
#include "convert/draft/draft.h"

/* find_named_table - the table that a line of sendmail.cf names, or NULL */
static const struct sendmail_table *find_named_table(const struct sendmail *sendmail,
                                                     const struct sendmail_item *item)
{
    for (size_t i = 0; i < sendmail->table_count && item->kind == ITEM_CF_LINE; i++)
        if (sendmail->tables[i].from == item)
            return &sendmail->tables[i];
    return NULL;
}

/* finish_table - the K or F line of a table; its lines have fates of their own */
static void finish_table(struct draft *draft, const struct sendmail_item *item,
                         const struct sendmail_table *table)
{
    if (table->source != NULL)
        draft_fate(draft, item, FATE_MAPPED, "each line of %.*s has its own entry",
                   STR_ARG(table->path));
    else if (str_search(table->flags, "-o") < table->flags.len)
        draft_fate(draft, item, FATE_MEANINGLESS, "%.*s is optional and does not exist",
                   STR_ARG(table->path));
    else
        draft_open_point(draft, item, "put the file next to the source and convert again",
                         "%.*s was not found", STR_ARG(table->path));
}

/* finish_item - the fate of an item that no module decided */
static void finish_item(struct draft *draft, const struct sendmail_item *item)
{
    if (item->refused != NULL && (item->kind == ITEM_TABLE_LINE || item->overridden)) {
        draft_fate(draft, item, FATE_MEANINGLESS, "Sendmail ignores this line: %s", item->refused);
    } else if (item->overridden && item->by != NULL) {
        draft_fate(draft, item, FATE_MEANINGLESS, "overridden at %.*s",
                   STR_ARG(draft_place(draft, item->by)));
    } else if (item->overridden) {
        draft_fate(draft, item, FATE_MEANINGLESS, "undefined later");
    } else if (item->stock) {
        draft_fate(draft, item, FATE_ALREADY,
                   "written by Sendmail's own m4 files; the other lines control it");
    } else if (find_named_table(draft->sendmail, item) != NULL) {
        finish_table(draft, item, find_named_table(draft->sendmail, item));
    } else {
        draft_open_point(draft, item, "find out what it does and convert it by hand",
                         "not converted");
    }
}

/* close_relay_list - where no module ended smtpd_relay_restrictions it ends as Postfix's default
   does; smtpd does not start with a list that lets strangers relay */
static void close_relay_list(struct draft *draft)
{
    static const char list[] = "smtpd_relay_restrictions";
    bool used = false, closed = false;

    for (size_t i = 0; i < draft->part_count; i++)
        if (str_is(draft->parts[i].list, list)) {
            used = true;
            closed = closed || draft->parts[i].rank >= RANK_LAST;
        }
    if (!used || closed)
        return;
    draft_add(draft, NULL, PARAM_SMTPD_RELAY_RESTRICTIONS, RANK_MYNETWORKS, "permit_mynetworks");
    draft_add(draft, NULL, PARAM_SMTPD_RELAY_RESTRICTIONS, RANK_LAST, "reject_unauth_destination");
}

void draft_finish(struct draft *draft)
{
    close_relay_list(draft);
    for (size_t i = 0; i < draft->sendmail->count; i++) {
        const struct sendmail_item *item = &draft->sendmail->items[i];
        if (!draft->fates[i].decided)
            finish_item(draft, item);
    }
    draft_join_lists(draft);
}
