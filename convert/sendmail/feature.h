/*
 * feature - which features are on
 */
#ifndef CONVERT_SENDMAIL_FEATURE_H
#define CONVERT_SENDMAIL_FEATURE_H

#include "convert/draft/draft.h"

bool feature_is_on(const struct draft *draft, const char *name);
/* is the word one of the optional arguments of FEATURE(`access_db', map, ...): skip,
   lookupdotdomain, relaytofulladdress? */
bool feature_access_has(const struct draft *draft, const char *word);
/* is lookupdotdomain on?  Then all tables of smtpd(8) distinguish a domain from its subdomains,
   since parent_domain_matches_subdomains applies to all of them */
bool feature_has_dot_keys(const struct draft *draft);

/* sets the fate of every line with this feature that has none; false if there is no such line */
bool feature_decide(struct draft *draft, const char *name, enum sendmail_fate fate,
                    const char *text);

#endif
