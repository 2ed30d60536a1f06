/*
 * class - Sendmail's classes and their members
 *
 * A class is filled by macros (LOCAL_DOMAIN), C lines, and files (local-host-names).  The members
 * are in source order, each with its item.
 */
#ifndef CONVERT_SENDMAIL_CLASS_H
#define CONVERT_SENDMAIL_CLASS_H

#include "base/map.h"
#include "convert/draft/draft.h"

/* what fills a class; TABLE has the lines of its files (parser/sendmail/sendmail.h) */
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
    struct map words; /* its keys are the members in lower case; the values are not used */
    bool incomplete;  /* one of its files was not found, or Sendmail computes a member at run
                         time */
};

void class_read(const struct draft *draft, const struct class_kind *class_kind,
                struct class_members *members);
/* the names of this host that the source has: class w, localhost, the host's own name */
void class_read_local(const struct draft *draft, struct class_members *members);
bool class_has(const struct class_members *members, struct str name);
/* is NAME or one of its parent domains a member? */
bool class_covers(const struct class_members *members, struct str name);
/*
 * Gives the directives that name files of the class their fate: mapped with TEXT, or an open point
 * if the file was not found.
 */
void class_decide_files(struct draft *draft, const struct class_kind *class_kind, const char *text);

#endif
