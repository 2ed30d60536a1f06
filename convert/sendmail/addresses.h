/*
 * addresses - what the modules about addresses share: table lines, names, patterns, errors
 */
#ifndef CONVERT_SENDMAIL_ADDRESSES_H
#define CONVERT_SENDMAIL_ADDRESSES_H

#include "convert/draft/draft.h"

/*
 * Has the table that a feature or K line names been read?  If not (the file was not found, it is
 * LDAP or the like) there is an open point.
 */
bool addresses_table(struct draft *draft, const char *name);
/* the open point for a table that was not read */
void addresses_open_missing(struct draft *draft, const struct sendmail_table *table);
/* the same for a table in an LDAP directory; ITEM: the line that names it */
void addresses_open_directory(struct draft *draft, const struct sendmail_item *item,
                              const struct sendmail_table *table);
/* the advice in that open point */
#define ADDRESSES_WRITE_OUT                                                                        \
    "write the entries of the directory to a text file (one \"key value\" per line), name that "   \
    "file in the macro file instead, and convert again"
/* is it an LDAP map type: "ldap", "LDAP", "ldap:"? */
bool addresses_is_ldap(struct str type);
/* is the table in an LDAP directory? */
bool addresses_is_directory(const struct sendmail_table *table);
/* the next line of a table that is in effect */
const struct sendmail_item *addresses_line(const struct draft *draft, const char *table,
                                           const struct sendmail_item *after);

/* the host's own name as the source sets it; STR_NONE: it does not */
struct str addresses_own_name(const struct draft *draft);

bool addresses_is_host(struct str word); /* only a-z 0-9 - _ and dots, not starting with "." or
                                            "-" */
struct str addresses_lower(struct arena *arena, struct str text);
/* appends TEXT quoted for use in a regular expression, or in its result */
void addresses_quote(struct buffer *out, struct str text);
void addresses_quote_result(struct buffer *out, struct str text);
/* BEFORE, TEXT in lower case and quoted, AFTER: "/^", "a.b" and "$/" are "/^a\.b$/" */
struct str addresses_pattern(struct arena *arena, const char *before, struct str text,
                             const char *after);
/* the part after the last "@"; all of it if there is none */
struct str addresses_domain(struct str address);

/*
 * The value after "error:" in Sendmail's tables: "D.S.N:550 text", "nouser:text", "nouser text",
 * "550 text".  SEPARATOR is ':' in mailertable, ' ' in virtusertable.
 */
struct address_error {
    struct str status; /* "5.1.1" */
    struct str code;   /* "550" */
    struct str text;   /* without status and code */
};
struct address_error addresses_error(struct draft *draft, struct str text, char separator);
/* "error:5.1.1 text", or "retry:4.x.x text" */
struct str addresses_error_transport(struct draft *draft, const struct address_error *error);

/* rewrite the headers of mail from any client, as Sendmail does */
void addresses_rewrite_all_headers(struct draft *draft, const struct sendmail_item *item);
/* the names that are in mydestination by default, before others are added */
void addresses_begin_destinations(struct draft *draft);
/* Sendmail drops "+detail" unless the result has %2 or %3 */
void addresses_drop_details(struct draft *draft);

#endif
