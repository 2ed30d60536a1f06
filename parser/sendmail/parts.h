/*
 * parts - what the files that fill the model share
 */
#ifndef PARSER_SENDMAIL_PARTS_H
#define PARSER_SENDMAIL_PARTS_H

#include "base/map.h"
#include "parser/sendmail/sendmail.h"

/* sendmail.own */
struct sendmail_own {
    struct map defines;          /* the define in effect, by name; set by sendmail_settle() */
    struct sendmail_item **also; /* features and defines that are part of another item */
    size_t also_count, also_capacity;
    struct map files;             /* the tables that were read, by name and path */
    struct sendmail_index *index; /* made by sendmail_next(), once COMPLETE */
    bool complete;                /* no item is added, moved or settled any more */
};

/* adds an item, and sets its number */
struct sendmail_item *sendmail_add(struct sendmail *sendmail, struct sendmail_item item);

/* adds a feature or define that is part of the item with its number */
void sendmail_also(struct sendmail *sendmail, struct sendmail_item item);

/* the arguments of an item become a copy of these COUNT texts */
void sendmail_set_arguments(struct arena *arena, struct sendmail_item *item,
                            const struct str *texts, size_t count);

/* mc_items.c: adds the items of a macro file */
struct sendmail_mc;
void sendmail_add_mc(struct sendmail *sendmail, const struct sendmail_mc *mc);

/* settle.c: marks the items without an effect, and fills own->defines; to be called again whenever
   the items have moved */
void sendmail_settle(struct sendmail *sendmail);

/* files.c: adds all tables that the directives name, and their lines as items; returns STR_NONE, or
   that one is too large */
struct str sendmail_add_tables(struct sendmail *sendmail);

#endif
