/*
 * addresses - what the modules about addresses share: classes of names, lines of tables, patterns
 *
 * A class of Sendmail is filled by macros (LOCAL_DOMAIN), C lines, and files (local-host-names).
 * Its members come out in the order of the source, each with the item it stands in.
 */
#ifndef CONVERT_ADDRESSES_ADDRESSES_H
#define CONVERT_ADDRESSES_ADDRESSES_H

#include "convert/draft/draft.h"

/* what fills a class; the table holds the lines of its files (parser/sendmail/sendmail.h) */
struct address_class {
    const char *name, *macro, *file_macro, *table;
};

extern const struct address_class class_local, class_relay, class_masquerade, class_exception,
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

void class_read(const struct draft *draft, const struct address_class *class_kind,
                struct class_members *members);
/* the names that Sendmail takes for its own, as far as they stand in the source: class w,
   localhost, the define of the host's own name */
void class_read_local(const struct draft *draft, struct class_members *members);
bool class_has(const struct class_members *members, struct str name);
/* is NAME, or a domain that it lies in, a member? */
bool class_covers(const struct class_members *members, struct str name);
/* the host's own name as the source says it, or STR_NONE: the machine's */
struct str addresses_own_name(const struct draft *draft);

/*
 * Gives the directives that fill a class their fate: words get none here, files are mapped with
 * TEXT, or an open point where they were not at hand.
 */
void class_decide_files(struct draft *draft, const struct address_class *class_kind,
                        const char *text);
/* is this item one of those that fill the class with words? */
bool class_is_word_item(const struct address_class *class_kind, const struct sendmail_item *item);

/*
 * The table that a feature or K line names.  False, and an open point, where its lines are not at
 * hand: no file was given, or it is LDAP or the like.
 */
bool addresses_table(struct draft *draft, const char *name);
/* the next line of a table that Sendmail takes */
const struct sendmail_item *addresses_line(const struct draft *draft, const char *table,
                                           const struct sendmail_item *after);

/* the same fate for every line that asks for this feature and has none yet; false: none does */
bool addresses_feature(struct draft *draft, const char *name, enum sendmail_fate fate,
                       const char *text);

/* the table of that name if it was made already, else NULL */
struct draft_table *addresses_made_table(const struct draft *draft, const char *name);

bool addresses_is_host(struct str word); /* could it be a host name: a-z 0-9 - _ and dots inside */
struct str addresses_lower(struct arena *arena, struct str text);
/* TEXT inside a regular expression, and inside the result of one */
void addresses_quote(struct buffer *out, struct str text);
void addresses_quote_result(struct buffer *out, struct str text);
/* "key" behind its last "@"; the whole where it has none */
struct str addresses_domain(struct str address);

/*
 * "D.S.N:550 text", "nouser:text", "nouser text", "550 text": what stands behind error: in
 * Sendmail's tables.  SEPARATOR is ':' in mailertable, ' ' in virtusertable.
 */
struct address_error {
    struct str status; /* "5.1.1" */
    struct str code;   /* "550" */
    struct str text;   /* without both */
};
struct address_error addresses_error(struct draft *draft, struct str text, char separator);
/* "error:5.1.1 text", or "retry:4.x.x text" */
struct str addresses_error_transport(struct draft *draft, const struct address_error *error);

/* the rewriting of headers that Sendmail does for mail of any client */
void addresses_rewrite_all_headers(struct draft *draft, const struct sendmail_item *item);
/* the names that mydestination has by itself, before others are added */
void addresses_begin_destinations(struct draft *draft);
/* Sendmail loses "+detail" where a line does not say %2 or %3 */
void addresses_drop_details(struct draft *draft);

#endif
