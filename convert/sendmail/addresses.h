/*
 * addresses - what the modules about addresses share: lines of tables, names, patterns, errors
 */
#ifndef CONVERT_SENDMAIL_ADDRESSES_H
#define CONVERT_SENDMAIL_ADDRESSES_H

#include "convert/draft/draft.h"

/*
 * The table that a feature or K line names.  False, and an open point, where its lines are not at
 * hand: no file was given, or it is LDAP or the like.
 */
bool addresses_table(struct draft *draft, const char *name);
/* the open point of such a table */
void addresses_open_missing(struct draft *draft, const struct sendmail_table *table);
/* the same where the table is a directory; ITEM: what names it */
void addresses_open_directory(struct draft *draft, const struct sendmail_item *item,
                              const struct sendmail_table *table);
/* the advice of that */
#define ADDRESSES_WRITE_OUT                                                                        \
    "write the directory's entries into a text file (key, blank, value on a line), name that in "  \
    "the macro file instead, and convert again"
/* is it a map type of LDAP: "ldap", "LDAP", "ldap:" */
bool addresses_is_ldap(struct str type);
/* is the table asked for in a directory? */
bool addresses_is_directory(const struct sendmail_table *table);
/* the next line of a table that Sendmail takes */
const struct sendmail_item *addresses_line(const struct draft *draft, const char *table,
                                           const struct sendmail_item *after);

/* the host's own name as the source says it, or STR_NONE: the machine's */
struct str addresses_own_name(const struct draft *draft);

bool addresses_is_host(struct str word); /* could it be a host name: a-z 0-9 - _ and dots inside */
struct str addresses_lower(struct arena *arena, struct str text);
/* TEXT inside a regular expression, and inside the result of one */
void addresses_quote(struct buffer *out, struct str text);
void addresses_quote_result(struct buffer *out, struct str text);
/* BEFORE, then TEXT in lower case as it stands in a regular expression, then BEHIND: "/^", "a.b"
   and
   "$/" are "/^a\\.b$/" */
struct str addresses_pattern(struct arena *arena, const char *before, struct str text,
                             const char *behind);
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
