/*
 * class - the classes of Sendmail, and the names in them
 *
 * A class of Sendmail is filled by macros (LOCAL_DOMAIN), C lines, and files (local-host-names).
 * Its members come out in the order of the source, each with the item it stands in.
 */
#ifndef CONVERT_SENDMAIL_CLASS_H
#define CONVERT_SENDMAIL_CLASS_H

#include "base/map.h"
#include "convert/draft/draft.h"

/* what fills a class; the table holds the lines of its files (parser/sendmail/sendmail.h) */
struct class_kind {
    const char *name, *macro, *file_macro, *table;
};

extern const struct class_kind class_local, class_relay, class_masquerade, class_exception,
    class_exposed, class_generics, class_virtual;

struct class_member {
    struct str word;
    const struct sendmail_item *item;
};

struct class_members {
    struct class_member *at;
    size_t count, capacity;
    struct map words; /* the members are its keys; the values say nothing */
    bool incomplete;  /* a file of it was not at hand, or a word of it is made at run time */
};

void class_read(const struct draft *draft, const struct class_kind *class_kind,
                struct class_members *members);
/* the names that Sendmail takes for its own, as far as they stand in the source: class w,
   localhost, the define of the host's own name */
void class_read_local(const struct draft *draft, struct class_members *members);
bool class_has(const struct class_members *members, struct str name);
/* is NAME, or a domain that it lies in, a member? */
bool class_covers(const struct class_members *members, struct str name);
/*
 * Gives the directives that fill a class their fate: words get none here, files are mapped with
 * TEXT, or an open point where they were not at hand.
 */
void class_decide_files(struct draft *draft, const struct class_kind *class_kind, const char *text);

#endif
