/*
 * sendmail_parts - what sendmail.c and the files that fill the model share
 */
#ifndef PARSER_SENDMAIL_PARTS_H
#define PARSER_SENDMAIL_PARTS_H

#include "base/map.h"
#include "parser/sendmail/sendmail.h"

/* kept in sendmail.own */
struct sendmail_own {
    struct map defines;          /* the define that holds, by name; built once the items stand */
    struct sendmail_item **also; /* features and defines that are part of another item */
    size_t also_count, also_capacity;
};

/* one more item; its number is set here */
struct sendmail_item *sendmail_add(struct sendmail *sendmail, struct sendmail_item item);

/* a feature or define that is part of what the item of its number says */
void sendmail_also(struct sendmail *sendmail, struct sendmail_item item);

/* the arguments of an item become a copy of these COUNT texts */
void sendmail_set_arguments(struct arena *arena, struct sendmail_item *item,
                            const struct str *texts, size_t count);

/* mc_items.c: adds the items of a macro file */
struct sendmail_mc;
void sendmail_add_mc(struct sendmail *sendmail, const struct sendmail_mc *mc);

/* settle.c: marks the items that have no effect, and fills own->defines.  Anew whenever
   the items have moved */
void sendmail_settle(struct sendmail *sendmail);

/* files.c: all tables that the directives name, and their lines as items; returns
   STR_NONE, or which of them is too large */
struct str sendmail_add_tables(struct sendmail *sendmail);

#endif
