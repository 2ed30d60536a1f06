/*
 * finish - what no module has said: the fates of lines that none decided, the end of the relay list
 */
#include "convert/draft/draft.h"

/* table_of - the table that a line of sendmail.cf names, or NULL */
static const struct sendmail_table *table_of(const struct sendmail *sendmail,
                                             const struct sendmail_item *item)
{
    for (size_t i = 0; i < sendmail->table_count && item->kind == ITEM_CF_LINE; i++)
        if (sendmail->tables[i].from == item)
            return &sendmail->tables[i];
    return NULL;
}

/* finish_table - the K or F line of a table: what counts is the table's lines */
static void finish_table(struct draft *draft, const struct sendmail_item *item,
                         const struct sendmail_table *table)
{
    if (table->source != NULL)
        draft_fate(draft, item, FATE_MAPPED, "each line of %.*s is accounted for by itself",
                   STR_ARG(table->path));
    else if (str_search(table->flags, "-o") < table->flags.len)
        draft_fate(draft, item, FATE_MEANINGLESS, "%.*s may be missing, and is",
                   STR_ARG(table->path));
    else
        draft_open_point(draft, item, "put the file beside the source, and convert again",
                         "%.*s is not there", STR_ARG(table->path));
}

/* finish_item - the fate of what no module has decided */
static void finish_item(struct draft *draft, const struct sendmail_item *item)
{
    if (item->refused != NULL && (item->kind == ITEM_TABLE_LINE || item->overridden)) {
        draft_fate(draft, item, FATE_MEANINGLESS, "Sendmail takes nothing of this line: %s",
                   item->refused);
    } else if (item->overridden && item->by != NULL) {
        draft_fate(draft, item, FATE_MEANINGLESS, "%.*s says otherwise later",
                   STR_ARG(draft_place(draft, item->by)));
    } else if (item->overridden) {
        draft_fate(draft, item, FATE_MEANINGLESS, "it is undefined later");
    } else if (item->stock) {
        draft_fate(draft, item, FATE_ALREADY,
                   "what Sendmail's own files put there; the other lines steer it");
    } else if (table_of(draft->sendmail, item) != NULL) {
        finish_table(draft, item, table_of(draft->sendmail, item));
    } else {
        draft_open_point(draft, item, "look at what it does and carry it over by hand",
                         "nothing handles this yet");
    }
}

/* close_relay - Postfix starts with no list about relaying that lets strangers through: where no
   module ended it, it ends as the default does */
static void close_relay(struct draft *draft)
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
    draft_add(draft, NULL, list, RANK_MYNETWORKS, "permit_mynetworks");
    draft_add(draft, NULL, list, RANK_LAST, "reject_unauth_destination");
}

void draft_finish(struct draft *draft)
{
    close_relay(draft);
    for (size_t i = 0; i < draft->sendmail->count; i++) {
        const struct sendmail_item *item = &draft->sendmail->items[i];
        if (!draft->fates[i].decided)
            finish_item(draft, item);
    }
    draft_join_lists(draft);
}
